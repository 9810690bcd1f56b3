import {
  ClusterDetails,
  CustomResource,
  ObjectToFetch,
} from '@backstage/plugin-kubernetes-node';
import { ResourceName } from '@switchyard/fleet-node';

/**
 * What the standard tab shows and changes seldom or is small. Limit ranges, quotas and volumes are not worth a watch of their own in every
 * cluster; ConfigMaps and Secrets are never held.
 */
const TAB_TYPES = new Set([
  'services',
  'ingresses',
  'horizontalpodautoscalers',
]);

/**
 * The kinds that the fleet shall watch in a cluster besides those that it always does: the custom resources of the Kubernetes plugin's
 * configuration, and what the standard tab shows where the fleet answers it.
 *
 * @internal
 */
export function watchedResources(
  cluster: ClusterDetails,
  options: {
    customResources: readonly CustomResource[];
    objectTypesToFetch: readonly ObjectToFetch[];
    answersTab: boolean;
  },
): ResourceName[] {
  const { customResources, objectTypesToFetch, answersTab } = options;
  const ofTab = answersTab
    ? objectTypesToFetch.filter(({ objectType }) => TAB_TYPES.has(objectType))
    : [];
  return [...ofTab, ...(cluster.customResources ?? customResources)].map(
    ({ group, apiVersion, plural }) => ({
      group,
      version: apiVersion,
      plural,
    }),
  );
}
