import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  FactReading,
  FactRequest,
  FactSource,
} from '@switchyard/backstage-plugin-runs-node';
import {
  ApplicationRow,
  consentOf,
  FleetReader,
  guestsOf,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { ClaimIndex } from './ClaimIndex';
import { findApplications } from './consentSource';
import { Guest, GuestCache } from './GuestCache';

/** A card may miss for a while what has just been registered in the catalog. */
const CARD_MAX_AGE_MS = 60_000;
/** Before an effect it has to be true now. */
const PLAN_MAX_AGE_MS = 3_000;
/** For cards, which Applications a group's entities name is worked out once for all that ask within this time. */
const INDEX_MAX_AGE_MS = 5_000;

/**
 * Which other entities deploy the Applications that an action would touch: those that name one too and have its consent. The catalog is asked only
 * where an Application may agree to anybody else.
 */
export function createSharedTargetSource(options: {
  fleet: FleetReader;
  config: SwitchyardConfig;
  cache: GuestCache;
  actions: readonly string[];
}): FactSource {
  const { fleet, config, cache, actions } = options;
  const index = new ClaimIndex(fleet);
  return {
    id: 'shared-targets',
    actions,
    async read(request: FactRequest): Promise<FactReading> {
      const { applications } = findApplications(request, fleet, config);
      const entityRef = stringifyEntityRef(request.entity);
      const maxAgeMs = request.plan ? PLAN_MAX_AGE_MS : CARD_MAX_AGE_MS;
      const times = [Date.now()];
      // One for all Applications of the question.
      const namedBy = index.lookUp(request.plan ? 0 : INDEX_MAX_AGE_MS);
      try {
        const facts = await Promise.all(
          applications.map(async application => {
            const readings = await Promise.all(
              findOthers(entityRef, application, config).map(guest =>
                cache.read(guest, { maxAgeMs, signal: request.signal }),
              ),
            );
            times.push(...readings.map(({ at }) => at));
            const sharers = readings
              .flatMap(({ value }) => namedBy(value, application))
              .filter(
                entity =>
                  consentOf(
                    entity,
                    { type: 'application', application },
                    config,
                  ).given,
              )
              .map(stringifyEntityRef);
            return [...new Set(sharers)]
              .filter(ref => ref !== entityRef)
              .map(ref => ({
                type: 'shared-target' as const,
                ref: `Application ${application.namespace}/${application.name}`,
                entityRef: ref,
              }));
          }),
        );
        return {
          state: 'read',
          asOf: new Date(Math.min(...times)).toISOString(),
          facts: facts.flat(),
        };
      } catch (error) {
        if (request.signal.aborted) throw error;
        return { state: 'not-readable', why: (error as Error).message };
      }
    },
  };
}

function findOthers(
  entityRef: string,
  application: ApplicationRow,
  config: SwitchyardConfig,
): Guest[] {
  const { entities, owners } = guestsOf(application, config);
  return [
    ...entities.filter(ref => ref !== entityRef).map(entity => ({ entity })),
    ...owners.map(owner => ({ owner })),
  ];
}
