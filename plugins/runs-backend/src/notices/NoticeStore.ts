import { Pool } from 'pg';
import { createInSchema } from '../database/schemaNames';
import { ClaimedNotice, Notice, NoticeOutcome } from './types';

/** The message of a run in a channel of Slack. */
export interface NoticeThread {
  /** Before this nothing of it was posted. */
  postingAt: Date;
  /** Its time stamp in Slack; absent while nobody knows whether it was posted. */
  ts?: string;
}

/** Notices that are to be sent, on PostgreSQL. Replicas share the work. */
export class NoticeStore {
  readonly #pool: Pool;
  readonly #notice: string;
  readonly #thread: string;
  readonly #rest: string;

  constructor(options: { pool: Pool; schema: string }) {
    const inSchema = createInSchema(options.schema);
    this.#pool = options.pool;
    this.#notice = inSchema('notice');
    this.#thread = inSchema('notice_thread');
    this.#rest = inSchema('notice_rest');
  }

  /** Adds those that are not there yet. */
  async add(notices: Notice[]): Promise<void> {
    if (notices.length === 0) return;
    await this.#pool.query({
      name: 'runs_notice_add',
      text: `INSERT INTO ${
        this.#notice
      } (id, destination, run_id, event, payload)
        SELECT id, destination, run_id, event, payload
        FROM json_to_recordset($1::json) AS n(id uuid, destination text, run_id uuid, event text, payload json)
        ON CONFLICT (id) DO NOTHING`,
      values: [
        JSON.stringify(
          notices.map(({ runId, ...notice }) => ({ ...notice, run_id: runId })),
        ),
      ],
    });
  }

  /**
   * Takes notices whose time has come, for `claimMs`: of one run at one destination one at a time, in order, and none for systems that rest.
   * Those whose sender is gone come again, but for webhooks, where they end as unknown.
   */
  async claim(options: {
    limit: number;
    claimMs: number;
  }): Promise<ClaimedNotice[]> {
    await this.#pool.query({
      name: 'runs_notice_lost',
      text: `UPDATE ${
        this.#notice
      } SET status = 'unknown', ended_at = clock_timestamp(), claimed_until = NULL,
          error = 'whoever sent it is gone, and whether it arrived cannot be asked'
        WHERE status = 'sending' AND claimed_until < clock_timestamp() AND destination LIKE 'webhook:%'`,
    });
    const { rows } = await this.#pool.query({
      name: 'runs_notice_claim',
      text: `
        WITH next AS (
          SELECT n.id FROM ${this.#notice} n
          WHERE (n.status = 'pending' AND n.next_at <= clock_timestamp()
              OR n.status = 'sending' AND n.claimed_until < clock_timestamp() AND n.destination NOT LIKE 'webhook:%')
            AND NOT EXISTS (SELECT FROM ${
              this.#notice
            } e WHERE e.destination = n.destination AND e.run_id = n.run_id
              AND e.seq < n.seq AND e.status IN ('pending', 'sending'))
            AND NOT EXISTS (SELECT FROM ${
              this.#rest
            } r WHERE r.until > clock_timestamp()
              AND (r.system = n.destination OR r.system = split_part(n.destination, ':', 1)))
          ORDER BY n.seq LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        UPDATE ${
          this.#notice
        } n SET status = 'sending', attempts = n.attempts + 1,
          claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
        FROM next WHERE n.id = next.id
        RETURNING n.id, n.seq, n.destination, n.run_id, n.event, n.payload, n.attempts, n.created_at`,
      values: [options.limit, options.claimMs],
    });
    return rows
      .sort((a, b) => Number(a.seq) - Number(b.seq))
      .map(row => ({
        id: row.id,
        destination: row.destination,
        runId: row.run_id ?? undefined,
        event: row.event,
        payload: row.payload,
        attempt: row.attempts,
        createdAt: row.created_at,
      }));
  }

  /** Notes how the attempt ended. One that another worker has taken since is left alone. */
  async settle(notice: ClaimedNotice, outcome: NoticeOutcome): Promise<void> {
    const isOver = outcome.status !== 'again';
    await this.#pool.query({
      name: 'runs_notice_settle',
      text: `UPDATE ${
        this.#notice
      } SET status = $3, claimed_until = NULL, error = $4,
          next_at = clock_timestamp() + $5 * interval '1 millisecond',
          ended_at = CASE WHEN $6 THEN clock_timestamp() END
        WHERE id = $1 AND attempts = $2 AND status = 'sending'`,
      values: [
        notice.id,
        notice.attempt,
        isOver ? outcome.status : 'pending',
        'error' in outcome ? outcome.error : null,
        outcome.status === 'again' ? outcome.inMs : 0,
        isOver,
      ],
    });
  }

  /** Leaves a system alone: `slack` as a whole, or one destination. */
  async rest(system: string, forMs: number): Promise<void> {
    await this.#pool.query({
      name: 'runs_notice_rest',
      text: `INSERT INTO ${
        this.#rest
      } (system, until) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
        ON CONFLICT (system) DO UPDATE SET until = greatest(excluded.until, notice_rest.until)`,
      values: [system, forMs],
    });
  }

  async findThread(
    runId: string,
    channel: string,
  ): Promise<NoticeThread | undefined> {
    const { rows } = await this.#pool.query({
      name: 'runs_notice_thread',
      text: `SELECT posting_at, ts FROM ${
        this.#thread
      } WHERE run_id = $1 AND channel = $2`,
      values: [runId, channel],
    });
    return (
      rows[0] && {
        postingAt: rows[0].posting_at,
        ts: rows[0].ts ?? undefined,
      }
    );
  }

  /** Notes that the first message is about to be posted. */
  async beginThread(runId: string, channel: string): Promise<void> {
    await this.#pool.query({
      name: 'runs_notice_thread_begin',
      text: `INSERT INTO ${
        this.#thread
      } (run_id, channel) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
      values: [runId, channel],
    });
  }

  async keepThread(runId: string, channel: string, ts: string): Promise<void> {
    await this.#pool.query({
      name: 'runs_notice_thread_keep',
      text: `UPDATE ${
        this.#thread
      } SET ts = $3 WHERE run_id = $1 AND channel = $2`,
      values: [runId, channel, ts],
    });
  }

  /** Forgets what was told longer ago than that, and answers with how many. */
  async clean(olderThanMs: number): Promise<number> {
    const { rowCount } = await this.#pool.query({
      name: 'runs_notice_clean',
      text: `DELETE FROM ${
        this.#notice
      } WHERE ended_at < clock_timestamp() - $1 * interval '1 millisecond'`,
      values: [olderThanMs],
    });
    return rowCount ?? 0;
  }
}
