import { LoggerService } from '@backstage/backend-plugin-api';
import { JsonObject } from '@backstage/types';
import { Change, RunLogLine } from '@switchyard/backstage-plugin-runs-common';
import { randomUUID } from 'node:crypto';
import { describeDatabaseError } from '../database/connection';
import { PassRecord } from '../breakGlass/types';
import { QueueStore } from '../database/QueueStore';
import {
  Asked,
  LockRecord,
  LogRecord,
  OutboxRecord,
  RunDelta,
  RunEnd,
  StepDelta,
} from '../database/types';
import { Lease } from './Lease';
import { StepState } from './stepGraph';
import { toStorableText } from './text';

/** Log lines and progress are written together, at most this often. */
const FLUSH_INTERVAL_MS = 400;
/** Lines of one epoch are numbered below those of the next. */
const LINES_PER_EPOCH = 1_000_000;
/** A step that says the same thing in a loop must not fill the disk. */
const MAX_LINES_PER_STEP = 5_000;

interface StepMarks {
  starts: boolean;
  ends: boolean;
}

/**
 * What a run has to tell, gathered, and written with as few statements as possible: one after the other, each whole, each under the lease.
 */
export class RunRecorder {
  readonly #store: QueueStore;
  readonly #lease: Lease;
  readonly #leaseMs: number;
  readonly #logger: LoggerService;
  readonly #about: JsonObject;
  readonly #dirty = new Map<StepState, StepMarks>();
  readonly #lineCounts = new Map<string, number>();
  #logs: LogRecord[] = [];
  #outbox: OutboxRecord[] = [];
  #nextLine: number;
  #flushTimer: NodeJS.Timeout | undefined;
  #writes: Promise<unknown> = Promise.resolve();
  #onWritten: () => void;

  constructor(options: {
    store: QueueStore;
    lease: Lease;
    leaseMs: number;
    logger: LoggerService;
    /** Goes into each audit event about an effect. */
    about: JsonObject;
    /** Called after something was put into the outbox and committed. */
    onWritten: () => void;
  }) {
    this.#store = options.store;
    this.#lease = options.lease;
    this.#leaseMs = options.leaseMs;
    this.#logger = options.logger;
    this.#about = options.about;
    this.#onWritten = options.onWritten;
    this.#nextLine = options.lease.claim.epoch * LINES_PER_EPOCH;
  }

  /** Notes that a step's record has changed. */
  mark(step: StepState, marks: Partial<StepMarks> = {}): void {
    const known = this.#dirty.get(step) ?? { starts: false, ends: false };
    this.#dirty.set(step, {
      starts: marks.starts ?? known.starts,
      ends: marks.ends ?? known.ends,
    });
  }

  log(
    step: StepState,
    message: string,
    level: RunLogLine['level'] = 'info',
  ): void {
    const stepId = step.planned.id;
    const count = (this.#lineCounts.get(stepId) ?? 0) + 1;
    this.#lineCounts.set(stepId, count);
    if (count > MAX_LINES_PER_STEP) return;
    const text =
      count === MAX_LINES_PER_STEP
        ? 'Further lines are left out'
        : toStorableText(message);
    this.#logs.push({
      stepId,
      seq: this.#nextLine++,
      at: new Date().toISOString(),
      level,
      message: text,
    });
    this.#scheduleFlush(FLUSH_INTERVAL_MS);
  }

  progress(step: StepState, message: string): void {
    const text = toStorableText(message, 300);
    if (step.record.progress === text) return;
    step.record.progress = text;
    this.mark(step);
    this.#scheduleFlush(FLUSH_INTERVAL_MS);
  }

  /** An effect that has happened is written without delay. */
  change(step: StepState, change: Change): void {
    const isSame = (other: Change) =>
      other.system === change.system &&
      other.what === change.what &&
      other.ref === change.ref &&
      other.cluster === change.cluster;
    // A later attempt that adopts an effect tells of it again.
    const known = step.record.changes.some(isSame);
    step.record.changes = [
      ...step.record.changes.filter(other => !isSame(other)),
      change,
    ];
    this.mark(step);
    if (!known) {
      // The diff stays with the run; the audit trail names what changed.
      const { diff: _diff, ...audited } = change;
      this.#outbox.push({
        id: randomUUID(),
        topic: 'audit-effect',
        payload: {
          ...this.#about,
          step: step.planned.id,
          change: audited as JsonObject,
        },
      });
    }
    this.#scheduleFlush(0);
  }

  /** Writes what has gathered; answers with what people want of the run. */
  async save(): Promise<Asked> {
    return this.#write(delta =>
      this.#store.save(this.#lease.claim, delta, { leaseMs: this.#leaseMs }),
    );
  }

  /** Writes what has gathered if the lease still runs, and answers with the locks and the emergency pass of this moment: locks on the run's entity, and under the keys. */
  async saveAndReadLocks(
    lockKeys: string[],
  ): Promise<{ locks: LockRecord[]; pass?: PassRecord }> {
    return this.#write(delta =>
      this.#store.saveAndReadLocks(this.#lease.claim, delta, {
        leaseMs: this.#leaseMs,
        lockKeys,
      }),
    );
  }

  /** Notes that an effect passes by an emergency pass. False when it is valid no longer. */
  async usePass(passId: string): Promise<boolean> {
    return this.#lease.persist(
      () =>
        this.#store.usePass(this.#lease.claim, passId, {
          leaseMs: this.#leaseMs,
        }),
      error =>
        this.#logger.warn('A run could not use its pass, trying again', {
          reason: describeDatabaseError(error),
        }),
    );
  }

  /** Locks the run's target, once. */
  async hold(reason: string): Promise<void> {
    await this.#lease.persist(
      () => this.#store.hold(this.#lease.claim, reason),
      error =>
        this.#logger.warn('A run could not lock its target, trying again', {
          reason: describeDatabaseError(error),
        }),
    );
  }

  async end(end: RunEnd): Promise<void> {
    await this.#write(delta => this.#store.end(this.#lease.claim, delta, end));
  }

  /** The last words of a worker that goes down: tried once. */
  async saveLastWords(): Promise<void> {
    clearTimeout(this.#flushTimer);
    await this.#writes.catch(() => {});
    const { delta } = this.#take();
    await this.#store.save(this.#lease.claim, delta, {
      leaseMs: this.#leaseMs,
    });
  }

  /** Writes what has gathered without waiting for more. */
  flush(): void {
    if (this.#hasSomething()) this.#scheduleFlush(0);
  }

  close(): void {
    clearTimeout(this.#flushTimer);
  }

  #scheduleFlush(delayMs: number): void {
    if (this.#flushTimer && delayMs > 0) return;
    clearTimeout(this.#flushTimer);
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      // Whoever carries the run out learns of a lost lease by its signal.
      if (this.#hasSomething()) this.save().catch(() => {});
    }, delayMs);
  }

  #hasSomething(): boolean {
    return (
      this.#dirty.size > 0 || this.#logs.length > 0 || this.#outbox.length > 0
    );
  }

  async #write<T>(write: (delta: RunDelta) => Promise<T>): Promise<T> {
    const written = this.#writes.then(async () => {
      clearTimeout(this.#flushTimer);
      this.#flushTimer = undefined;
      const { delta } = this.#take();
      const result = await this.#lease.persist(
        () => write(delta),
        error =>
          this.#logger.warn('A run could not be written, trying again', {
            reason: describeDatabaseError(error),
          }),
      );
      if (delta.outbox.length > 0) this.#onWritten();
      return result;
    });
    this.#writes = written.catch(() => {});
    return written;
  }

  #take(): { delta: RunDelta } {
    const steps = [...this.#dirty].map(([step, marks]): StepDelta => {
      const {
        startedAt: _s,
        finishedAt: _f,
        retryAt: _r,
        skipped: _k,
        expectedBy: _e,
        ...record
      } = step.record;
      return { ...record, ...marks };
    });
    const delta = { steps, logs: this.#logs, outbox: this.#outbox };
    this.#dirty.clear();
    this.#logs = [];
    this.#outbox = [];
    return { delta };
  }
}
