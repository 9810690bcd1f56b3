import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { TargetDeployment } from '@switchyard/fleet-node';
import { LogsRequest } from './types';

/**
 * The container whose log is to be read, if the pod is the entity's and agrees.
 *
 * @throws NotFoundError when the pod is none of the entity's, or there is no such container; NotAllowedError without consent; InputError
 *   when several containers could be meant
 */
export function findPod(
  deployments: readonly TargetDeployment[],
  request: Pick<LogsRequest, 'cluster' | 'namespace' | 'pod' | 'container'>,
): string {
  const candidates = deployments
    .flatMap(({ workloads }) => workloads)
    .flatMap(({ consent, pods }) => pods.map(pod => ({ consent, pod })));
  const found = candidates.find(
    ({ pod: { row } }) =>
      row.cluster === request.cluster &&
      row.namespace === request.namespace &&
      row.name === request.pod,
  );
  if (!found) {
    throw new NotFoundError(
      `This entity has no pod ${request.namespace}/${request.pod} in cluster ${request.cluster}`,
    );
  }
  if (!found.consent.given) throw new NotAllowedError(found.consent.why);

  const { row, image } = found.pod;
  const names = row.containers.map(({ name }) => name);
  if (request.container === undefined) {
    const main = row.containers.filter(({ kind }) => kind === 'container');
    const name =
      image?.container ?? (main.length === 1 ? main[0].name : undefined);
    if (name === undefined) {
      throw new InputError(
        `The pod has several containers; say which one: ${names.join(', ')}`,
      );
    }
    return name;
  }
  if (!names.includes(request.container)) {
    throw new NotFoundError(
      `The pod has no container ${request.container}; it has ${names.join(
        ', ',
      )}`,
    );
  }
  return request.container;
}
