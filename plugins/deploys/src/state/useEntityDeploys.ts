import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useApi, useApiHolder } from '@backstage/core-plugin-api';
import { SignalApi, signalApiRef } from '@backstage/plugin-signals-react';
import { useCallback, useEffect, useMemo, useReducer } from 'react';
import { DeploysApi, deploysApiRef } from '../api';
import {
  EntityDeploysQuery,
  EntityDeploysSnapshot,
} from './EntityDeploysQuery';

/** Entities nobody looks at any more whose state is kept, so that going back to a page shows it at once. */
const MAX_IDLE_QUERIES = 10;

/**
 * What {@link useEntityDeploys} gives: a snapshot, and the way to read again now.
 *
 * @public
 */
export interface EntityDeploys extends EntityDeploysSnapshot {
  retry(): Promise<void>;
}

/**
 * What clusters and Argo CD say about an entity, kept fresh. All cards of a page that ask for the same entity share one request.
 *
 * @param entityRef - a full entity ref such as `component:default/orders`
 * @public
 */
export function useEntityDeploys(entityRef: string): EntityDeploys {
  const deploysApi = useApi(deploysApiRef);
  const signals = useApiHolder().get(signalApiRef);
  const ref = stringifyEntityRef(parseEntityRef(entityRef));
  const query = useMemo(
    () => getQuery(deploysApi, ref, signals),
    [deploysApi, ref, signals],
  );
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => query.subscribe(render), [query]);
  const retry = useCallback(() => query.refresh(), [query]);
  return { ...query.snapshot, retry };
}

/** Queries by API instance: they go when it goes. */
const queriesByApi = new WeakMap<DeploysApi, Map<string, EntityDeploysQuery>>();

function getQuery(
  deploysApi: DeploysApi,
  entityRef: string,
  signals: SignalApi | undefined,
): EntityDeploysQuery {
  let queries = queriesByApi.get(deploysApi);
  if (!queries) {
    queries = new Map();
    queriesByApi.set(deploysApi, queries);
  }
  const existing = queries.get(entityRef);
  if (existing) return existing;
  const idle = [...queries].filter(([, query]) => query.isIdle);
  for (const [key] of idle.slice(
    0,
    Math.max(0, idle.length - MAX_IDLE_QUERIES),
  ))
    queries.delete(key);
  const query = new EntityDeploysQuery({
    load: () => deploysApi.getEntityState(entityRef),
    signals,
  });
  queries.set(entityRef, query);
  return query;
}
