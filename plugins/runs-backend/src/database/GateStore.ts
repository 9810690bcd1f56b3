import { Pool, PoolClient } from 'pg';
import { randomUUID } from 'node:crypto';
import { judgeApproval } from '../approvals/judgeApproval';
import { shortName } from '../approvals/shortName';
import { createGateStatements, GateStatements } from './gateStatements';
import { toGateRecords } from './rows';
import { createStatements, Statements } from './statements';
import { inTransaction } from './transaction';
import { DecisionRecord, DelegationRecord, GateRecord } from './types';

/** What came of a word at a gate. */
export type GateOutcome =
  /** The gate is still closed: it takes more people. */
  | 'noted'
  | 'open'
  | 'rejected'
  /** Nothing was written: nobody waits at this gate any more. */
  | 'decided'
  /** Nothing was written: the run has another plan than the one that was shown. */
  | 'other-plan'
  /** Nothing was written: the person has said something already. */
  | 'said';

/** A word of a person at a gate. */
export interface GateWord
  extends Pick<
    DecisionRecord,
    'person' | 'decision' | 'onBehalfOf' | 'groups' | 'planHash' | 'comment'
  > {
  gateId: string;
  runId: string;
  /** Keys of the run's plan. */
  keys: string[];
}

/** Gates, as people and the engine see them. */
export interface GateStore {
  findRunId(gateId: string): Promise<string | undefined>;
  /**
   * Takes a word down. With the word that opens the last gate before the first effect the run takes its place in line, with a rejection it ends:
   * each in the same transaction. Of two that come at the same time the second finds the gate decided.
   */
  decide(word: GateWord): Promise<GateOutcome>;
  /** False when nobody waits at the gate any more. */
  delegate(
    gateId: string,
    runId: string,
    delegation: Omit<DelegationRecord, 'at'>,
  ): Promise<boolean>;
  /** Ends the runs whose gate nobody has opened in time; answers with their number. */
  expire(limit: number): Promise<number>;
  /** Approvals of runs with the same plan, given within the time. */
  findReusable(query: {
    planHash: string;
    entityRef: string;
    environment: string;
    name: string;
    withinMs: number;
  }): Promise<DecisionRecord[]>;
}

/** {@link GateStore} on PostgreSQL. */
export class DatabaseGateStore implements GateStore {
  static create(options: {
    pool: Pool;
    schema: string;
    wakeupSchema: string;
  }): DatabaseGateStore {
    return new DatabaseGateStore(
      options.pool,
      { ...createStatements(options), ...createGateStatements(options) },
      `"${options.schema.replace(/"/g, '""')}".outbox`,
    );
  }

  readonly #pool: Pool;
  readonly #statements: Statements & GateStatements;
  readonly #outbox: string;

  private constructor(
    pool: Pool,
    statements: Statements & GateStatements,
    outbox: string,
  ) {
    this.#pool = pool;
    this.#statements = statements;
    this.#outbox = outbox;
  }

  async findRunId(gateId: string): Promise<string | undefined> {
    const { rows } = await this.#pool.query({
      ...this.#statements.runOfGate,
      values: [gateId],
    });
    return rows[0]?.run_id;
  }

  async decide(word: GateWord): Promise<GateOutcome> {
    return inTransaction(this.#pool, async client => {
      const found = await this.#enter(client, word, word.keys);
      if (!found) return 'decided';
      if (found.planHash !== word.planHash) return 'other-plan';
      const { rowCount } = await client.query({
        ...this.#statements.decide,
        values: [
          word.gateId,
          word.person,
          word.decision,
          word.onBehalfOf ?? null,
          word.groups,
          word.planHash,
          word.comment ?? null,
        ],
      });
      if (rowCount === 0) return 'said';
      if (word.decision === 'reject') {
        await this.#end(client, word, {
          status: 'rejected',
          cause: `Rejected by ${shortName(word.person)}: ${word.comment}`,
          person: word.person,
        });
        return 'rejected';
      }
      return this.#openIfEnough(client, word, found);
    });
  }

  async delegate(
    gateId: string,
    runId: string,
    delegation: Omit<DelegationRecord, 'at'>,
  ): Promise<boolean> {
    return inTransaction(this.#pool, async client => {
      if (!(await this.#enter(client, { gateId, runId }, []))) return false;
      await client.query({
        ...this.#statements.delegate,
        values: [
          gateId,
          delegation.from,
          delegation.to,
          delegation.groups,
          delegation.comment ?? null,
        ],
      });
      await this.#touch(client, runId);
      await this.#tell(client, {
        what: 'delegated',
        gate: gateId,
        run: runId,
        by: delegation.from,
        recipients: [delegation.to],
      });
      return true;
    });
  }

  async expire(limit: number): Promise<number> {
    const { rows } = await this.#pool.query({
      ...this.#statements.overdue,
      values: [limit],
    });
    let ended = 0;
    for (const { id: gateId, run_id: runId } of rows) {
      ended += await inTransaction(this.#pool, async client => {
        await client.query({
          ...this.#statements.lockKeysOfRun,
          values: [runId],
        });
        await client.query({
          ...this.#statements.lockAtGate,
          values: [runId, gateId],
        });
        const gate = (await this.#readGates(client, runId)).find(
          each => each.id === gateId,
        );
        // Somebody was faster.
        if (gate?.status !== 'closed') return 0;
        await this.#end(
          client,
          { gateId, runId },
          {
            status: 'expired',
            cause: `Nobody has opened the gate in time: ${gate.title}`,
          },
        );
        return 1;
      });
    }
    return ended;
  }

  async findReusable(query: {
    planHash: string;
    entityRef: string;
    environment: string;
    name: string;
    withinMs: number;
  }): Promise<DecisionRecord[]> {
    const { rows } = await this.#pool.query({
      ...this.#statements.reusable,
      values: [
        query.planHash,
        query.entityRef,
        query.environment,
        query.name,
        query.withinMs,
      ],
    });
    return rows.map(row => ({
      person: row.person,
      decision: 'approve' as const,
      onBehalfOf: row.on_behalf_of ?? undefined,
      groups: row.groups,
      planHash: row.plan_hash,
      comment: row.comment ?? undefined,
      at: row.at.toISOString(),
      reusedFrom: Number(row.reused_from),
    }));
  }

  /** Locks what a word at the gate may change: keys first, as everybody does. Undefined when the run does not wait there. */
  async #enter(
    client: PoolClient,
    at: { gateId: string; runId: string },
    keys: string[],
  ) {
    await client.query({ ...this.#statements.lockKeys, values: [keys] });
    const { rows } = await client.query({
      ...this.#statements.lockAtGate,
      values: [at.runId, at.gateId],
    });
    if (!rows[0]?.waits) return undefined;
    return {
      planHash: rows[0].plan_hash as string,
      requestedBy: rows[0].requested_by as string,
    };
  }

  async #openIfEnough(
    client: PoolClient,
    word: GateWord,
    run: { planHash: string; requestedBy: string },
  ): Promise<GateOutcome> {
    const gate = (await this.#readGates(client, word.runId)).find(
      each => each.id === word.gateId,
    )!;
    const isEnough =
      !gate.rule ||
      judgeApproval({ ...gate, rule: gate.rule, ...run }).missing === 0;
    if (!isEnough) {
      await this.#touch(client, word.runId);
      return 'noted';
    }
    await client.query({
      ...this.#statements.setStatus,
      values: [word.gateId, 'open'],
    });
    const { rowCount } = await client.query({
      ...this.#statements.pass,
      values: [word.runId, word.keys],
    });
    if (rowCount === 0) await this.#touch(client, word.runId);
    await this.#tell(client, {
      what: 'opened',
      gate: word.gateId,
      run: word.runId,
      by: word.person,
      recipients: [run.requestedBy],
    });
    return 'open';
  }

  async #end(
    client: PoolClient,
    at: { gateId: string; runId: string },
    end: { status: 'rejected' | 'expired'; cause: string; person?: string },
  ): Promise<void> {
    await client.query({
      ...this.#statements.setStatus,
      values: [at.gateId, end.status],
    });
    await client.query({
      ...this.#statements.endAtGate,
      values: [at.runId, end.cause],
    });
    await this.#tell(client, {
      what: end.status,
      gate: at.gateId,
      run: at.runId,
      by: end.person,
      recipients: [],
    });
  }

  async #readGates(client: PoolClient, runId: string): Promise<GateRecord[]> {
    const { rows } = await client.query({
      ...this.#statements.gatesOfRun,
      values: [runId],
    });
    return toGateRecords(rows[0].gates);
  }

  async #touch(client: PoolClient, runId: string): Promise<void> {
    await client.query({ ...this.#statements.touch, values: [runId] });
  }

  /** Nobody asks over HTTP when a gate expires; the audit trail learns of it from the outbox. */
  async #tell(
    client: PoolClient,
    payload: { what: string; by?: string; [key: string]: unknown },
  ): Promise<void> {
    const topics =
      payload.what === 'expired'
        ? ['notify-gate', 'audit-gate']
        : ['notify-gate'];
    for (const topic of topics) {
      await client.query({
        name: 'runs_gate_tell',
        text: `INSERT INTO ${
          this.#outbox
        } (id, topic, payload) VALUES ($1, $2, $3)`,
        values: [randomUUID(), topic, JSON.stringify(payload)],
      });
    }
  }
}
