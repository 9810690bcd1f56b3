import {
  RecordBucket,
  RecordNumbers,
} from '@switchyard/backstage-plugin-runs-common';
import { Pool } from 'pg';
import { createInSchema } from '../database/schemaNames';

/** Runs whose times are sorted at most. */
const MAX_SORTED = 50_000;
/** What SQL's grouping() says: which of bucket, entity and kind are not what a row is about. */
const WHOLE = 7;
const BY_BUCKET = 3;
const BY_ENTITY = 5;
const BY_KIND = 6;

/** Which runs count. */
export interface RecordSelection {
  from: Date;
  /** Not included. */
  to: Date;
  /** Those of these entities only. */
  entityRefs: string[];
  environment?: string;
  action?: string;
}

/** How numbers are made of runs. */
export interface RecordRules {
  rollbacks: string[];
  manual: { defaultMs: number; actionsMs: Record<string, number> };
}

/** Numbers of a selection, as a whole and by each of its parts. */
export interface RecordTable {
  total: RecordNumbers;
  buckets: Array<{ at: Date } & RecordNumbers>;
  components: Array<{ entityRef: string } & RecordNumbers>;
  actions: Array<{ action: string } & RecordNumbers>;
}

/** A run that has ended. */
export interface RecordedRun {
  id: string;
  number: number;
  title: string;
  entityRef: string;
  environment: string;
  action: string;
  outcome: string;
  requestedBy: string;
  requestedAt: Date;
  startedAt?: Date;
  finishedAt: Date;
  committedAt?: Date;
  /** `finishedAt` as the database writes it, for the next page. */
  place: string;
}

/** The record of runs that have ended, on PostgreSQL. */
export class RecordStore {
  readonly #pool: Pool;
  readonly #record: string;

  constructor(options: { pool: Pool; schema: string }) {
    this.#pool = options.pool;
    this.#record = createInSchema(options.schema)('run_record');
  }

  /** All entities of which there is a record: one look into the index per entity, however many runs there are. */
  async listEntities(): Promise<string[]> {
    const { rows } = await this.#pool.query({
      name: 'runs_record_entities',
      text: `
        WITH RECURSIVE found AS (
          (SELECT entity_ref FROM ${this.#record} ORDER BY entity_ref LIMIT 1)
          UNION ALL
          SELECT (SELECT r.entity_ref FROM ${
            this.#record
          } r WHERE r.entity_ref > found.entity_ref ORDER BY r.entity_ref LIMIT 1)
          FROM found WHERE found.entity_ref IS NOT NULL
        )
        SELECT entity_ref FROM found WHERE entity_ref IS NOT NULL`,
    });
    return rows.map(row => row.entity_ref);
  }

  async count(
    selection: RecordSelection,
    rules: RecordRules,
    by: RecordBucket,
  ): Promise<RecordTable> {
    const counts = await this.#countParts(selection, rules, by);
    const [total] = counts.filter(row => row.part === WHOLE);
    // Counted in one pass, however many there are; sorting them all would take seconds, and an even part of them says the same.
    const every = Math.max(1, Math.ceil(Number(total.succeeded) / MAX_SORTED));
    const times = await this.#timeParts(selection, by, every);
    const timesOf = new Map(times.map(row => [keyOf(row), row]));
    const parts = (part: number) =>
      counts
        .filter(row => row.part === part)
        .map(row => ({
          row,
          numbers: toNumbers(row, timesOf.get(keyOf(row))),
        }));
    return {
      total: toNumbers(total, timesOf.get(keyOf(total))),
      buckets: parts(BY_BUCKET).map(({ row, numbers }) => ({
        at: row.bucket,
        ...numbers,
      })),
      components: parts(BY_ENTITY).map(({ row, numbers }) => ({
        entityRef: row.entity_ref,
        ...numbers,
      })),
      actions: parts(BY_KIND).map(({ row, numbers }) => ({
        action: row.kind,
        ...numbers,
      })),
    };
  }

  async #countParts(
    selection: RecordSelection,
    rules: RecordRules,
    by: RecordBucket,
  ): Promise<any[]> {
    const values: unknown[] = [];
    const put = (value: unknown) => `$${values.push(value)}`;
    const { rows } = await this.#pool.query({
      // Planned anew: a few entities are found in another way than all of them.
      text: `
        WITH chosen AS (
          SELECT date_trunc(${put(
            by,
          )}, r.finished_at, 'UTC') AS bucket, r.entity_ref, r.kind, r.outcome,
            coalesce(m.ms, ${put(rules.manual.defaultMs)}::float8)
              - extract(epoch FROM r.finished_at - r.started_at)::float8 * 1000 AS saved
          FROM ${this.#record} r
          LEFT JOIN unnest(${put(
            Object.keys(rules.manual.actionsMs),
          )}::text[], ${put(
        Object.values(rules.manual.actionsMs),
      )}::float8[]) AS m(kind, ms) ON m.kind = r.kind
          WHERE ${toConditions(selection, put)}
        )
        SELECT grouping(bucket, entity_ref, kind) AS part, bucket, entity_ref, kind,
          count(*) AS runs,
          count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded,
          count(*) FILTER (WHERE outcome = 'failed') AS failed,
          count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled,
          count(*) FILTER (WHERE outcome = 'succeeded' AND kind = ANY (${put(
            rules.rollbacks,
          )}::text[])) AS rollbacks,
          coalesce(sum(saved) FILTER (WHERE outcome = 'succeeded' AND saved > 0), 0) AS saved
        FROM chosen
        GROUP BY GROUPING SETS ((), (bucket), (entity_ref), (kind))
        ORDER BY bucket, runs DESC, entity_ref, kind`,
      values,
    });
    return rows;
  }

  /** Percentiles of what succeeded, of one in `every` runs. */
  async #timeParts(
    selection: RecordSelection,
    by: RecordBucket,
    every: number,
  ): Promise<any[]> {
    const values: unknown[] = [];
    const put = (value: unknown) => `$${values.push(value)}`;
    const { rows } = await this.#pool.query({
      text: `
        WITH chosen AS (
          SELECT date_trunc(${put(
            by,
          )}, r.finished_at, 'UTC') AS bucket, r.entity_ref, r.kind,
            extract(epoch FROM r.finished_at - r.started_at)::float8 * 1000 AS duration,
            CASE WHEN r.committed_at IS NOT NULL THEN greatest(extract(epoch FROM r.finished_at - r.committed_at)::float8, 0) * 1000 END AS lead
          FROM ${this.#record} r
          WHERE ${toConditions(
            selection,
            put,
          )} AND r.outcome = 'succeeded' AND r.number % ${put(
        every,
      )}::bigint = 0
        )
        SELECT grouping(bucket, entity_ref, kind) AS part, bucket, entity_ref, kind,
          percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY duration) AS durations,
          percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY lead) AS leads
        FROM chosen
        GROUP BY GROUPING SETS ((), (bucket), (entity_ref), (kind))`,
      values,
    });
    return rows;
  }

  /** Newest first; `before` is the last of the page before. */
  async list(
    selection: RecordSelection,
    page: { limit: number; before?: RecordedRun },
  ): Promise<RecordedRun[]> {
    const values: unknown[] = [];
    const put = (value: unknown) => `$${values.push(value)}`;
    const conditions = [toConditions(selection, put)];
    if (page.before)
      conditions.push(
        `(r.finished_at, r.run_id) < (${put(
          page.before.place,
        )}::timestamptz, ${put(page.before.id)}::uuid)`,
      );
    const { rows } = await this.#pool.query({
      // The place is a text: a time of JavaScript has no microseconds, and would leave out runs of the same millisecond.
      text: `SELECT r.*, r.finished_at::text AS place FROM ${
        this.#record
      } r WHERE ${conditions.join(
        ' AND ',
      )} ORDER BY r.finished_at DESC, r.run_id DESC LIMIT ${put(page.limit)}`,
      values,
    });
    return rows.map(row => ({
      id: row.run_id,
      number: Number(row.number),
      title: row.title,
      entityRef: row.entity_ref,
      environment: row.environment,
      action: row.kind,
      outcome: row.outcome,
      requestedBy: row.requested_by,
      requestedAt: row.requested_at,
      startedAt: row.started_at ?? undefined,
      finishedAt: row.finished_at,
      committedAt: row.committed_at ?? undefined,
      place: row.place,
    }));
  }
}

function toConditions(
  selection: RecordSelection,
  put: (value: unknown) => string,
): string {
  const { from, to, entityRefs, environment, action } = selection;
  return [
    `r.finished_at >= ${put(from)}::timestamptz`,
    `r.finished_at < ${put(to)}::timestamptz`,
    `r.entity_ref = ANY (${put(entityRefs)}::text[])`,
    ...(environment === undefined
      ? []
      : [`r.environment = ${put(environment)}`]),
    ...(action === undefined ? [] : [`r.kind = ${put(action)}`]),
  ].join(' AND ');
}

function keyOf(row: any): string {
  return [row.part, row.bucket?.getTime(), row.entity_ref, row.kind].join(' ');
}

function toNumbers(row: any, times: any): RecordNumbers {
  const [durationP50Ms, durationP95Ms] = toMs(times?.durations);
  const [leadP50Ms, leadP95Ms] = toMs(times?.leads);
  return {
    runs: Number(row.runs),
    succeeded: Number(row.succeeded),
    failed: Number(row.failed),
    cancelled: Number(row.cancelled),
    rollbacks: Number(row.rollbacks),
    durationP50Ms,
    durationP95Ms,
    leadP50Ms,
    leadP95Ms,
    savedMs: Math.round(Number(row.saved)),
  };
}

function toMs(percentiles: Array<number | null> | null | undefined) {
  return (percentiles ?? []).map(each =>
    each === null ? undefined : Math.round(each),
  );
}
