import { AuditorService, LoggerService } from '@backstage/backend-plugin-api';
import { MetricsService } from '@backstage/backend-plugin-api/alpha';
import { createRunUrl, RunsConfig } from './config';
import { describeDatabaseError } from './database/connection';
import { RunsDatabase } from './database/openDatabase';
import { GateStore } from './database/GateStore';
import { LockStore, TASK_LOCK_EXPIRED } from './database/LockStore';
import { DatabaseOutboxStore } from './database/OutboxStore';
import { QueueStore } from './database/QueueStore';
import { RunStore } from './database/RunStore';
import { retryDelayMs } from './engine/backoff';
import { Loop } from './engine/Loop';
import { OverdueWatch } from './engine/OverdueWatch';
import { ParkedWatch } from './engine/ParkedWatch';
import { RunEngine } from './engine/RunEngine';
import { Wakeups } from './engine/Wakeups';
import { Approvals } from './approvals/Approvals';
import { RunChildren } from './children/RunChildren';
import { InterlockReader } from './interlock/InterlockReader';
import { RunInterlock } from './interlock/RunInterlock';
import { ActionKinds } from './kinds/ActionKinds';
import { createMetrics } from './metrics';
import { NoticeTeller } from './notices/NoticeTeller';
import { Cleaner } from './record/Cleaner';
import { OutboxTeller } from './outbox/OutboxTeller';
import { Change } from './signals/ChangeListener';

const OUTBOX_INTERVAL_MS = 5_000;
/** Effects come in bursts; the audit trail may be a moment behind. */
const OUTBOX_GATHER_MS = 300;
/** People are told a moment later; nothing waits for it. */
const NOTICE_INTERVAL_MS = 5_000;
const NOTICE_GATHER_MS = 500;
const CLEAN_INTERVAL_MS = 60 * 60_000;
const PARKED_INTERVAL_MS = 5_000;
/** A gate that is overdue opens no more; that its run has ended may be seen a moment later. */
const GATE_INTERVAL_MS = 5_000;
const GATES_AT_ONCE = 50;
const OVERDUE_INTERVAL_MS = 15_000;
/** A lock that has expired binds no longer; that it is put away may be seen later. */
const REAP_INTERVAL_MS = 15_000;
const LOCKS_AT_ONCE = 200;

/** The working half of a replica. */
export interface Worker {
  claimLoopAgeMs(): number;
  activeRuns(): number;
  /** Somebody has written to the database. */
  note(change: Change): void;
  /** Leaves the runs to other workers. */
  stop(): Promise<void>;
}

/** Starts carrying out runs: engine, sweeper, wake-ups, outbox, and the look at parked runs. */
export function startWorker(options: {
  database: RunsDatabase;
  config: RunsConfig;
  queue: QueueStore;
  runs: RunStore;
  locks: LockStore;
  gates: GateStore;
  kinds: ActionKinds;
  interlock: RunInterlock;
  approvals: Approvals;
  reader: InterlockReader;
  auditor: AuditorService;
  /** Without it nobody is told of runs. */
  notices?: NoticeTeller;
  metrics: MetricsService;
  retryDelayMs?: (failures: number) => number;
  logger: LoggerService;
}): Worker {
  const {
    database,
    config,
    queue,
    runs,
    locks,
    gates,
    kinds,
    interlock,
    approvals,
    reader,
    auditor,
    notices,
    logger,
  } = options;

  const outboxTeller = new OutboxTeller({
    store: DatabaseOutboxStore.create(database),
    which: notices && 'others',
    auditor,
  });
  const outbox = new Loop({
    name: 'Telling the auditor',
    intervalMs: OUTBOX_INTERVAL_MS,
    task: () => outboxTeller.drain(),
    logger,
  });
  const overdue = new OverdueWatch({ runs, logger });
  const overdueLoop = new Loop({
    name: 'Looking for steps that take too long',
    intervalMs: OVERDUE_INTERVAL_MS,
    task: () => overdue.look(),
    logger,
  });
  const sending = new Loop({
    name: 'Telling people',
    intervalMs: NOTICE_INTERVAL_MS,
    task: async () => notices?.send(),
    logger,
  });
  const spreading = new Loop({
    name: 'Finding out whom to tell',
    intervalMs: NOTICE_INTERVAL_MS,
    task: async () => {
      await notices?.spread();
      sending.trigger();
    },
    logger,
  });
  const cleaner = new Cleaner({
    ...database,
    retention: config.record.retention,
    logger,
  });
  const cleaning = new Loop({
    name: 'Forgetting what is over for long',
    intervalMs: CLEAN_INTERVAL_MS,
    task: () => cleaner.clean(),
    logger,
  });
  const metrics = createMetrics(options.metrics);
  const engine = RunEngine.create({
    store: queue,
    kinds,
    interlock,
    children: RunChildren.create({
      queue,
      runs,
      approvals,
      reader,
      leaseMs: config.leaseMs,
      logger,
    }),
    leaseMs: config.leaseMs,
    maxActiveRuns: config.maxActiveRuns,
    runUrl: createRunUrl(config),
    observer: {
      ...metrics.observer,
      onOutbox: () => outbox.triggerWithin(OUTBOX_GATHER_MS),
    },
    retryDelayMs: options.retryDelayMs ?? retryDelayMs,
    logger,
  });
  const sweeper = new Loop({
    name: 'Looking for forsaken runs',
    intervalMs: config.sweepIntervalMs,
    task: () => engine.sweep(),
    logger,
  });
  metrics.observe({
    claimLoopAgeMs: () => sweeper.ageMs,
    activeRuns: () => engine.activeRuns,
    overdueSteps: () => overdue.count,
  });
  const parkedWatch = new ParkedWatch({ runs, locks, interlock });
  const parked = new Loop({
    name: 'Looking at parked runs',
    intervalMs: PARKED_INTERVAL_MS,
    task: () => parkedWatch.look(),
    logger,
  });
  const expiry = new Loop({
    name: 'Looking for gates that expired',
    intervalMs: GATE_INTERVAL_MS,
    task: async () => {
      if ((await gates.expire(GATES_AT_ONCE)) > 0) outbox.trigger();
    },
    logger,
  });
  const reaper = new Loop({
    name: 'Putting away locks that expired',
    intervalMs: REAP_INTERVAL_MS,
    task: async () => {
      if ((await locks.reap(LOCKS_AT_ONCE)) > 0) outbox.trigger();
    },
    logger,
  });
  const wakeups = Wakeups.create({
    pool: database.pool,
    schema: database.wakeupSchema,
    handlers: {
      ...Object.fromEntries(
        kinds.registered.map(kind => [
          `run:${kind}`,
          (payload: unknown) => engine.look((payload as { run: string }).run),
        ]),
      ),
      [TASK_LOCK_EXPIRED]: payload =>
        locks.ringExpired((payload as { lock: string }).lock),
    },
    logger,
  });

  sweeper.start();
  outbox.start();
  parked.start();
  expiry.start();
  overdueLoop.start();
  reaper.start();
  cleaning.start();
  if (notices) {
    spreading.start();
    sending.start();
  }
  wakeups.start();

  return {
    claimLoopAgeMs: () => sweeper.ageMs,
    activeRuns: () => engine.activeRuns,
    note: change => {
      if (change.what === 'run' && notices)
        spreading.triggerWithin(NOTICE_GATHER_MS);
      if (change.what !== 'run') parked.trigger();
      else if (change.cancels) engine.noteAsked(change.runId);
      else if (change.wakes)
        engine.look(change.runId).catch(error =>
          logger.warn('A run whose child has ended was not looked at', {
            run: change.runId,
            reason: describeDatabaseError(error),
          }),
        );
    },
    async stop() {
      notices?.stop();
      await Promise.all([
        sweeper.stop(),
        parked.stop(),
        expiry.stop(),
        overdueLoop.stop(),
        reaper.stop(),
        cleaning.stop(),
        wakeups.stop(),
        engine.stop(),
      ]);
      await Promise.all([outbox.stop(), spreading.stop(), sending.stop()]);
    },
  };
}
