import { LoggerService } from '@backstage/backend-plugin-api';
import { Pool } from 'pg';
import { createInSchema } from '../database/schemaNames';
import { RecordConfig } from './readRecord';

/** Small, so that nobody waits for what is being deleted. */
const BATCH = 500;

/**
 * Forgets what is over for longer than it is to be kept: runs with their steps, logs and gates, the record, the audit trail; each for a time of its
 * own. A run that goes on, waits, needs a person or holds a key is never touched, however old it is. Replicas share the work.
 */
export class Cleaner {
  readonly #pool: Pool;
  readonly #inSchema: (name: string) => string;
  readonly #retention: RecordConfig['retention'];
  readonly #logger: LoggerService;

  constructor(options: {
    pool: Pool;
    schema: string;
    retention: RecordConfig['retention'];
    logger: LoggerService;
  }) {
    this.#pool = options.pool;
    this.#inSchema = createInSchema(options.schema);
    this.#retention = options.retention;
    this.#logger = options.logger;
  }

  /** @throws when the database cannot be reached */
  async clean(): Promise<void> {
    const { runsMs, recordMs, auditMs } = this.#retention;
    const table = this.#inSchema;
    // The record finds runs that are over by its index; a run has a row there as long as it is over.
    const runs = await this.#delete(
      runsMs,
      `DELETE FROM ${table('run')} r USING (
          SELECT o.id FROM ${table('run_record')} e JOIN ${table(
        'run',
      )} o ON o.id = e.run_id
          WHERE e.finished_at < clock_timestamp() - $1 * interval '1 millisecond'
            AND o.status IN ('succeeded', 'failed', 'cancelled')
            AND NOT EXISTS (SELECT FROM ${table(
              'run_key',
            )} k WHERE k.run_id = o.id)
          LIMIT ${BATCH} FOR UPDATE OF o SKIP LOCKED) old
        WHERE r.id = old.id`,
    );
    const record = await this.#delete(
      recordMs,
      `DELETE FROM ${table('run_record')} e WHERE e.run_id IN (
          SELECT o.run_id FROM ${table('run_record')} o
          WHERE o.finished_at < clock_timestamp() - $1 * interval '1 millisecond'
            AND NOT EXISTS (SELECT FROM ${table('run')} r WHERE r.id = o.run_id)
          LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
    );
    const audit = await this.#delete(
      auditMs,
      `DELETE FROM ${table('audit')} WHERE id IN (
          SELECT id FROM ${table(
            'audit',
          )} WHERE at < clock_timestamp() - $1 * interval '1 millisecond'
          ORDER BY at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
    );
    if (runs + record + audit > 0)
      this.#logger.info('Forgot what is over for long', {
        runs,
        record,
        audit,
      });
  }

  async #delete(
    olderThanMs: number | undefined,
    text: string,
  ): Promise<number> {
    if (olderThanMs === undefined) return 0;
    let all = 0;
    for (;;) {
      const { rowCount } = await this.#pool.query(text, [olderThanMs]);
      all += rowCount ?? 0;
      if ((rowCount ?? 0) < BATCH) return all;
    }
  }
}
