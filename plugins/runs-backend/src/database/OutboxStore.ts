import { escapeIdentifier, Pool } from 'pg';
import { inTransaction } from './transaction';
import { OutboxRecord } from './types';

/** What is still to be told to other systems. It was written in the transaction that it tells about. */
export interface OutboxStore {
  /** Hands rows, oldest first, to `tell` and removes those it told. Replicas share the work. Answers with their number. */
  drain(
    limit: number,
    tell: (record: OutboxRecord) => Promise<void>,
  ): Promise<number>;
}

/** {@link OutboxStore} on PostgreSQL. */
export class DatabaseOutboxStore implements OutboxStore {
  static create(options: { pool: Pool; schema: string }): DatabaseOutboxStore {
    return new DatabaseOutboxStore(
      options.pool,
      `${escapeIdentifier(options.schema)}.outbox`,
    );
  }

  readonly #pool: Pool;
  readonly #table: string;

  private constructor(pool: Pool, table: string) {
    this.#pool = pool;
    this.#table = table;
  }

  async drain(
    limit: number,
    tell: (record: OutboxRecord) => Promise<void>,
  ): Promise<number> {
    return inTransaction(this.#pool, async client => {
      const { rows } = await client.query({
        name: 'runs_outbox_take',
        text: `SELECT id, topic, payload FROM ${
          this.#table
        } ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
        values: [limit],
      });
      for (const row of rows) await tell(row);
      if (rows.length > 0) {
        await client.query({
          name: 'runs_outbox_remove',
          text: `DELETE FROM ${this.#table} WHERE id = ANY ($1::uuid[])`,
          values: [rows.map(row => row.id)],
        });
      }
      return rows.length;
    });
  }
}
