import { randomUUID } from 'node:crypto';
import { escapeIdentifier, Pool } from 'pg';
import { LockRecord } from './types';

/** Name of the timer that rings when a lock has expired. */
export const TASK_LOCK_EXPIRED = 'lock-expired';

/** The database's clock decides, so that replicas with skewed clocks agree. */
const BINDS = `released_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())`;

/** Locks that people set on components. */
export interface LockStore {
  create(lock: Omit<LockRecord, 'id' | 'createdAt'>): Promise<LockRecord>;
  /** Only one that still binds. */
  find(id: string): Promise<LockRecord | undefined>;
  /** Those that bind now, oldest first; of all entities, or of the given ones. */
  list(entityRefs?: string[]): Promise<LockRecord[]>;
  /** False when it no longer binds. */
  release(id: string, by: string): Promise<boolean>;
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
  readonly #addJob: string;

  private constructor(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }) {
    this.#pool = options.pool;
    this.#table = `${escapeIdentifier(options.schema)}."lock"`;
    this.#addJob = `${escapeIdentifier(options.wakeupSchema)}.add_job`;
  }

  async create(
    lock: Omit<LockRecord, 'id' | 'createdAt'>,
  ): Promise<LockRecord> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_create',
      // The job makes the screens look again when the lock has ended by itself. The lock itself needs none to end.
      text: `WITH created AS (
          INSERT INTO ${
            this.#table
          } (id, entity_ref, environment, reason, created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
          RETURNING *)
        SELECT created.*, CASE WHEN expires_at IS NULL THEN NULL ELSE ${
          this.#addJob
        }('${TASK_LOCK_EXPIRED}',
          json_build_object('lock', id), run_at := expires_at, max_attempts := 3) END AS rung
        FROM created`,
      values: [
        randomUUID(),
        lock.entityRef,
        lock.environment ?? null,
        lock.reason,
        lock.createdBy,
        lock.expiresAt ?? null,
      ],
    });
    return toRecord(rows[0]);
  }

  async find(id: string): Promise<LockRecord | undefined> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_find',
      text: `SELECT * FROM ${this.#table} WHERE id = $1 AND ${BINDS}`,
      values: [id],
    });
    return rows[0] && toRecord(rows[0]);
  }

  async list(entityRefs?: string[]): Promise<LockRecord[]> {
    const { rows } = await this.#pool.query({
      name: 'runs_lock_list',
      text: `SELECT * FROM ${
        this.#table
      } WHERE ($1::text[] IS NULL OR entity_ref = ANY ($1)) AND ${BINDS}
        ORDER BY created_at, id LIMIT 1000`,
      values: [entityRefs ?? null],
    });
    return rows.map(toRecord);
  }

  async release(id: string, by: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query({
      name: 'runs_lock_release',
      text: `UPDATE ${
        this.#table
      } SET released_at = clock_timestamp(), released_by = $2 WHERE id = $1 AND ${BINDS}`,
      values: [id, by],
    });
    return rowCount === 1;
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

function toRecord(row: any): LockRecord {
  return {
    id: row.id,
    entityRef: row.entity_ref,
    environment: row.environment ?? undefined,
    reason: row.reason,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
  };
}
