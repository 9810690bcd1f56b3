import { PersonsWord } from '@switchyard/backstage-plugin-runs-common';
import { Pool } from 'pg';
import { createStatements } from './statements';
import { inTransaction } from './transaction';
import { Confirmed } from './types';
import { createVerbStatements } from './verbStatements';

/** Who puts a run in line again, and answers for it from then on. */
export interface Answering {
  confirmed: Confirmed;
  groups: string[];
}

/** What people do to runs that have stopped, or are to be held. Each answers whether the run was in a state in which it could be done. */
export interface RunVerbStore {
  /** Holds a run that nobody carries out now; asks the worker of a running one. Undefined when it neither stands in line nor runs. */
  pause(id: string, by: string): Promise<'held' | 'requested' | undefined>;
  /** Puts a run in line again that a person holds. */
  continue(id: string, keys: string[], actor: Answering): Promise<boolean>;
  /** Takes the wish to hold a running run back. Where its worker has just heeded it, the run waits all the same. */
  withdrawPause(id: string): Promise<boolean>;
  /** Puts a run in line again; all steps that it stopped at are tried again. */
  redrive(id: string, keys: string[], actor: Answering): Promise<boolean>;
  /** Ends a run that stopped without a clear end, and gives its keys back. */
  discard(id: string, word: PersonsWord): Promise<boolean>;
  /** Marks a step of a waiting run, which goes on waiting. */
  skipOfWaiting(
    id: string,
    stepId: string,
    word: PersonsWord,
  ): Promise<boolean>;
  /** Marks a step at which a run stopped, and puts the run in line again. */
  skipOfStopped(
    id: string,
    stepId: string,
    options: { word: PersonsWord; keys: string[]; actor: Answering },
  ): Promise<boolean>;
}

/** {@link RunVerbStore} on PostgreSQL. Verbs that touch the line hold the advisory locks on its keys. */
export class DatabaseRunVerbStore implements RunVerbStore {
  static create(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }): DatabaseRunVerbStore {
    return new DatabaseRunVerbStore(options.pool, {
      ...createStatements(options),
      ...createVerbStatements(options),
    });
  }

  readonly #pool: Pool;
  readonly #statements: ReturnType<typeof createStatements> &
    ReturnType<typeof createVerbStatements>;

  private constructor(
    pool: Pool,
    statements: ReturnType<typeof createStatements> &
      ReturnType<typeof createVerbStatements>,
  ) {
    this.#pool = pool;
    this.#statements = statements;
  }

  async pause(id: string, by: string) {
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockKeysOfRun, values: [id] });
      const parked = JSON.stringify({
        message: `Held by ${by}`,
        since: new Date().toISOString(),
        blockers: [],
        ready: true,
        pausedBy: by,
      });
      const { rows } = await client.query({
        ...this.#statements.pause,
        values: [id, by, parked],
      });
      if (Number(rows[0].held) === 1) return 'held' as const;
      return Number(rows[0].asked) === 1 ? ('requested' as const) : undefined;
    });
  }

  async withdrawPause(id: string) {
    const { rowCount } = await this.#pool.query({
      ...this.#statements.withdrawPause,
      values: [id],
    });
    return rowCount === 1;
  }

  async continue(id: string, keys: string[], actor: Answering) {
    return this.#backInLine(this.#statements.continue, { id, keys, actor }, []);
  }

  async redrive(id: string, keys: string[], actor: Answering) {
    return this.#backInLine(this.#statements.redrive, { id, keys, actor }, []);
  }

  async discard(id: string, word: PersonsWord) {
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockKeysOfRun, values: [id] });
      const { rows } = await client.query({
        ...this.#statements.discard,
        values: [id, JSON.stringify(word)],
      });
      return Number(rows[0].ended) === 1;
    });
  }

  async skipOfWaiting(id: string, stepId: string, word: PersonsWord) {
    const { rowCount } = await this.#pool.query({
      ...this.#statements.skipOfWaiting,
      values: [id, stepId, JSON.stringify(word)],
    });
    return rowCount === 1;
  }

  async skipOfStopped(
    id: string,
    stepId: string,
    options: { word: PersonsWord; keys: string[]; actor: Answering },
  ) {
    const { word, keys, actor } = options;
    return this.#backInLine(
      this.#statements.skipOfStopped,
      { id, keys, actor },
      [stepId, JSON.stringify(word)],
    );
  }

  async #backInLine(
    statement: { name: string; text: string },
    run: { id: string; keys: string[]; actor: Answering },
    more: string[],
  ): Promise<boolean> {
    const { confirmed, groups } = run.actor;
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockKeys, values: [run.keys] });
      const { rowCount } = await client.query({
        ...statement,
        values: [
          run.id,
          JSON.stringify(confirmed),
          confirmed.by,
          groups,
          run.keys,
          ...more,
        ],
      });
      return rowCount === 1;
    });
  }
}
