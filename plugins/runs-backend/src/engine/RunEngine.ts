import { LoggerService } from '@backstage/backend-plugin-api';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { describeDatabaseError } from '../database/connection';
import { QueueStore } from '../database/QueueStore';
import { ClaimedRun } from '../database/types';
import { ActionKinds } from '../kinds/ActionKinds';
import { RunChildren } from '../children/RunChildren';
import { RunInterlock } from '../interlock/RunInterlock';
import { Lease, ShutdownError } from './Lease';
import { LeaseKeeper } from './LeaseKeeper';
import { ExecutionResult, RunExecutor } from './RunExecutor';
import { RunRecorder } from './RunRecorder';
import { Outcome } from './runAttempt';
import { findDeadNeighbours, registerWorker } from './workerIdentity';

/** What the engine tells about its work. */
export interface EngineObserver {
  onClaimed(run: { waitedMs: number; takenOver: boolean }): void;
  onAttempt(kind: Outcome['kind']): void;
  onLeft(result: ExecutionResult): void;
  /** Something was put into the outbox. */
  onOutbox(): void;
}

/** Claims runs and carries them out, until it is stopped. One per replica. */
export class RunEngine {
  static create(options: {
    store: QueueStore;
    kinds: ActionKinds;
    interlock: RunInterlock;
    children: RunChildren;
    leaseMs: number;
    maxActiveRuns: number;
    /** Address of the page of a run. */
    runUrl: (runId: string) => string;
    observer: EngineObserver;
    /** Milliseconds until the next attempt, after so many failures. */
    retryDelayMs: (failures: number) => number;
    logger: LoggerService;
  }): RunEngine {
    return new RunEngine(options);
  }

  readonly #options: Parameters<typeof RunEngine.create>[0];
  readonly #keeper: LeaseKeeper;
  readonly #worker = registerWorker();
  /** Also those that are being claimed at this moment. */
  readonly #active = new Map<string, Promise<void>>();
  #stopping = false;

  private constructor(options: Parameters<typeof RunEngine.create>[0]) {
    this.#options = options;
    this.#keeper = LeaseKeeper.create({
      store: options.store,
      leaseMs: options.leaseMs,
      logger: options.logger,
    });
  }

  get activeRuns(): number {
    return this.#active.size;
  }

  /**
   * Looks at a run, and carries it out when it is its turn. Settles when that is decided, not when the run has ended.
   *
   * @throws when the database cannot be reached
   */
  async look(runId: string): Promise<void> {
    if (
      this.#stopping ||
      this.#active.has(runId) ||
      this.#active.size >= this.#options.maxActiveRuns
    )
      return;
    let finish!: () => void;
    this.#active.set(runId, new Promise(resolve => (finish = resolve)));
    const leave = () => {
      this.#active.delete(runId);
      finish();
    };
    try {
      const sentAtMs = performance.now();
      const claimed = await this.#options.store.claim({
        runId,
        kinds: this.#options.kinds.registered,
        worker: this.#worker,
        leaseMs: this.#options.leaseMs,
      });
      if (!claimed) {
        leave();
        return;
      }
      this.#options.observer.onClaimed({
        waitedMs: Date.now() - Date.parse(claimed.run.requestedAt),
        takenOver: claimed.takenOver,
      });
      this.#carryOut(claimed, sentAtMs).finally(leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Looks for runs that nobody carries out: after a crash, a lost ring, or a time without database. */
  async sweep(): Promise<void> {
    const { store, kinds, maxActiveRuns } = this.#options;
    const dead = findDeadNeighbours(await store.listHolders(), this.#worker);
    if (dead.length > 0) {
      this.#options.logger.info(
        'Workers that ended without a word leave their runs',
        { workers: dead.length },
      );
      await store.expireWorkers(dead);
    }
    const capacity = maxActiveRuns - this.#active.size;
    if (capacity <= 0 || this.#stopping) return;
    const forsaken = await store.findForsaken({
      kinds: kinds.registered,
      limit: capacity,
    });
    await Promise.all(forsaken.map(runId => this.look(runId)));
  }

  /** Somebody wants the run cancelled, held, or no longer held: the answer to a renewal says who. */
  noteAsked(runId: string): void {
    if (
      this.#keeper.leases.some(
        lease =>
          lease.claim.runId === runId &&
          lease.asked.cancelRequestedBy === undefined,
      )
    ) {
      this.#keeper.renew();
    }
  }

  /** Tells all runs to stop where they are, and hands them to other workers. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { leases } = this.#keeper;
    for (const lease of leases)
      lease.abort(new ShutdownError('The backend goes down'));
    await Promise.all(this.#active.values());
    this.#keeper.stop();
  }

  async #carryOut(claimed: ClaimedRun, sentAtMs: number): Promise<void> {
    const { store, leaseMs, logger, observer } = this.#options;
    const { run } = claimed;
    const about = {
      run: run.id,
      number: run.number,
      kind: run.plan.kind,
      entityRef: run.plan.entityRef,
    };
    const lease = new Lease({
      claim: claimed.claim,
      leaseMs,
      sentAtMs,
      asked: claimed.asked,
    });
    this.#keeper.add(lease);
    if (this.#stopping) lease.abort(new ShutdownError('The backend goes down'));
    const recorder = new RunRecorder({
      store,
      lease,
      leaseMs,
      logger,
      about: {
        ...about,
        environment: run.plan.environment,
        requestedBy: run.requestedBy,
        answeredBy: run.actor,
      },
      onWritten: observer.onOutbox,
    });
    try {
      const result = await this.#execute(claimed, lease, recorder);
      observer.onLeft(result);
      if (result === 'lost')
        logger.warn('A run was lost to another worker', about);
      else logger.info('A run was left', { ...about, result });
      if (result === 'interrupted') await store.release([claimed.claim]);
    } catch (error) {
      logger.error('A run could not be carried out', {
        ...about,
        reason: describeDatabaseError(error),
      });
    } finally {
      this.#keeper.remove(lease);
    }
  }

  async #execute(
    claimed: ClaimedRun,
    lease: Lease,
    recorder: RunRecorder,
  ): Promise<ExecutionResult> {
    const {
      kinds,
      interlock,
      children,
      logger,
      observer,
      runUrl,
      retryDelayMs,
    } = this.#options;
    try {
      const executor = new RunExecutor({
        claimed,
        kind: kinds.get(claimed.run.plan.kind) as ActionKind,
        interlock,
        lease,
        recorder,
        children: (run, held) => children.of(run, held),
        runUrl: runUrl(claimed.run.id),
        retryDelayMs,
        logger,
        onAttempt: kind => observer.onAttempt(kind),
      });
      return await executor.execute();
    } catch (error) {
      // A mistake of ours, not of a step: without an end it would come back for ever.
      logger.error('A run stopped at an internal error', {
        run: claimed.run.number,
        reason: (error as Error).stack ?? String(error),
      });
      await recorder.end({
        status: 'needs-attention',
        cause: 'Internal error; the log of the backend says more',
        keepKeys: true,
      });
      return 'needs-attention';
    }
  }
}
