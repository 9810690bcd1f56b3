import { randomUUID } from 'node:crypto';
import { escapeIdentifier, Pool } from 'pg';
import { keyOfLock } from '../locks/lockKeys';
import { lockJson } from './lockJson';
import { toLockRecord } from './rows';
import { LockQuery, LockRecord, NewLock } from './types';

/** Name of the timer that rings when a lock has expired. */
export const TASK_LOCK_EXPIRED = 'lock-expired';

/** The database's clock decides, so that replicas with skewed clocks agree. */
const BINDS = `released_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())`;

/** What expired longer ago than this should have been put away. */
export const OVERDUE_AFTER_MS = 60_000;
/** The list is for people: nobody reads further. */
const MAX_LISTED = 1_000;

/** Who changes a lock, and why. */
export interface LockChanged {
  by: string;
  reason?: string;
}

/** Locks that people set. */
export interface LockStore {
  create(lock: NewLock): Promise<LockRecord>;
  /** Only one that still binds, or will. */
  find(id: string): Promise<LockRecord | undefined>;
  /** Those under the keys that bind now, or will, oldest first. Found by an index, however many there are elsewhere. */
  list(keys: string[]): Promise<LockRecord[]>;
  /** As `list`, but by what people look for, newest first, at most 1,000, and with those that should have been put away. */
  search(query: LockQuery): Promise<LockRecord[]>;
  /** False when it no longer binds. */
  release(id: string, by: string, reason?: string): Promise<boolean>;
  /** With another end, undefined for none. Undefined when it no longer binds. */
  extend(
    id: string,
    expiresAt: Date | undefined,
    change: LockChanged,
  ): Promise<LockRecord | undefined>;
  /** With another holder. Undefined when it no longer binds. */
  transfer(
    id: string,
    holder: string,
    change: LockChanged,
  ): Promise<LockRecord | undefined>;
  /** Puts away what has expired, at most so many, and leaves word for the auditor. Answers with their number. */
  reap(limit: number): Promise<number>;
  /** Rings for an entity whose lock has expired: nothing else happens at that moment. */
  ringExpired(id: string): Promise<void>;
}

/** {@link LockStore} on PostgreSQL. */
export class DatabaseLockStore implements LockStore {
  static create(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }): DatabaseLockStore {
    return new DatabaseLockStore(options);
  }

  readonly #pool: Pool;
  readonly #table: string;
  readonly #outbox: string;
  readonly #addJob: string;

  private constructor(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }) {
    this.#pool = options.pool;
    this.#table = `${escapeIdentifier(options.schema)}."lock"`;
    this.#outbox = `${escapeIdentifier(options.schema)}.outbox`;
    this.#addJob = `${escapeIdentifier(options.wakeupSchema)}.add_job`;
  }

  async create(lock: NewLock): Promise<LockRecord> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_create',
      // The job makes the screens look again when the lock has ended by itself. The lock itself needs none to end.
      text: `WITH created AS (
          INSERT INTO ${
            this.#table
          } (id, entity_ref, scope, cluster, environment, kind, reason, created_by, holder_may_deploy, incident, starts_at, expires_at, schedule)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::json)
          RETURNING *)
        SELECT ${lockJson(
          'created',
        )} AS lock, CASE WHEN expires_at IS NULL THEN NULL ELSE ${
        this.#addJob
      }('${TASK_LOCK_EXPIRED}',
          json_build_object('lock', id), run_at := expires_at, max_attempts := 3) END AS rung
        FROM created`,
      values: [
        randomUUID(),
        keyOfLock(lock),
        lock.scope,
        lock.cluster ?? null,
        lock.environment ?? null,
        lock.kind,
        lock.reason,
        lock.createdBy,
        lock.holderMayDeploy,
        lock.incident ?? null,
        lock.startsAt ?? null,
        lock.expiresAt ?? null,
        lock.schedule ? JSON.stringify(lock.schedule) : null,
      ],
    });
    return toLockRecord(rows[0].lock);
  }

  async find(id: string): Promise<LockRecord | undefined> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_find',
      text: `SELECT ${lockJson('l')} AS lock FROM ${
        this.#table
      } l WHERE id = $1 AND ${BINDS}`,
      values: [id],
    });
    return rows[0] && toLockRecord(rows[0].lock);
  }

  async list(keys: string[]): Promise<LockRecord[]> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_list',
      text: `SELECT ${lockJson('l')} AS lock FROM ${
        this.#table
      } l WHERE entity_ref = ANY ($1::text[]) AND ${BINDS} ORDER BY created_at, id`,
      values: [keys],
    });
    return rows.map(row => toLockRecord(row.lock));
  }

  async search(query: LockQuery): Promise<LockRecord[]> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_search',
      text: `SELECT ${lockJson('l')} AS lock FROM ${this.#table} l
        WHERE released_at IS NULL AND (${BINDS} OR expires_at < clock_timestamp() - interval '${OVERDUE_AFTER_MS} milliseconds')
          AND ($1::text IS NULL OR scope = $1) AND ($2::text IS NULL OR kind = $2)
          AND ($3::text IS NULL OR environment = $3) AND ($4::text IS NULL OR coalesce(held_by, created_by) = $4)
        ORDER BY created_at DESC, id LIMIT ${MAX_LISTED}`,
      values: [
        query.scope ?? null,
        query.kind ?? null,
        query.environment ?? null,
        query.holder ?? null,
      ],
    });
    return rows.map(row => toLockRecord(row.lock));
  }

  async release(id: string, by: string, reason?: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query({
      name: 'runs_lock_release',
      text: `UPDATE ${
        this.#table
      } SET released_at = clock_timestamp(), released_by = $2, release_reason = $3 WHERE id = $1 AND ${BINDS}`,
      values: [id, by, reason ?? null],
    });
    return rowCount === 1;
  }

  async extend(
    id: string,
    expiresAt: Date | undefined,
    { by, reason }: LockChanged,
  ): Promise<LockRecord | undefined> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_extend',
      text: `WITH extended AS (
          UPDATE ${
            this.#table
          } SET expires_at = $2, changed_by = $3, change_reason = $4 WHERE id = $1 AND ${BINDS} RETURNING *)
        SELECT ${lockJson(
          'extended',
        )} AS lock, CASE WHEN expires_at IS NULL THEN NULL ELSE ${
        this.#addJob
      }('${TASK_LOCK_EXPIRED}',
          json_build_object('lock', id), run_at := expires_at, max_attempts := 3) END AS rung
        FROM extended`,
      values: [id, expiresAt ?? null, by, reason ?? null],
    });
    return rows[0] && toLockRecord(rows[0].lock);
  }

  async transfer(
    id: string,
    holder: string,
    { by, reason }: LockChanged,
  ): Promise<LockRecord | undefined> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_transfer',
      text: `UPDATE ${
        this.#table
      } l SET held_by = $2, changed_by = $3, change_reason = $4 WHERE id = $1 AND ${BINDS} RETURNING ${lockJson(
        'l',
      )} AS lock`,
      values: [id, holder, by, reason ?? null],
    });
    return rows[0] && toLockRecord(rows[0].lock);
  }

  async reap(limit: number): Promise<number> {
    const { rowCount } = await this.#pool.query({
      name: 'runs_lock_reap',
      text: `WITH expired AS (
          SELECT id FROM ${
            this.#table
          } WHERE released_at IS NULL AND expires_at <= clock_timestamp()
          ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ), reaped AS (
          UPDATE ${
            this.#table
          } l SET released_at = clock_timestamp() FROM expired WHERE l.id = expired.id RETURNING l.*)
        INSERT INTO ${this.#outbox} (id, topic, payload)
        SELECT gen_random_uuid(), 'audit-lock', json_strip_nulls(json_build_object('lock', id, 'scope', scope, 'kind', kind,
          'entityRef', CASE WHEN scope IN ('component', 'system') THEN entity_ref END, 'cluster', cluster,
          'environment', coalesce(environment, '*'), 'reason', reason, 'holder', coalesce(held_by, created_by), 'createdBy', created_by,
          'expiresAt', expires_at))
        FROM reaped`,
      values: [limit],
    });
    return rowCount ?? 0;
  }

  async ringExpired(id: string): Promise<void> {
    await this.#pool.query({
      name: 'runs_lock_ring',
      // An update that changes nothing: the trigger rings.
      text: `UPDATE ${
        this.#table
      } SET expires_at = expires_at WHERE id = $1 AND released_at IS NULL`,
      values: [id],
    });
  }
}
