import { Pool, PoolClient } from 'pg';
import { NewPass } from '../breakGlass/types';
import {
  createPassStatements,
  PassStatements,
  toPassParameter,
} from './passStatements';
import { createStatements, Statements } from './statements';
import { inTransaction } from './transaction';
import { createVerbStatements, VerbStatements } from './verbStatements';

/** A person's answer to a pass that somebody else asked for. */
export interface PassWord {
  passId: string;
  person: string;
  answer: 'given' | 'refused';
  planHash: string;
  comment?: string;
  /** Keys of the run's plan. */
  keys: string[];
  /** Whether a run that is parked is put in line again, as nothing but what is passed was in its way. */
  goesOn: boolean;
}

/** What came of an answer. */
export type PassOutcome =
  | 'taken'
  /** Nothing was written: it waits for nobody any more. */
  | 'decided'
  /** Nothing was written: it is for another plan than the one that was shown. */
  | 'other-plan';

/** Emergency passes, as people give them. */
export interface PassStore {
  findRunId(passId: string): Promise<string | undefined>;
  /**
   * Asks for a pass for a run that is there already; where that needs no second person, it is given, and the run goes on. False when the run has a
   * live one, or another plan than the one that was shown.
   */
  ask(
    runId: string,
    pass: NewPass,
    run: { planHash: string; keys: string[]; goesOn: boolean },
  ): Promise<boolean>;
  /** Of two that answer at the same time the second finds it decided. */
  answer(word: PassWord): Promise<PassOutcome>;
  /** False when there is nothing left to withdraw. */
  withdraw(passId: string, by: string): Promise<boolean>;
}

/** {@link PassStore} on PostgreSQL. */
export class DatabasePassStore implements PassStore {
  static create(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }): DatabasePassStore {
    return new DatabasePassStore(options.pool, {
      ...createStatements(options),
      ...createVerbStatements(options),
      ...createPassStatements(options),
    });
  }

  readonly #pool: Pool;
  readonly #statements: Statements & VerbStatements & PassStatements;

  private constructor(
    pool: Pool,
    statements: Statements & VerbStatements & PassStatements,
  ) {
    this.#pool = pool;
    this.#statements = statements;
  }

  async findRunId(passId: string): Promise<string | undefined> {
    const { rows } = await this.#pool.query({
      ...this.#statements.runOfPass,
      values: [passId],
    });
    return rows[0]?.run_id;
  }

  async ask(
    runId: string,
    pass: NewPass,
    run: { planHash: string; keys: string[]; goesOn: boolean },
  ): Promise<boolean> {
    return inTransaction(this.#pool, async client => {
      await this.#enter(client, runId, run.keys);
      await client.query({
        ...this.#statements.endOverdue,
        values: [runId],
      });
      const { rowCount } = await client.query({
        ...this.#statements.askForPass,
        values: [runId, toPassParameter(pass), run.planHash],
      });
      if (rowCount !== 1) return false;
      await client.query({ ...this.#statements.touchRun, values: [runId] });
      if (!pass.needsSecond && run.goesOn)
        await this.#goOn(client, runId, run.keys, {
          by: pass.askedBy,
          groups: pass.askedGroups,
        });
      return true;
    });
  }

  async answer(word: PassWord): Promise<PassOutcome> {
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockKeys, values: [word.keys] });
      const { rows } = await client.query({
        ...this.#statements.lockPass,
        values: [word.passId],
      });
      const [pass] = rows;
      if (!pass?.waits) return 'decided';
      if (pass.plan_hash !== word.planHash) return 'other-plan';
      await client.query({
        ...this.#statements.answerPass,
        values: [word.passId, word.answer, word.person, word.comment ?? null],
      });
      await client.query({
        ...this.#statements.touchRun,
        values: [pass.run_id],
      });
      if (word.answer === 'given' && word.goesOn)
        await this.#goOn(client, pass.run_id, word.keys, {
          by: pass.asked_by,
          groups: pass.asked_groups,
        });
      return 'taken';
    });
  }

  async withdraw(passId: string, by: string): Promise<boolean> {
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockPass, values: [passId] });
      const { rows } = await client.query({
        ...this.#statements.withdrawPass,
        values: [passId, by],
      });
      const [pass] = rows;
      if (!pass) return false;
      await client.query({
        ...this.#statements.touchRun,
        values: [pass.run_id],
      });
      return true;
    });
  }

  /** Keys first, as everybody does, then the row of the run. */
  async #enter(
    client: PoolClient,
    runId: string,
    keys: string[],
  ): Promise<void> {
    await client.query({ ...this.#statements.lockKeys, values: [keys] });
    await client.query({ ...this.#statements.lockRun, values: [runId] });
  }

  /** Under the responsibility of who asked for the pass. A run that is not parked stays as it is. */
  async #goOn(
    client: PoolClient,
    runId: string,
    keys: string[],
    asker: { by: string; groups: string[] },
  ): Promise<void> {
    const confirmed = { by: asker.by, at: new Date().toISOString() };
    await client.query({
      ...this.#statements.confirm,
      values: [runId, JSON.stringify(confirmed), asker.by, asker.groups, keys],
    });
  }
}
