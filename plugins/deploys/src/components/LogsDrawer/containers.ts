import { PodContainerState } from '@switchyard/backstage-plugin-deploys-common';

/** The container that a person most likely wants: one that is in trouble, else the first of the pod's own. */
export function defaultContainer(
  containers: readonly PodContainerState[],
): string | undefined {
  const own = containers.filter(each => each.kind === 'container');
  const failedInit = containers.find(
    each => each.kind === 'init' && !each.ready && each.restarts > 0,
  );
  const broken = own.find(each => !each.ready && each.restarts > 0);
  return (failedInit ?? broken ?? own[0] ?? containers[0])?.name;
}
