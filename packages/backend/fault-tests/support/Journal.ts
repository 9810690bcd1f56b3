import { EventEmitter, once } from 'node:events';
import pg from 'pg';

/** A change of a run or of one of its steps, as the database saw it. */
export interface JournalEvent {
  seq: number;
  /** By the database's clock, ms since the epoch. */
  at: number;
  runId: string;
  epoch: number;
  /** Who held the run when it was written; its last but one part is a pid. */
  worker?: string;
  /** `run.claimed`, `run.<status>`, `step.<status>`, or `step.effect`: right before an effect is sent. */
  what: string;
  stepId?: string;
}

/** A place at which the database can be made to wait with its commit. */
export type JournalPoint = Pick<JournalEvent, 'what' | 'stepId'>;

/** See {@link Journal.hold}. */
export interface Hold {
  reached(timeoutMs?: number): Promise<void>;
  release(): Promise<void>;
}

const DATABASE = 'backstage_plugin_runs';
const CHANNEL = 'fault_journal';
const HOLD_KEY = 4711;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS fault_journal (
    seq bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), run_id uuid NOT NULL, epoch integer NOT NULL,
    worker text, what text NOT NULL, step_id text);
  CREATE TABLE IF NOT EXISTS fault_hold (what text NOT NULL, step_id text);
  CREATE TABLE IF NOT EXISTS fault_pause (before_step text NOT NULL);

  CREATE OR REPLACE FUNCTION fault_note(run_id uuid, epoch integer, worker text, what text, step_id text) RETURNS void
  LANGUAGE plpgsql AS $$
  DECLARE
    noted fault_journal;
  BEGIN
    INSERT INTO fault_journal (run_id, epoch, worker, what, step_id)
      VALUES (fault_note.run_id, fault_note.epoch, fault_note.worker, fault_note.what, fault_note.step_id)
      RETURNING * INTO noted;
    PERFORM pg_notify('${CHANNEL}', json_build_object(
      'seq', noted.seq, 'at', extract(epoch FROM noted.at) * 1000, 'runId', noted.run_id, 'epoch', noted.epoch,
      'worker', noted.worker, 'what', noted.what, 'stepId', noted.step_id)::text);
    DELETE FROM fault_hold h WHERE h.what = fault_note.what AND h.step_id IS NOT DISTINCT FROM fault_note.step_id;
    IF FOUND THEN
      PERFORM pg_advisory_xact_lock(${HOLD_KEY});
    END IF;
  END $$;

  CREATE OR REPLACE FUNCTION fault_note_run() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.epoch <> OLD.epoch THEN
      PERFORM fault_note(NEW.id, NEW.epoch, NEW.worker, 'run.claimed', NULL);
    END IF;
    IF NEW.status <> OLD.status THEN
      PERFORM fault_note(NEW.id, NEW.epoch, NEW.worker, 'run.' || NEW.status, NULL);
    END IF;
    RETURN NULL;
  END $$;

  CREATE OR REPLACE FUNCTION fault_note_step() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    holder run;
  BEGIN
    SELECT * INTO holder FROM run WHERE id = NEW.run_id;
    IF NEW.status <> OLD.status OR NEW.attempt <> OLD.attempt THEN
      PERFORM fault_note(NEW.run_id, holder.epoch, holder.worker, 'step.' || NEW.status, NEW.step_id);
    END IF;
    IF NEW.effect_started AND (NOT OLD.effect_started OR NEW.reference::text IS DISTINCT FROM OLD.reference::text) THEN
      PERFORM fault_note(NEW.run_id, holder.epoch, holder.worker, 'step.effect', NEW.step_id);
    END IF;
    RETURN NULL;
  END $$;

  CREATE OR REPLACE FUNCTION fault_pause_run() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    pause fault_pause;
  BEGIN
    DELETE FROM fault_pause RETURNING * INTO pause;
    IF FOUND THEN
      INSERT INTO gate (id, run_id, position, name, kind, before_step, title, plan_hash)
        VALUES (gen_random_uuid(), NEW.id, 100, 'fault-pause', 'pause', pause.before_step, 'Look at the first', NEW.plan_hash);
    END IF;
    RETURN NULL;
  END $$;

  CREATE OR REPLACE TRIGGER fault_new_run AFTER INSERT ON run FOR EACH ROW EXECUTE FUNCTION fault_pause_run();
  CREATE OR REPLACE TRIGGER fault_run AFTER UPDATE ON run FOR EACH ROW EXECUTE FUNCTION fault_note_run();
  CREATE OR REPLACE TRIGGER fault_step AFTER UPDATE ON run_step FOR EACH ROW EXECUTE FUNCTION fault_note_step();`;

/**
 * Notes, by triggers in the portal's own database, when runs and steps change, so that a test can act at that very moment, and says afterwards when and
 * under whom everything happened.
 */
export class Journal {
  readonly #client: pg.Client;
  readonly #connect: () => pg.Client;
  readonly #events: JournalEvent[] = [];
  readonly #holds = new Set<Hold>();
  readonly #noted = new EventEmitter().setMaxListeners(0);

  static async open(database: pg.ClientConfig): Promise<Journal> {
    const connect = () => new pg.Client({ ...database, database: DATABASE });
    const client = connect();
    await client.connect();
    await client.query(SCHEMA);
    const journal = new Journal(client, connect);
    await client.query(`LISTEN ${CHANNEL}`);
    return journal;
  }

  private constructor(client: pg.Client, connect: () => pg.Client) {
    this.#client = client;
    this.#connect = connect;
    client.on('error', () => {});
    client.on('notification', ({ payload }) => {
      this.#events.push(JSON.parse(payload!) as JournalEvent);
      this.#noted.emit('event');
    });
  }

  /** Number of the last event, to ask for later ones only. */
  get last(): number {
    return this.#events.at(-1)?.seq ?? 0;
  }

  events(runId: string): JournalEvent[] {
    return this.#events.filter(event => event.runId === runId);
  }

  /** The first event after another one that is as wanted; waits for it. */
  async until(
    isWanted: (event: JournalEvent) => boolean,
    {
      after = this.last,
      timeoutMs = 60_000,
      what = 'event',
    }: { after?: number; timeoutMs?: number; what?: string } = {},
  ): Promise<JournalEvent> {
    const find = () =>
      this.#events.find(event => event.seq > after && isWanted(event));
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = find();
      if (found) return found;
      const left = end - Date.now();
      if (left <= 0) throw new Error(`No ${what} within ${timeoutMs} ms`);
      await once(this.#noted, 'event', {
        signal: AbortSignal.timeout(left),
      }).catch(() => {});
    }
  }

  /**
   * Makes the database wait with its commit the next time that this happens: the worker has sent the statement, and hears nothing.
   * `reached` settles when it waits; `release` lets it commit.
   */
  async hold({ what, stepId }: JournalPoint): Promise<Hold> {
    const client = this.#connect();
    client.on('error', () => {});
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [HOLD_KEY]);
    await client.query(
      'INSERT INTO fault_hold (what, step_id) VALUES ($1, $2)',
      [what, stepId],
    );
    const hold: Hold = {
      async reached(timeoutMs = 60_000) {
        const end = Date.now() + timeoutMs;
        for (;;) {
          const { rows } = await client.query(
            `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`,
            [HOLD_KEY],
          );
          if (rows.length > 0) return;
          if (Date.now() > end)
            throw new Error(`'${what} ${stepId}' did not happen`);
          await new Promise(resolve => setTimeout(resolve, 5));
        }
      },
      release: async () => {
        if (!this.#holds.delete(hold)) return;
        // The waiting statement has deleted its row, and keeps it locked until it may commit.
        await client.query('SELECT pg_advisory_unlock($1)', [HOLD_KEY]);
        await client.query('DELETE FROM fault_hold');
        await client.end();
      },
    };
    this.#holds.add(hold);
    return hold;
  }

  /** Puts a gate that a person has to open into the next run: no kind of ours has one between its effects. */
  async pauseNextRun({ before }: { before: string }): Promise<void> {
    await this.query('INSERT INTO fault_pause (before_step) VALUES ($1)', [
      before,
    ]);
  }

  async releaseAll(): Promise<void> {
    for (const hold of this.#holds) await hold.release();
  }

  /** For looks into the tables themselves. */
  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    return (await this.#client.query<Row>(text, values)).rows;
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}

/** Pid of the worker that held the run when the event was noted. */
export function pidOf({ worker }: Pick<JournalEvent, 'worker'>): number {
  const pid = Number(worker?.split('/').at(-2));
  if (!Number.isInteger(pid)) throw new Error(`No pid in '${worker}'`);
  return pid;
}
