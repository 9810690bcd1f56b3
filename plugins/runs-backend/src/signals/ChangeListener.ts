import { LoggerService } from '@backstage/backend-plugin-api';
import { Client } from 'pg';
import {
  ConnectionSettings,
  describeDatabaseError,
} from '../database/connection';

const CHANNEL = 'switchyard_runs';
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
/** A connection that died without a word is found out by asking now and then. */
const PROBE_INTERVAL_MS = 15_000;
const TIMEOUT_MS = 5_000;

/** What the database tells after a commit, whichever replica made it. */
export type Change =
  | {
      what: 'run';
      runId: string;
      entityRef: string;
      revision: number;
      /** Whether somebody has just asked to cancel it. */
      cancels: boolean;
      /** Whether it stands in line again because a run that it had asked for has ended. */
      wakes: boolean;
    }
  | { what: 'lock'; entityRef: string }
  /** The connection was gone for a while: anything may have changed. */
  | { what: 'unknown' };

/** Hears of changes to runs and locks on a connection of its own, which it opens again whenever it is lost. */
export class ChangeListener {
  readonly #settings: ConnectionSettings;
  readonly #schema: string;
  readonly #logger: LoggerService;
  readonly #onChange: (change: Change) => void;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #failures = 0;
  #hasListened = false;

  constructor(options: {
    settings: ConnectionSettings;
    schema: string;
    logger: LoggerService;
    onChange: (change: Change) => void;
  }) {
    this.#settings = options.settings;
    this.#schema = options.schema;
    this.#logger = options.logger;
    this.#onChange = options.onChange;
  }

  /** Settles after the first attempt to listen, whether or not it worked. */
  async start(): Promise<void> {
    await this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  async #listen(): Promise<void> {
    const client = new Client({
      ...this.#settings,
      password: this.#settings.password,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      keepAlive: true,
    });
    this.#client = client;
    let isOver = false;
    const giveUp = (error: unknown) => {
      if (isOver) return;
      isOver = true;
      client.end().catch(() => {});
      this.#retry(error);
    };
    client.on('error', giveUp);
    client.on('end', () => giveUp('the connection was closed'));
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      giveUp(error);
      return;
    }
    this.#failures = 0;
    if (this.#hasListened) this.#onChange({ what: 'unknown' });
    this.#hasListened = true;
    this.#probe(client, giveUp);
  }

  #probe(client: Client, giveUp: (error: unknown) => void): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      client.query('SELECT 1').then(() => this.#probe(client, giveUp), giveUp);
    }, PROBE_INTERVAL_MS);
  }

  #retry(error: unknown): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    if (this.#failures === 0) {
      this.#logger.warn('Changes of runs are not heard at the moment', {
        reason: describeDatabaseError(error),
      });
    }
    const delayMs = Math.min(
      FIRST_RETRY_MS * 2 ** this.#failures,
      LONGEST_RETRY_MS,
    );
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#listen(), delayMs);
  }

  #hear(payload: string): void {
    const [schema, what, id, entityRef, revision, verb] = payload.split(' ');
    // Another installation in the same database.
    if (schema !== this.#schema || !entityRef) return;
    if (what === 'run') {
      this.#onChange({
        what,
        runId: id,
        entityRef,
        revision: Number(revision),
        cancels: verb === 'cancel',
        wakes: verb === 'look',
      });
    } else if (what === 'lock') this.#onChange({ what, entityRef });
  }
}
