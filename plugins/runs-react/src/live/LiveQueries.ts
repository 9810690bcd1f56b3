import { SignalApi } from '@backstage/plugin-signals-react';
import { LiveQuery, LiveQueryOptions } from './LiveQuery';

/** Queries nobody listens to any more that are kept, so that going back to a page shows its last state at once. */
const MAX_IDLE_QUERIES = 20;

/**
 * The live queries of one API, by key: however many cards of a page ask for the same thing, there is one request.
 */
export class LiveQueries {
  static readonly #byOwner = new WeakMap<object, LiveQueries>();
  readonly #queries = new Map<string, LiveQuery<unknown>>();

  /** The queries that belong to `owner`, an API instance; they go when it goes. */
  static of(owner: object): LiveQueries {
    let queries = LiveQueries.#byOwner.get(owner);
    if (!queries) {
      queries = new LiveQueries();
      LiveQueries.#byOwner.set(owner, queries);
    }
    return queries;
  }

  /** The query of `key`, made with `options` when there is none yet. One key must always mean one type. */
  get<T>(
    key: string,
    options: LiveQueryOptions<T>,
    signals: SignalApi | undefined,
  ): LiveQuery<T> {
    const existing = this.#queries.get(key);
    if (existing) return existing as LiveQuery<T>;
    this.#dropIdle();
    const query = new LiveQuery(options, signals);
    this.#queries.set(key, query as LiveQuery<unknown>);
    return query;
  }

  #dropIdle() {
    const idle = [...this.#queries].filter(([, query]) => query.isIdle);
    for (const [key] of idle.slice(
      0,
      Math.max(0, idle.length - MAX_IDLE_QUERIES),
    ))
      this.#queries.delete(key);
  }
}
