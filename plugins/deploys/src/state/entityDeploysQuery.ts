import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import { LiveQueryOptions } from '@switchyard/backstage-plugin-runs-react';
import { DeploysApi } from '../api';
import { mergeState } from './mergeState';

/** How the state of an entity is read and kept fresh. */
export function entityDeploysQuery(
  deploysApi: DeploysApi,
  entityRef: string,
): LiveQueryOptions<EntityDeploysState> {
  return {
    load: options => deploysApi.getEntityState(entityRef, options),
    describe: state => state,
    isBusy,
    merge: mergeState,
  };
}

/** Whether more changes are on their way. */
function isBusy(state: EntityDeploysState): boolean {
  return (
    state.summary.tone === 'progressing' ||
    state.sources.some(source => source.state === 'connecting') ||
    state.deployments.some(
      row =>
        row.application?.operation?.phase === 'Running' ||
        row.application?.health === 'Progressing',
    )
  );
}
