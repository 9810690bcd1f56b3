import {
  Entity,
  RELATION_OWNED_BY,
  RELATION_PART_OF,
} from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import {
  RecordBucket,
  RecordReport,
} from '@switchyard/backstage-plugin-runs-common';
import { createHash } from 'node:crypto';
import { Caller } from '../service/Caller';
import { TargetAuthorizer } from '../service/TargetAuthorizer';
import { CallOptions } from '../service/types';
import { RecordConfig } from './readRecord';
import { RecordedRun, RecordStore, RecordTable } from './RecordStore';

/** Numbers may be as old as that. */
const CACHE_MS = 30_000;
const MAX_CACHED = 200;
const MAX_COMPONENTS = 50;
const EXPORT_PAGE = 1_000;
const DAY_MS = 24 * 60 * 60_000;
/** Until then a point is a day, and until then a week. */
const DAYS_BY_DAY = 31;
const DAYS_BY_WEEK = 400;

/** What a person wants to know of the record. */
export interface RecordQuestion {
  entityRef?: string;
  /** Entity ref of a system: those that are part of it. */
  system?: string;
  /** Entity ref of a group: those that it owns. */
  team?: string;
  environment?: string;
  action?: string;
  from: Date;
  to: Date;
  /** Default: what suits the period. */
  by?: RecordBucket;
}

/** How deploys went, as people may know it. */
export interface RecordService {
  /** @throws NotAllowedError */
  report(question: RecordQuestion, options: CallOptions): Promise<RecordReport>;
  /** The runs behind the numbers, newest first, in pieces. @throws NotAllowedError before the first piece */
  export(
    question: RecordQuestion,
    options: CallOptions,
  ): Promise<AsyncIterable<RecordedRun[]>>;
  /** By how much a run was faster than by hand, in milliseconds. */
  savedMs(run: RecordedRun): number;
}

/** Counts the runs of what a person may see in the catalog, where the person may see runs. */
export class AuthorizedRecordService implements RecordService {
  static create(options: {
    store: RecordStore;
    authorizer: TargetAuthorizer;
    config: RecordConfig;
  }): AuthorizedRecordService {
    return new AuthorizedRecordService(options);
  }

  readonly #store: RecordStore;
  readonly #authorizer: TargetAuthorizer;
  readonly #config: RecordConfig;
  readonly #cache = new Map<
    string,
    { at: number; table: Promise<RecordTable> }
  >();

  private constructor(options: {
    store: RecordStore;
    authorizer: TargetAuthorizer;
    config: RecordConfig;
  }) {
    this.#store = options.store;
    this.#authorizer = options.authorizer;
    this.#config = options.config;
  }

  async report(
    question: RecordQuestion,
    { caller }: CallOptions,
  ): Promise<RecordReport> {
    const seen = await this.#look(caller);
    const entityRefs = choose(seen, question);
    const { from, to, environment, action } = question;
    const by = question.by ?? suitable(question);
    const { total, buckets, components, actions } = await this.#count(
      { from, to, environment, action, entityRefs },
      by,
    );
    return {
      from: from.toISOString(),
      to: to.toISOString(),
      asOf: new Date().toISOString(),
      by,
      total,
      series: buckets.map(({ at, ...numbers }) => ({
        at: at.toISOString(),
        ...numbers,
      })),
      components: components.slice(0, MAX_COMPONENTS),
      actions,
      choices: {
        components: [...seen.keys()].sort(),
        systems: targetsOf(seen, RELATION_PART_OF, 'system:'),
        teams: targetsOf(seen, RELATION_OWNED_BY, 'group:'),
      },
      manual: this.#config.manual,
    };
  }

  async export(
    question: RecordQuestion,
    { caller }: CallOptions,
  ): Promise<AsyncIterable<RecordedRun[]>> {
    const entityRefs = choose(await this.#look(caller), question);
    return this.#readAll({ ...question, entityRefs });
  }

  savedMs({ outcome, action, startedAt, finishedAt }: RecordedRun): number {
    if (outcome !== 'succeeded' || !startedAt) return 0;
    const { defaultMs, actionsMs } = this.#config.manual;
    const took = finishedAt.getTime() - startedAt.getTime();
    return Math.max(0, (actionsMs[action] ?? defaultMs) - took);
  }

  async *#readAll(
    selection: Parameters<RecordStore['list']>[0],
  ): AsyncIterable<RecordedRun[]> {
    let before: RecordedRun | undefined;
    for (;;) {
      const page: RecordedRun[] = await this.#store.list(selection, {
        limit: EXPORT_PAGE,
        before,
      });
      yield page;
      if (page.length < EXPORT_PAGE) return;
      before = page[page.length - 1];
    }
  }

  /** Those who may see the same share the numbers. */
  #count(
    selection: Parameters<RecordStore['count']>[0],
    by: RecordBucket,
  ): Promise<RecordTable> {
    const key = createHash('sha256')
      .update(JSON.stringify([selection, by]))
      .digest('hex');
    const known = this.#cache.get(key);
    if (known && Date.now() - known.at < CACHE_MS) return known.table;
    const table = this.#store.count(selection, this.#config, by);
    table.catch(() => this.#cache.delete(key));
    this.#cache.delete(key);
    this.#cache.set(key, { at: Date.now(), table });
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(oldest);
    return table;
  }

  /** What there is a record of, as far as the person may see it. */
  async #look(caller: Caller): Promise<Map<string, Entity>> {
    const [decisions, refs] = await Promise.all([
      this.#authorizer.decide(caller.credentials),
      this.#store.listEntities(),
    ]);
    if (!decisions.mayRead)
      throw new NotAllowedError('You may not see the record of runs');
    return caller.relationsOf(refs);
  }
}

function choose(
  seen: Map<string, Entity>,
  { entityRef, system, team }: RecordQuestion,
): string[] {
  return [...seen]
    .filter(
      ([ref, entity]) =>
        (entityRef === undefined || ref === entityRef) &&
        (system === undefined || has(entity, RELATION_PART_OF, system)) &&
        (team === undefined || has(entity, RELATION_OWNED_BY, team)),
    )
    .map(([ref]) => ref)
    .sort();
}

function has(entity: Entity, type: string, target: string): boolean {
  return (entity.relations ?? []).some(
    relation =>
      relation.type === type &&
      relation.targetRef.toLocaleLowerCase('en-US') === target,
  );
}

function targetsOf(
  seen: Map<string, Entity>,
  type: string,
  prefix: string,
): string[] {
  const targets = [...seen.values()].flatMap(({ relations }) =>
    (relations ?? []).flatMap(relation => {
      const ref = relation.targetRef.toLocaleLowerCase('en-US');
      return relation.type === type && ref.startsWith(prefix) ? [ref] : [];
    }),
  );
  return [...new Set(targets)].sort();
}

function suitable({ from, to }: RecordQuestion): RecordBucket {
  const days = (to.getTime() - from.getTime()) / DAY_MS;
  if (days <= DAYS_BY_DAY) return 'day';
  return days <= DAYS_BY_WEEK ? 'week' : 'month';
}
