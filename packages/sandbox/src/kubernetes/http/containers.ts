import { badRequest } from '../ApiError';
import { Json } from '../json';
import { KubernetesObject } from '../types';

/** The status of one of a pod's containers. */
export function statusOf(
  pod: KubernetesObject,
  container: string,
): Json | undefined {
  return [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.ephemeralContainerStatuses ?? []),
  ].find(status => status.name === container);
}

/**
 * The container that a request for a pod's log, or for a process in it, is about.
 *
 * @throws ApiError when there is none of that name, or when there are several and none was named
 */
export function containerNameIn(
  pod: KubernetesObject,
  asked: string | null,
): string {
  const main: string[] = pod.spec.containers.map((each: Json) => each.name);
  const init: string[] = (pod.spec.initContainers ?? []).map(
    (each: Json) => each.name,
  );
  const { name } = pod.metadata;
  if (asked) {
    const isEphemeral = (pod.spec.ephemeralContainers ?? []).some(
      (each: Json) => each.name === asked,
    );
    if (!main.includes(asked) && !init.includes(asked) && !isEphemeral) {
      throw badRequest(`container ${asked} is not valid for pod ${name}`);
    }
    return asked;
  }
  if (main.length > 1) {
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${main.join(
        ' ',
      )}]${
        init.length > 0
          ? ` or one of the init containers: [${init.join(' ')}]`
          : ''
      }`,
    );
  }
  return main[0];
}
