import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { TargetDeployment, TargetPod } from '@switchyard/fleet-node';
import { LogsPlace, PodRequest } from './types';

/**
 * The container whose log is to be read and where it runs, if the pod is the entity's and agrees. `check` is asked about the place first.
 *
 * @throws NotFoundError when the pod is none of the entity's, or there is no such container; NotAllowedError without consent; InputError
 *   when several containers could be meant
 */
export function findPod(
  deployments: readonly TargetDeployment[],
  request: Pick<PodRequest, 'cluster' | 'namespace' | 'pod' | 'container'>,
  check: (place: LogsPlace) => void,
): LogsPlace & { container: string } {
  const candidates = deployments.flatMap(
    ({ environment, workloads, endedJobs }) =>
      [...workloads, ...endedJobs].flatMap(({ consent, pods }) =>
        pods.map(pod => ({ environment, consent, pod })),
      ),
  );
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
  const place = { environment: found.environment, cluster: request.cluster };
  check(place);
  if (!found.consent.given) throw new NotAllowedError(found.consent.why);

  return {
    ...place,
    container: chooseContainer(found.pod, request.container),
  };
}

function chooseContainer(
  { row, image }: TargetPod,
  wanted: string | undefined,
): string {
  const names = row.containers.map(({ name }) => name);
  if (wanted === undefined) {
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
  if (!names.includes(wanted)) {
    throw new NotFoundError(
      `The pod has no container ${wanted}; it has ${names.join(', ')}`,
    );
  }
  return wanted;
}
