import assert from 'node:assert/strict';
import {
  ENDED,
  readCounts,
  requestHotfix,
  requestRun,
  setFault,
  startPortal,
  until,
  waitForRun,
} from '../../../../scripts/testing/portal.mjs';
import { Journal, type JournalEvent } from './Journal.ts';
import { type Counts, type Deeds, deedsOf } from './ledger.ts';
import { report, type Row } from './report.ts';

export type Portal = Awaited<ReturnType<typeof startPortal>>;

export const STATE_OF_ORDERS =
  '/deploys/v1/entities/component/default/orders/state';
/** The registry has v5.3.3 to v5.3.28. The schema has been at v5.3.22 and v5.3.24 when the world begins. */
const VERSIONS = [
  ...[25, 26, 27, 28, 23],
  ...Array.from({ length: 19 }, (_, index) => 21 - index),
].map(patch => `v5.3.${patch}`);

/**
 * A portal with its world, and what a test does to it. Cases come one after the other and each ships a version that was never shipped before, so that every
 * schema change can be told apart.
 */
export class Scene {
  readonly portal: Portal;
  readonly journal: Journal;
  readonly #versions = [...VERSIONS];
  readonly #rows: Row[] = [];
  readonly #frozen: number[] = [];

  static async start(options: { replicas?: number } = {}): Promise<Scene> {
    const portal = await startPortal(options);
    try {
      return new Scene(portal, await Journal.open(portal.database));
    } catch (error) {
      await portal.stop();
      throw error;
    }
  }

  private constructor(portal: Portal, journal: Journal) {
    this.portal = portal;
    this.journal = journal;
  }

  /** Reports what the suite has found, and ends everything. */
  async finish(suite: string, title: string): Promise<void> {
    report(suite, title, this.#rows);
    await this.journal.close();
    await this.portal.stop();
  }

  /** One case of the suite: it stands in the report however it ends, and leaves nothing behind for the next one. */
  async case(
    about: Pick<Row, 'step' | 'point' | 'how'>,
    work: (row: Row) => Promise<void>,
  ): Promise<void> {
    const row: Row = { ...about, end: 'not ended' };
    this.#rows.push(row);
    try {
      await work(row);
    } catch (error) {
      // What comes of it while tidying up matters less.
      await this.tidy().catch(() => {});
      throw error;
    }
    await this.tidy();
  }

  /** Waits for the end of the run, and notes it with what was done to the world since the counts were read. */
  async outcome(
    row: Row,
    options: { run: any; version: string; counts: Counts; base?: string },
  ): Promise<{ ended: any; deeds: Deeds }> {
    const { run, version, counts, base } = options;
    const ended = await this.ended(run.id, { base });
    row.end = ended.status;
    row.deeds = deedsOf({
      before: counts,
      after: await this.counts(),
      runId: run.id,
      version,
    });
    return { ended, deeds: row.deeds };
  }

  /** As `outcome`, for a run that has to succeed. */
  async success(
    row: Row,
    options: Parameters<Scene['outcome']>[1],
  ): Promise<Deeds> {
    const { ended, deeds } = await this.outcome(row, options);
    assert.equal(ended.status, 'succeeded', JSON.stringify(ended, null, 1));
    return deeds;
  }

  /** A version that was not shipped yet. */
  freshVersion(): string {
    const version = this.#versions.shift();
    if (!version) throw new Error('All versions have been shipped');
    return version;
  }

  ship(
    version: string,
    options: Partial<Parameters<typeof requestHotfix>[1]> = {},
  ): Promise<any> {
    return requestHotfix(this.portal, { version, ...options });
  }

  /** Asks for any action, on orders in production unless told otherwise, as dana. */
  request(
    action: string,
    input: object,
    on: { entityRef?: string; environment?: string } = {},
  ): Promise<any> {
    return requestRun(this.portal, {
      action,
      entityRef: 'component:default/orders',
      environment: 'production',
      ...on,
      input,
    });
  }

  /** Waits until the run has ended, or waits for a person. */
  ended(
    id: string,
    options: { timeoutMs?: number; base?: string } = {},
  ): Promise<any> {
    return waitForRun(this.portal, id, [...ENDED, 'waiting'], {
      timeoutMs: 150_000,
      ...options,
    });
  }

  counts(): Promise<Counts> {
    return readCounts(this.portal);
  }

  fault(
    fault: string,
    options: {
      target?: string;
      on?: boolean;
      value?: number | string;
      times?: number;
      details?: Record<string, string>;
    } = {},
  ): Promise<any> {
    return setFault(this.portal, { fault, ...options });
  }

  /** Which version runs where, as the cards say. */
  async liveVersions(environment = 'production'): Promise<string[]> {
    const { body } = await this.portal.call('dana', 'GET', STATE_OF_ORDERS);
    return body.deployments
      .filter((each: any) => each.environment === environment)
      .map((each: any) => each.version.version);
  }

  /** The first thing that happened to the run after the claim with which somebody went on. */
  async nextSignOfLife(
    runId: string,
    { after, epoch }: { after: number; epoch: number },
  ): Promise<JournalEvent> {
    return this.journal.until(
      event =>
        event.runId === runId &&
        event.epoch > epoch &&
        event.what !== 'run.claimed',
      { after, timeoutMs: 60_000, what: 'sign of life of the run' },
    );
  }

  /** Stops a process where it is, until `thaw`. */
  freeze(...pids: number[]): void {
    for (const pid of pids) {
      process.kill(pid, 'SIGSTOP');
      this.#frozen.push(pid);
    }
  }

  /** Lets everything go on that was stopped. */
  thaw(): void {
    for (const pid of this.#frozen.splice(0)) process.kill(pid, 'SIGCONT');
  }

  /** After a case, also after one that failed: no faults, nothing under way. */
  async tidy(): Promise<void> {
    this.thaw();
    await this.journal.releaseAll();
    await fetch(`${this.portal.sandbox.faults.url}/api/faults`, {
      method: 'DELETE',
    });
    const open = await this.#openRuns();
    for (const { id, status } of open) {
      // One that has stopped by itself is given up, and with a reason.
      const [verb, body] =
        status === 'needs-attention'
          ? ['discard', { reason: 'The case is over' }]
          : ['cancel', {}];
      await this.portal.call('dana', 'POST', `/runs/v1/runs/${id}/${verb}`, {
        body,
      });
    }
    if (open.length > 0)
      await until(async () => (await this.#openRuns()).length === 0, 60_000);
  }

  async #openRuns(): Promise<Array<{ id: string; status: string }>> {
    return this.journal.query(
      `SELECT id, status FROM run WHERE status NOT IN ('succeeded', 'failed', 'cancelled', 'dead')`,
    );
  }
}
