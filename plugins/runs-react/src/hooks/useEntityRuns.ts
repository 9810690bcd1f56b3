import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/core-plugin-api';
import { EntityRunsState } from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '../api';
import { LiveState, useLiveQuery } from '../live/useLiveQuery';

/**
 * Runs, locks and actions of an entity, kept fresh. All components of a page that ask for the same entity share one request.
 *
 * @param entityRef - a full entity ref such as `component:default/orders`
 * @public
 */
export function useEntityRuns(entityRef: string): LiveState<EntityRunsState> {
  const runsApi = useApi(runsApiRef);
  const ref = stringifyEntityRef(parseEntityRef(entityRef));
  return useLiveQuery<EntityRunsState>(runsApi, `entity:${ref}`, {
    load: () => runsApi.getEntityState(ref),
    describe: state => ({
      channel: state.channel,
      hash: state.hash,
      changesAt: endsOf(state),
    }),
    isBusy: state => state.active.length > 0,
  });
}

/** Locks and blockers end by themselves, and nothing rings then. */
function endsOf(state: EntityRunsState): string[] {
  const blockers = state.actions.flatMap(action => action.blockers);
  return [
    ...state.locks.flatMap(lock => [
      lock.nextStart,
      lock.nextEnd,
      lock.expiresAt,
    ]),
    ...blockers.map(blocker => blocker.until),
  ].filter((at): at is string => at !== undefined);
}
