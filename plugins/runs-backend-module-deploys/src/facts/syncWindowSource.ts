import {
  FactReading,
  FactRequest,
  FactSource,
  SyncWindowFact,
} from '@switchyard/backstage-plugin-runs-node';
import {
  ApplicationRef,
  ApplicationRow,
  ApplicationSyncWindows,
  FleetReader,
  FleetService,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { judgeWindows } from '../argocd/describeOperation';
import { findApplications, keyOf } from './consentSource';
import { ReadingCache, ReadingTimes } from './ReadingCache';

/** A card may show what was true a minute ago; its own refreshing makes that seldom. */
const CARD_MAX_AGE_MS = 60_000;
/** Right before an effect it has to be true now. */
const PLAN_MAX_AGE_MS = 3_000;

/** What Argo CD last said about the windows of the Applications that are looked at. */
export type SyncWindowCache = ReadingCache<
  ApplicationInProject,
  ApplicationSyncWindows
>;

type ApplicationInProject = ApplicationRef & { project: string };

export function createSyncWindowCache(options: {
  fleet: Pick<FleetService, 'argo'>;
  times?: Partial<ReadingTimes>;
}): SyncWindowCache {
  return ReadingCache.create({
    system: 'Argo CD',
    identify: keyOf,
    ask: (
      { instance, namespace, name, project }: ApplicationInProject,
      { signal },
    ) =>
      options.fleet
        .argo(instance)
        .syncWindows({ namespace, name, project }, { signal }),
    times: options.times,
  });
}

/**
 * Whether Argo CD's sync windows let the Applications be synced now. Where auto-sync is on they are asked about before the push: it is what starts the sync.
 */
export function createSyncWindowSource(options: {
  fleet: FleetReader;
  config: SwitchyardConfig;
  cache: SyncWindowCache;
  actions: readonly string[];
}): FactSource {
  const { fleet, config, cache, actions } = options;
  return {
    id: 'sync-windows',
    actions,
    async read(request: FactRequest): Promise<FactReading> {
      const { applications } = findApplications(request, fleet, config);
      const maxAgeMs = request.plan ? PLAN_MAX_AGE_MS : CARD_MAX_AGE_MS;
      const times = [Date.now()];
      try {
        const facts = await Promise.all(
          applications.map(async application => {
            const { value, at } = await cache.read(application, {
              maxAgeMs,
              signal: request.signal,
            });
            times.push(at);
            return toFact(
              application,
              judgeWindows(
                value,
                application.autoSync.enabled ? 'automation' : 'hand',
              ),
            );
          }),
        );
        return {
          state: 'read',
          asOf: new Date(Math.min(...times)).toISOString(),
          facts,
        };
      } catch (error) {
        if (request.signal.aborted) throw error;
        return { state: 'not-readable', why: (error as Error).message };
      }
    },
  };
}

function toFact(
  { namespace, name, project }: ApplicationRow,
  verdict: { open: boolean; why: string },
): SyncWindowFact {
  return {
    type: 'sync-window',
    ref: `Application ${namespace}/${name}`,
    open: verdict.open,
    why: verdict.open ? verdict.why : `${verdict.why} in project ${project}`,
  };
}
