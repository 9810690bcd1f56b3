import { randomUUID } from 'node:crypto';
import { Pool, PoolClient } from 'pg';
import { findValidPass, PassRecord } from '../breakGlass/types';
import { LeaseLostError, QueueStore } from './QueueStore';
import { toGateParameters } from './gateParameters';
import {
  createPassStatements,
  PassStatements,
  toPassParameter,
} from './passStatements';
import {
  toAsked,
  toGateRecords,
  toLockRecord,
  toPassRecords,
  toStepRecords,
} from './rows';
import { createStatements, Statements } from './statements';
import { inTransaction } from './transaction';
import { createVerbStatements, VerbStatements } from './verbStatements';
import {
  Asked,
  Claim,
  ClaimedRun,
  LockRecord,
  NewChild,
  NewRun,
  RunDelta,
  RunEnd,
} from './types';

const UNIQUE_VIOLATION = '23505';

/** The run that was to be replaced has begun: takes the transaction back. */
class TooLateError extends Error {}

/** {@link QueueStore} on PostgreSQL. */
export class DatabaseQueueStore implements QueueStore {
  static create(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }): DatabaseQueueStore {
    return new DatabaseQueueStore(options.pool, {
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

  async insertRun(run: NewRun): Promise<boolean> {
    return this.#insert(this.#pool as Pick<PoolClient, 'query'>, run);
  }

  async insertReplacing(
    run: NewRun,
    older: { id: string; keys: string[] },
  ): Promise<'inserted' | 'known' | 'too-late'> {
    const keys = [...new Set([...older.keys, ...run.plan.keys])];
    try {
      return await inTransaction(this.#pool, async client => {
        await client.query({ ...this.#statements.lockKeys, values: [keys] });
        await client.query({
          ...this.#statements.lockRun,
          values: [older.id],
        });
        // First, so that who stands behind the older one is not rung for in vain.
        if (!(await this.#insert(client, run))) return 'known';
        const { rows } = await client.query({
          ...this.#statements.replace,
          values: [
            older.id,
            run.id,
            `Replaced by a newer run, ${run.plan.title}`,
          ],
        });
        if (Number(rows[0].ended) !== 1) throw new TooLateError();
        return 'inserted';
      });
    } catch (error) {
      if (error instanceof TooLateError) return 'too-late';
      throw error;
    }
  }

  async insertChild(
    run: NewRun & { child: NewChild },
    parent: Claim,
    options: { leaseMs: number },
  ): Promise<boolean> {
    return inTransaction(this.#pool, async client => {
      // Before the row of the parent: whoever ends a run takes them in this order too.
      await client.query({
        ...this.#statements.lockKeys,
        values: [run.plan.keys],
      });
      const { rowCount } = await client.query({
        ...this.#statements.fence,
        values: [parent.runId, parent.epoch, options.leaseMs],
      });
      if (rowCount !== 1)
        throw new LeaseLostError('Another worker has taken the run over');
      return this.#insert(client, run);
    });
  }

  async #insert(
    client: Pick<PoolClient, 'query'>,
    run: NewRun,
  ): Promise<boolean> {
    const { plan } = run;
    const steps = plan.steps.map((step, position) => ({
      id: step.id,
      position,
      title: step.title,
      input_hash: run.inputHashes[step.id],
      expected_ms: Math.round(step.expectedMs ?? step.timeoutMs / 2),
    }));
    const { rowCount } = await client.query({
      ...this.#statements.insertRun,
      values: [
        run.id,
        plan.kind,
        plan.version,
        plan.entityRef,
        plan.environment,
        plan.title,
        JSON.stringify(plan),
        run.planHash,
        run.reason,
        run.requestedBy,
        run.idempotencyKey,
        run.requestHash,
        run.requesterGroups,
        plan.keys,
        JSON.stringify(steps),
        run.input === undefined ? null : JSON.stringify(run.input),
        run.forkedFrom ?? null,
        run.replaces ?? null,
        ...toGateParameters(run),
        run.child?.actor ?? run.requestedBy,
        run.child?.parentRun ?? null,
        run.child?.childId ?? null,
        run.child?.wish ?? null,
        toPassParameter(run.pass),
      ],
    });
    return rowCount === 1;
  }

  async claim(options: {
    runId: string;
    kinds: string[];
    worker: string;
    leaseMs: number;
  }): Promise<ClaimedRun | undefined> {
    try {
      const { rows } = await this.#pool.query({
        ...this.#statements.claim,
        values: [options.runId, options.kinds, options.worker, options.leaseMs],
      });
      return rows[0] && toClaimedRun(rows[0]);
    } catch (error) {
      // Two replicas took two runs of one key in the same moment: the index lets one of them through.
      if ((error as { code?: string }).code === UNIQUE_VIOLATION)
        return undefined;
      throw error;
    }
  }

  async save(
    claim: Claim,
    delta: RunDelta,
    options: { leaseMs: number },
  ): Promise<Asked> {
    const row = await this.#save(claim, delta, {
      ...options,
      mustHold: false,
      lockKeys: [],
    });
    return toAsked(row);
  }

  async saveAndReadLocks(
    claim: Claim,
    delta: RunDelta,
    options: { leaseMs: number; lockKeys: string[] },
  ): Promise<{ locks: LockRecord[]; pass?: PassRecord }> {
    const row = await this.#save(claim, delta, { ...options, mustHold: true });
    return {
      locks: (row.locks ?? []).map(toLockRecord),
      pass: findValidPass(toPassRecords(row.passes)),
    };
  }

  async #save(
    claim: Claim,
    delta: RunDelta,
    options: { leaseMs: number; mustHold: boolean; lockKeys: string[] },
  ) {
    const { rows } = await this.#pool.query({
      ...this.#statements.save,
      values: [
        claim.runId,
        claim.epoch,
        options.leaseMs,
        ...toParameters(delta),
        options.mustHold,
        options.lockKeys,
      ],
    });
    if (rows.length !== 1)
      throw new LeaseLostError('Another worker has taken the run over');
    return rows[0];
  }

  async usePass(
    claim: Claim,
    passId: string,
    options: { leaseMs: number },
  ): Promise<boolean> {
    const { rows } = await this.#pool.query({
      ...this.#statements.usePass,
      values: [passId, claim.runId, claim.epoch, options.leaseMs],
    });
    if (Number(rows[0].fenced) !== 1)
      throw new LeaseLostError('Another worker has taken the run over');
    return Number(rows[0].used) === 1;
  }

  async hold(claim: Claim, reason: string): Promise<void> {
    const { rows } = await this.#pool.query({
      ...this.#statements.hold,
      values: [claim.runId, claim.epoch, randomUUID(), reason],
    });
    if (Number(rows[0].fenced) !== 1)
      throw new LeaseLostError('Another worker has taken the run over');
  }

  async end(claim: Claim, delta: RunDelta, end: RunEnd): Promise<void> {
    const finish = async (client: Pick<PoolClient, 'query'>) => {
      const parked =
        end.status === 'waiting' && end.parked
          ? JSON.stringify(end.parked)
          : null;
      const cause = end.status === 'waiting' ? null : end.cause ?? null;
      const { rows } = await client.query({
        ...this.#statements.end,
        values: [
          claim.runId,
          claim.epoch,
          end.status,
          parked,
          cause,
          ...toParameters(delta),
          end.keepKeys,
          end.status === 'waiting' && end.waitsForChildren === true,
        ],
      });
      if (Number(rows[0].fenced) !== 1)
        throw new LeaseLostError('Another worker has taken the run over');
    };
    if (end.keepKeys) {
      await finish(this.#pool as Pick<PoolClient, 'query'>);
      return;
    }
    await inTransaction(this.#pool, async client => {
      await client.query({
        ...this.#statements.lockKeysOfRun,
        values: [claim.runId],
      });
      await finish(client);
    });
  }

  async renew(
    claims: Claim[],
    options: { leaseMs: number },
  ): Promise<Map<string, Asked>> {
    const { rows } = await this.#pool.query({
      ...this.#statements.renew,
      values: [...toArrays(claims), options.leaseMs],
    });
    return new Map(rows.map(row => [row.id, toAsked(row)]));
  }

  async release(claims: Claim[]): Promise<void> {
    await this.#pool.query({
      ...this.#statements.release,
      values: toArrays(claims),
    });
  }

  async listHolders(): Promise<string[]> {
    const { rows } = await this.#pool.query(this.#statements.holders);
    return rows.map(row => row.worker);
  }

  async expireWorkers(workers: string[]): Promise<void> {
    await this.#pool.query({ ...this.#statements.expire, values: [workers] });
  }

  async findForsaken(options: {
    kinds: string[];
    limit: number;
  }): Promise<string[]> {
    const { rows } = await this.#pool.query({
      ...this.#statements.sweep,
      values: [options.kinds, options.limit],
    });
    return rows.map(row => row.id);
  }
}

function toArrays(claims: Claim[]): [string[], number[]] {
  return [claims.map(claim => claim.runId), claims.map(claim => claim.epoch)];
}

function toParameters(delta: RunDelta): [string, string, string] {
  const steps = delta.steps.map(step => ({
    step_id: step.stepId,
    status: step.status,
    attempt: step.attempt,
    failures: step.failures,
    interruptions: step.interruptions,
    effect_started: step.effectStarted,
    reference: step.reference,
    output: step.output,
    changes: step.changes,
    progress: step.progress,
    error: step.error,
    starts: step.starts,
    ends: step.ends,
    retry_in_ms:
      step.retryInMs === undefined ? undefined : Math.round(step.retryInMs),
  }));
  const logs = delta.logs.map(line => ({
    step_id: line.stepId,
    seq: line.seq,
    at: line.at,
    level: line.level,
    message: line.message,
  }));
  return [
    JSON.stringify(steps),
    JSON.stringify(logs),
    JSON.stringify(delta.outbox),
  ];
}

function toClaimedRun(row: any): ClaimedRun {
  return {
    claim: { runId: row.id, epoch: row.epoch },
    run: {
      id: row.id,
      number: Number(row.number),
      plan: row.plan,
      planHash: row.plan_hash,
      requestedBy: row.requested_by,
      requestedAt: row.requested_at.toISOString(),
      reason: row.reason,
      actor: row.actor,
      actorGroups: row.actor_groups,
    },
    takenOver: row.taken_over,
    confirmed: row.confirmed ?? undefined,
    asked: toAsked(row),
    steps: toStepRecords(row.steps),
    locks: (row.locks ?? []).map(toLockRecord),
    gates: toGateRecords(row.gates),
    pass: findValidPass(toPassRecords(row.passes)),
  };
}
