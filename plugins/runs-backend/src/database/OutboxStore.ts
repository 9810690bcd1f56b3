import { escapeIdentifier, Pool } from 'pg';
import { inTransaction } from './transaction';
import { OutboxRecord } from './types';

/** `notices`: what people are told; `others`: the rest. */
export type OutboxPart = 'notices' | 'others';

const CONDITIONS: Record<OutboxPart, string> = {
  notices: `WHERE topic LIKE 'notify-%'`,
  others: `WHERE topic NOT LIKE 'notify-%'`,
};

/** What is still to be told to other systems. It was written in the transaction that it tells about. */
export interface OutboxStore {
  /** Hands rows, oldest first, to `tell` and removes those it told: all, or those of a part. Replicas share the work. Answers with their number. */
  drain(
    limit: number,
    tell: (record: OutboxRecord) => Promise<void>,
    which?: OutboxPart,
  ): Promise<number>;
  /** The oldest rows of a part, for what takes longer than a transaction may: others may read them too. */
  peek(limit: number, which: OutboxPart): Promise<OutboxRecord[]>;
  remove(id: string): Promise<void>;
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
    which?: OutboxPart,
  ): Promise<number> {
    return inTransaction(this.#pool, async client => {
      const { rows } = await client.query({
        name: `runs_outbox_take_${which ?? 'all'}`,
        text: `SELECT id, topic, payload FROM ${this.#table} ${
          which ? CONDITIONS[which] : ''
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

  async peek(limit: number, which: OutboxPart): Promise<OutboxRecord[]> {
    const { rows } = await this.#pool.query({
      name: `runs_outbox_peek_${which}`,
      text: `SELECT id, topic, payload FROM ${this.#table} ${
        CONDITIONS[which]
      } ORDER BY created_at LIMIT $1`,
      values: [limit],
    });
    return rows;
  }

  async remove(id: string): Promise<void> {
    await this.#pool.query({
      name: 'runs_outbox_remove_one',
      text: `DELETE FROM ${this.#table} WHERE id = $1`,
      values: [id],
    });
  }
}
