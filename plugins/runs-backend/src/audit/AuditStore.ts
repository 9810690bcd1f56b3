import { AuditEntry } from '@switchyard/backstage-plugin-runs-common';
import { Pool } from 'pg';
import { createInSchema } from '../database/schemaNames';

/** Which entries to read. Without a field, it does not restrict. */
export interface AuditFilter {
  entityRef?: string;
  environment?: string;
  /** User entity ref. */
  actor?: string;
  events?: string[];
  /** Number of a run. */
  run?: number;
  /** That it happened then or later. */
  from?: Date;
  /** That it happened before. */
  to?: Date;
}

/** The audit trail. It is written by triggers of the database; nothing else writes it. */
export interface AuditStore {
  /** Newest first; `before` is the id of an entry. */
  list(
    filter: AuditFilter,
    page: { limit: number; before?: string },
  ): Promise<AuditEntry[]>;
}

/** {@link AuditStore} on PostgreSQL. */
export class DatabaseAuditStore implements AuditStore {
  static create(options: { pool: Pool; schema: string }): DatabaseAuditStore {
    return new DatabaseAuditStore(
      options.pool,
      createInSchema(options.schema)('audit'),
    );
  }

  readonly #pool: Pool;
  readonly #audit: string;

  private constructor(pool: Pool, audit: string) {
    this.#pool = pool;
    this.#audit = audit;
  }

  async list(
    filter: AuditFilter,
    { limit, before }: { limit: number; before?: string },
  ): Promise<AuditEntry[]> {
    const values: unknown[] = [];
    const put = (value: unknown) => `$${values.push(value)}`;
    const conditions: string[] = [];
    const restrict = (condition: string, value: unknown) => {
      if (value !== undefined) conditions.push(`${condition} ${put(value)}`);
    };
    restrict('entity_ref =', filter.entityRef);
    restrict('environment =', filter.environment);
    restrict('actor =', filter.actor);
    restrict('run_number =', filter.run);
    restrict('id <', before);
    if (filter.events)
      conditions.push(`event = ANY (${put(filter.events)}::text[])`);
    // Entries that were written at the same moment may have ids the other way round.
    if (filter.from) {
      const from = `${put(filter.from)}::timestamptz`;
      conditions.push(
        `at >= ${from}`,
        `id > coalesce((SELECT id FROM ${
          this.#audit
        } WHERE at < ${from} - interval '15 minutes' ORDER BY at DESC LIMIT 1), 0)`,
      );
    }
    if (filter.to) {
      const to = `${put(filter.to)}::timestamptz`;
      conditions.push(
        `at < ${to}`,
        `id < coalesce((SELECT id FROM ${
          this.#audit
        } WHERE at >= ${to} + interval '15 minutes' ORDER BY at LIMIT 1), ${
          Number.MAX_SAFE_INTEGER
        })`,
      );
    }
    // Planned anew each time: which index helps depends on what is asked for.
    const { rows } = await this.#pool.query({
      text: `
        SELECT id, at, event, actor, entity_ref, environment, action, run_id, run_number, what, before, after, reason, details
        FROM ${this.#audit} ${
        conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
      }
        ORDER BY id DESC LIMIT ${put(limit)}`,
      values,
    });
    return rows.map(toAuditEntry);
  }
}

function toAuditEntry(row: any): AuditEntry {
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    event: row.event,
    actor: row.actor ?? undefined,
    entityRef: row.entity_ref ?? undefined,
    environment: row.environment ?? undefined,
    action: row.action ?? undefined,
    run: row.run_id
      ? { id: row.run_id, number: Number(row.run_number) }
      : undefined,
    what: row.what,
    before: row.before ?? undefined,
    after: row.after ?? undefined,
    reason: row.reason ?? undefined,
    details: row.details ?? undefined,
  };
}
