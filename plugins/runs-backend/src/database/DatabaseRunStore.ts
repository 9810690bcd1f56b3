import {
  RunLogLine,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import { Pool } from 'pg';
import { createListStatement } from './listStatement';
import { createReadStatements, ReadStatements } from './readStatements';
import { toRunRecord, toStepRecords } from './rows';
import { EntityMark, RunStore } from './RunStore';
import { createStatements, Statements } from './statements';
import { inTransaction } from './transaction';
import {
  ChildRecord,
  Claim,
  Confirmed,
  FullRun,
  RunQuery,
  RunRecord,
} from './types';
import { createVerbStatements, VerbStatements } from './verbStatements';

/** {@link RunStore} on PostgreSQL. */
export class DatabaseRunStore implements RunStore {
  static create(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }): DatabaseRunStore {
    return new DatabaseRunStore(
      options.pool,
      {
        ...createStatements(options),
        ...createReadStatements(options),
        ...createVerbStatements(options),
      },
      createListStatement(options),
    );
  }

  readonly #pool: Pool;
  readonly #statements: Statements & ReadStatements & VerbStatements;
  readonly #listStatement: ReturnType<typeof createListStatement>;

  private constructor(
    pool: Pool,
    statements: Statements & ReadStatements & VerbStatements,
    listStatement: ReturnType<typeof createListStatement>,
  ) {
    this.#pool = pool;
    this.#statements = statements;
    this.#listStatement = listStatement;
  }

  async findByIdempotencyKey(requestedBy: string, key: string) {
    const { rows } = await this.#pool.query({
      ...this.#statements.byIdempotencyKey,
      values: [requestedBy, key],
    });
    return (
      rows[0] && {
        id: rows[0].id as string,
        requestHash: rows[0].request_hash as string,
      }
    );
  }

  async findSummary(id: string): Promise<RunRecord | undefined> {
    const { rows } = await this.#pool.query({
      ...this.#statements.summaryById,
      values: [id],
    });
    return rows[0] && toRunRecord(rows[0]);
  }

  async findRun(id: string): Promise<FullRun | undefined> {
    const { rows } = await this.#pool.query({
      ...this.#statements.fullById,
      values: [id],
    });
    return rows[0] && toFullRun(rows[0]);
  }

  async listOfEntity(
    entityRef: string,
  ): Promise<{ active: RunRecord[]; recent: RunRecord[] }> {
    const { rows } = await this.#pool.query({
      ...this.#statements.ofEntity,
      values: [entityRef],
    });
    const runs = rows.map(toRunRecord);
    return {
      active: runs.filter(run => !TERMINAL_RUN_STATUSES.includes(run.status)),
      recent: runs.filter(run => TERMINAL_RUN_STATUSES.includes(run.status)),
    };
  }

  async list(query: RunQuery): Promise<RunRecord[]> {
    const { rows } = await this.#pool.query(this.#listStatement(query));
    return rows.map(toRunRecord);
  }

  async listChildren(parentRun: string): Promise<Map<string, ChildRecord>> {
    const { rows } = await this.#pool.query({
      ...this.#statements.childrenOf,
      values: [parentRun],
    });
    return new Map(
      rows.map(row => [
        row.child_id,
        { ...toRunRecord(row), childId: row.child_id, wish: row.child_wish },
      ]),
    );
  }

  async redriveChild(
    child: { id: string; keys: string[]; wish: string },
    parent: Claim,
    actor: { confirmed: Confirmed; groups: string[] },
  ): Promise<boolean> {
    return inTransaction(this.#pool, async client => {
      await client.query({
        ...this.#statements.lockKeys,
        values: [child.keys],
      });
      const { rowCount } = await client.query({
        ...this.#statements.redriveChild,
        values: [
          child.id,
          JSON.stringify(actor.confirmed),
          actor.confirmed.by,
          actor.groups,
          child.keys,
          parent.runId,
          parent.epoch,
          child.wish,
        ],
      });
      return rowCount === 1;
    });
  }

  async listInLine(keys: string[]): Promise<RunRecord[]> {
    const { rows } = await this.#pool.query({
      ...this.#statements.inLine,
      values: [keys],
    });
    return rows.map(toRunRecord);
  }

  async readLogTails(
    runId: string,
    linesPerStep: number,
  ): Promise<Map<string, RunLogLine[]>> {
    const { rows } = await this.#pool.query({
      ...this.#statements.logTails,
      values: [runId, linesPerStep],
    });
    const tails = new Map<string, RunLogLine[]>();
    for (const row of rows) {
      const lines = tails.get(row.step_id) ?? [];
      lines.push(toLogLine(row));
      tails.set(row.step_id, lines);
    }
    return tails;
  }

  async readLog(runId: string, stepId: string): Promise<RunLogLine[]> {
    const { rows } = await this.#pool.query({
      ...this.#statements.log,
      values: [runId, stepId],
    });
    return rows.map(toLogLine);
  }

  async readMarks(entityRefs: string[]): Promise<EntityMark[]> {
    const { rows } = await this.#pool.query({
      ...this.#statements.marks,
      values: [entityRefs],
    });
    return rows.map(row => ({
      entityRef: row.entity_ref,
      runs: row.runs ?? [],
      locks: row.locks ?? [],
    }));
  }

  async cancel(
    id: string,
    by: string,
  ): Promise<'cancelled' | 'requested' | undefined> {
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockKeysOfRun, values: [id] });
      const { rows } = await client.query({
        ...this.#statements.cancel,
        values: [id, by, `Cancelled by ${by}`],
      });
      if (Number(rows[0].ended) === 1) return 'cancelled';
      return Number(rows[0].asked) === 1 ? 'requested' : undefined;
    });
  }

  async confirm(
    id: string,
    keys: string[],
    actor: { confirmed: Confirmed; groups: string[] },
  ): Promise<boolean> {
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockKeys, values: [keys] });
      const { rowCount } = await client.query({
        ...this.#statements.confirm,
        values: [
          id,
          JSON.stringify(actor.confirmed),
          actor.confirmed.by,
          actor.groups,
          keys,
        ],
      });
      return rowCount === 1;
    });
  }

  async retryStep(
    id: string,
    keys: string[],
    stepId: string,
    actor: { confirmed: Confirmed; groups: string[] },
  ): Promise<boolean> {
    return inTransaction(this.#pool, async client => {
      await client.query({ ...this.#statements.lockKeys, values: [keys] });
      const { rowCount } = await client.query({
        ...this.#statements.retryStep,
        values: [
          id,
          JSON.stringify(actor.confirmed),
          actor.confirmed.by,
          actor.groups,
          keys,
          stepId,
        ],
      });
      return rowCount === 1;
    });
  }

  async listAtGates(
    limit: number,
  ): Promise<Array<RunRecord & { planHash: string }>> {
    const { rows } = await this.#pool.query({
      ...this.#statements.atGates,
      values: [limit],
    });
    return rows.map(row => ({ ...toRunRecord(row), planHash: row.plan_hash }));
  }

  async listWithAskedPass(limit: number): Promise<RunRecord[]> {
    const { rows } = await this.#pool.query({
      ...this.#statements.withAskedPass,
      values: [limit],
    });
    return rows.map(toRunRecord);
  }

  async countOverdue(): Promise<number> {
    const { rows } = await this.#pool.query(this.#statements.countOverdue);
    return Number(rows[0].overdue);
  }

  async listParked(limit: number): Promise<FullRun[]> {
    const { rows } = await this.#pool.query({
      ...this.#statements.parked,
      values: [limit],
    });
    return rows.map(toFullRun);
  }

  async setReady(id: string, ready: boolean): Promise<void> {
    await this.#pool.query({
      ...this.#statements.setReady,
      values: [id, ready],
    });
  }
}

function toFullRun(row: any): FullRun {
  return {
    ...toRunRecord(row),
    plan: row.plan,
    planHash: row.plan_hash,
    actor: row.actor,
    confirmed: row.confirmed ?? undefined,
    input: row.input ?? undefined,
    forkedFrom: row.forked_from_run ?? undefined,
    replaces: row.replaces_run ?? undefined,
    replacedBy: row.replaced_by_run ?? undefined,
    steps: toStepRecords(row.steps),
  };
}

function toLogLine(row: any): RunLogLine {
  return { at: row.at.toISOString(), level: row.level, message: row.message };
}
