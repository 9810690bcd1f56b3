import { useApiHolder } from '@backstage/core-plugin-api';
import { signalApiRef } from '@backstage/plugin-signals-react';
import { useCallback, useEffect, useMemo, useReducer } from 'react';
import { LiveQueries } from './LiveQueries';
import { LiveQueryOptions, LiveSnapshot } from './LiveQuery';

/**
 * What a hook over a live query gives: the last value stays while a newer one is fetched or cannot be had.
 *
 * @public
 */
export interface LiveState<T> {
  value?: T;
  /** Why the last attempt failed. A value beside it is older than that. */
  error?: Error;
  /** True only while nothing is known yet. */
  loading: boolean;
  /** When the backend last said that this is the value, by the browser's clock, in milliseconds. */
  checkedAt?: number;
  /** Reads again now; resolves when the answer is on the screen. */
  retry(): Promise<void>;
}

/**
 * A value that the components of a page share and one request keeps fresh, the query of `key` that belongs to `owner`, an API instance. One
 * key always means one type and the same options, whoever passes them.
 *
 * @public
 */
export function useLiveQuery<T>(
  owner: object,
  key: string,
  options: LiveQueryOptions<T>,
): LiveState<T> {
  const signals = useApiHolder().get(signalApiRef);
  const query = useMemo(
    () => LiveQueries.of(owner).get<T>(key, options, signals),
    // The options mean the same for one key.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [owner, key, signals],
  );
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => query.subscribe(render), [query]);
  const retry = useCallback(() => query.refresh(), [query]);
  const snapshot: LiveSnapshot<T> = query.snapshot;
  return { ...snapshot, retry };
}
