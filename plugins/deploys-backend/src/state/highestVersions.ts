import {
  EntityDeploysState,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import { ApplicationRef, FleetReader } from '@switchyard/fleet-node';
import { argoSourceId, clusterSourceId } from './sources';

/** Kinds of which the state shows something. */
const SHOWN_KINDS = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Rollout',
  'AnalysisRun',
  'Job',
  'Pod',
]);

/**
 * How far each source had come: of a cluster and kind the highest version that was seen of any object (of those shown alone it would fall when
 * one is deleted), of Argo CD, which has no such word, that of each full Application that is kept.
 */
export function highestVersions(options: {
  sources: readonly SourceState[];
  applications: ReadonlyArray<{
    ref: ApplicationRef;
    resourceVersion?: string;
  }>;
  fleet: Pick<FleetReader, 'clusters'>;
}): EntityDeploysState['versions'] {
  const { sources, applications, fleet } = options;
  const used = new Set(sources.map(({ id }) => id));
  const versions: Record<string, string> = {};
  for (const { name, kinds } of fleet.clusters()) {
    const id = clusterSourceId(name);
    if (!used.has(id)) continue;
    for (const { kind, resourceVersion } of kinds) {
      if (resourceVersion && SHOWN_KINDS.has(kind)) {
        versions[`${id}/${kind}`] = resourceVersion;
      }
    }
  }
  for (const { ref, resourceVersion } of applications) {
    if (resourceVersion) {
      const key = `${argoSourceId(ref.instance)}/${ref.namespace}.${ref.name}`;
      versions[key] = resourceVersion;
    }
  }
  return versions;
}

/** When the live source that was silent longest was last heard of; now, where none is live. */
export function oldestWord(
  sources: readonly SourceState[],
  fleet: Pick<FleetReader, 'clusters' | 'argoInstances'>,
  now: Date,
): string {
  const live = new Set(
    sources.flatMap(({ id, state }) => (state === 'live' ? [id] : [])),
  );
  const words = [
    ...fleet
      .clusters()
      .map(({ name, asOf }) => ({ id: clusterSourceId(name), asOf })),
    ...fleet
      .argoInstances()
      .map(({ name, asOf }) => ({ id: argoSourceId(name), asOf })),
  ].flatMap(({ id, asOf }) => (live.has(id) && asOf ? [asOf] : []));
  return words.sort()[0] ?? now.toISOString();
}
