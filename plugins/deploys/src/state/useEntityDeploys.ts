import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/core-plugin-api';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import {
  LiveState,
  useLiveQuery,
} from '@switchyard/backstage-plugin-runs-react';
import { deploysApiRef } from '../api';
import { entityDeploysQuery } from './entityDeploysQuery';

/**
 * What clusters and Argo CD say about an entity, kept fresh. All cards of a page that ask for the same entity share one request.
 *
 * @param entityRef - a full entity ref such as `component:default/orders`
 * @public
 */
export function useEntityDeploys(
  entityRef: string,
): LiveState<EntityDeploysState> {
  const deploysApi = useApi(deploysApiRef);
  const ref = stringifyEntityRef(parseEntityRef(entityRef));
  return useLiveQuery(
    deploysApi,
    `entity:${ref}`,
    entityDeploysQuery(deploysApi, ref),
  );
}
