import { LoggerService } from '@backstage/backend-plugin-api';
import { JsonObject } from '@backstage/types';
import {
  ActionKind,
  ChildRuns,
  StepContext,
} from '@switchyard/backstage-plugin-runs-node';
import { ClaimedRun, Parked, RunEnd } from '../database/types';
import {
  describeBlockers,
  InterlockRefusedError,
  RunInterlock,
} from '../interlock/RunInterlock';
import { isReadAtClaim } from '../locks/lockKeys';
import { Lease } from './Lease';
import { Outcome, runAttempt } from './runAttempt';
import { RunRecorder } from './RunRecorder';
import { applyOutcome, ParkReason, recover } from './stepOutcomes';
import { decide, isDone, StepState, Stopping } from './stepGraph';
import { describeRun, outputsOf, wordsOf } from './stepSurroundings';

/** What became of a run under this worker. */
export type ExecutionResult = RunEnd['status'] | 'interrupted' | 'lost';

/**
 * Carries out one claimed run: starts the steps whose time has come, waits, and writes how they ended together with what starts next. It
 * holds a promise while it waits, no worker and no connection.
 */
export class RunExecutor {
  readonly #claimed: ClaimedRun;
  readonly #kind: ActionKind;
  readonly #interlock: RunInterlock;
  readonly #lease: Lease;
  readonly #recorder: RunRecorder;
  readonly #children: (claimed: ClaimedRun, lease: Lease) => ChildRuns;
  readonly #runUrl: string;
  readonly #retryDelayMs: (failures: number) => number;
  readonly #logger: LoggerService;
  readonly #onAttempt: (kind: Outcome['kind']) => void;
  readonly #steps: StepState[];
  readonly #settled: Array<{ step: StepState; outcome: Outcome }> = [];
  readonly #running = new Set<Promise<void>>();
  #wake: () => void = () => {};
  #stopping: Stopping | undefined;
  #park: ParkReason | undefined;

  constructor(options: {
    claimed: ClaimedRun;
    kind: ActionKind;
    interlock: RunInterlock;
    lease: Lease;
    recorder: RunRecorder;
    children: (claimed: ClaimedRun, lease: Lease) => ChildRuns;
    runUrl: string;
    retryDelayMs: (failures: number) => number;
    logger: LoggerService;
    onAttempt: (kind: Outcome['kind']) => void;
  }) {
    this.#claimed = options.claimed;
    this.#kind = options.kind;
    this.#interlock = options.interlock;
    this.#lease = options.lease;
    this.#recorder = options.recorder;
    this.#children = options.children;
    this.#runUrl = options.runUrl;
    this.#retryDelayMs = options.retryDelayMs;
    this.#logger = options.logger;
    this.#onAttempt = options.onAttempt;
    this.#steps = recover(options.claimed, { nowMs: performance.now() });
  }

  /** Settles when the run has ended, waits for a person, or is another worker's. Never rejects because of what a step did. */
  async execute(): Promise<ExecutionResult> {
    const stopListening = this.#lease.onAsked(() => this.#wake());
    const onAbort = () => this.#wake();
    this.#lease.signal.addEventListener('abort', onAbort);
    try {
      for (const step of this.#steps)
        if (!isDone(step)) this.#recorder.mark(step);
      return (await this.#askAtClaim()) ?? (await this.#drive());
    } catch (error) {
      if (this.#lease.signal.aborted) return await this.#leave();
      throw error;
    } finally {
      stopListening();
      this.#lease.signal.removeEventListener('abort', onAbort);
      this.#recorder.close();
    }
  }

  /** A run that goes on under another worker starts nothing by that: its next effect is guarded. */
  async #askAtClaim(): Promise<ExecutionResult | undefined> {
    if (this.#claimed.takenOver || this.#lease.asked.cancelRequestedBy)
      return undefined;
    const { lockKeys, judge } = await this.#interlock.prepare(
      this.#question(),
      this.#lease.signal,
    );
    const { locks, pass } =
      // What else binds the run, its system and clusters, the claim could not know.
      lockKeys.some(
        key => !isReadAtClaim(key, this.#claimed.run.plan.entityRef),
      )
        ? await this.#recorder.saveAndReadLocks(lockKeys)
        : this.#claimed;
    const verdict = judge({ state: 'read', value: locks }, pass);
    if (verdict.allowed) return undefined;
    this.#stopping = { by: 'park' };
    this.#park = {
      message: describeBlockers(verdict.blockers),
      blockers: verdict.blockers,
    };
    return this.#finish('waiting');
  }

  async #drive(): Promise<ExecutionResult> {
    for (;;) {
      this.#takeOutcomes();
      if (this.#lease.signal.aborted) return this.#leave();
      this.#heed();

      const decision = decide({
        steps: this.#steps,
        stopping: this.#stopping,
        nowMs: performance.now(),
      });
      if (decision.do === 'end') {
        // What people want is heard some time after they said it: a wish that was taken back meanwhile must not hold the run.
        if (this.#stopping?.by === 'pause') {
          this.#lease.noteAsked(await this.#recorder.save());
          if (this.#wouldHeed() !== 'pause') continue;
        }
        return this.#finish(decision.status, decision.step);
      }
      if (decision.do === 'start') await this.#start(decision.steps);
      else {
        // What has ended is written now, although nothing starts with it.
        this.#recorder.flush();
        await this.#wait(decision.untilMs);
      }
    }
  }

  async #start(steps: StepState[]): Promise<void> {
    const before = new Map(steps.map(step => [step, { ...step.record }]));
    for (const step of steps) {
      step.record.status = 'running';
      step.record.attempt += 1;
      if (!step.goesOn) step.record.progress = undefined;
      step.record.retryInMs = undefined;
      step.retryAtMs = undefined;
      this.#recorder.mark(step, { starts: !step.goesOn, ends: false });
      step.goesOn = false;
    }
    // How the steps before have ended goes with it, in one statement.
    this.#lease.noteAsked(await this.#recorder.save());
    const { cancelRequestedBy, pauseRequestedBy } = this.#lease.asked;
    for (const step of steps) {
      if ((cancelRequestedBy || pauseRequestedBy) && !step.mustFinish) {
        // Somebody stopped the run while it was written: it has not begun.
        step.record = before.get(step)!;
        this.#recorder.mark(step);
      } else {
        this.#launch(step);
      }
    }
  }

  #launch(step: StepState): void {
    const attempt = { open: true };
    const handler = this.#kind.steps[step.planned.handler];
    const running: Promise<void> = runAttempt({
      handler,
      context: this.#createContext(step, attempt),
      runSignal: this.#lease.signal,
    }).then(outcome => {
      attempt.open = false;
      this.#running.delete(running);
      this.#onAttempt(outcome.kind);
      this.#settled.push({ step, outcome });
      this.#wake();
    });
    this.#running.add(running);
  }

  #takeOutcomes(): void {
    for (const { step, outcome } of this.#settled.splice(0)) {
      if (outcome.kind === 'error') {
        this.#logger.warn('An attempt of a step failed', {
          run: this.#claimed.run.number,
          step: step.planned.id,
          attempt: step.record.attempt,
          reason: outcome.stack ?? outcome.message,
        });
      }
      const result = applyOutcome({
        step,
        outcome,
        recorder: this.#recorder,
        retryDelayMs: this.#retryDelayMs,
        nowMs: performance.now(),
      });
      if (result.park && !this.#park)
        this.#park = { ...result.park, stepId: step.planned.id };
      const isWeaker =
        !this.#stopping ||
        this.#stopping.by === 'park' ||
        this.#stopping.by === 'pause';
      if (result.stops && isWeaker) this.#stopping = { by: result.stops };
    }
  }

  async #wait(untilMs: number | undefined): Promise<void> {
    if (this.#settled.length > 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      this.#wake = resolve;
      if (this.#lease.signal.aborted) resolve();
      // Asked before anybody listened: only where that changes anything.
      if (this.#wouldHeed() !== this.#stopping?.by) resolve();
      if (untilMs !== undefined)
        timer = setTimeout(
          resolve,
          Math.max(untilMs - performance.now(), 0) + 1,
        );
    });
    clearTimeout(timer);
    this.#wake = () => {};
  }

  #heed(): void {
    const by = this.#wouldHeed();
    if (by !== this.#stopping?.by) this.#stopping = by && { by };
  }

  /** What has failed, or was parked by what a step found, outweighs the wish to hold the run; the wish to end it outweighs what was parked. */
  #wouldHeed(): Stopping['by'] | undefined {
    const { cancelRequestedBy, pauseRequestedBy } = this.#lease.asked;
    const by = this.#stopping?.by;
    if (by === 'failure' || by === 'cancel') return by;
    if (cancelRequestedBy !== undefined) return 'cancel';
    if (by === 'park') return by;
    // Taken back in time: nothing has happened.
    return pauseRequestedBy === undefined ? undefined : 'pause';
  }

  async #finish(
    status: RunEnd['status'],
    step?: StepState,
  ): Promise<ExecutionResult> {
    await this.#recorder.end(this.#describeEnd(status, step));
    return status;
  }

  #describeEnd(status: RunEnd['status'], step?: StepState): RunEnd {
    const underWay = this.#steps.filter(each => each.record.effectStarted);
    if (status === 'waiting') {
      return {
        status,
        parked: this.#describePark(),
        waitsForChildren:
          this.#stopping === undefined &&
          this.#steps.some(each => each.waitsForChildren),
        // Before the first effect it stands in nobody's way; between effects nobody may come in between.
        keepKeys: underWay.length > 0,
      };
    }
    if (status === 'cancelled') {
      for (const each of this.#steps) {
        if (isDone(each)) continue;
        each.record.status = 'cancelled';
        this.#recorder.mark(each);
      }
      const unclear = underWay.find(each => each.record.status === 'cancelled');
      const by = `Cancelled by ${this.#lease.asked.cancelRequestedBy}`;
      return {
        status,
        cause: unclear
          ? `${by}. '${unclear.planned.title}' had been tried and may have had an effect`
          : by,
        keepKeys: false,
      };
    }
    return {
      status,
      cause: step && `${step.planned.title}: ${step.record.error}`,
      // What an effect has left behind is unknown: whoever comes next must not build on it.
      keepKeys: status === 'needs-attention',
    };
  }

  /** Undefined when nothing has parked it: then it has come to a gate. */
  #describePark(): Parked | undefined {
    const since = new Date().toISOString();
    if (this.#park) return { ...this.#park, since, ready: false };
    if (this.#stopping?.by !== 'pause') return undefined;
    const { pauseRequestedBy } = this.#lease.asked;
    return {
      message: `Held by ${pauseRequestedBy}`,
      blockers: [],
      since,
      ready: true,
      pausedBy: pauseRequestedBy,
    };
  }

  /** The lease is lost, or the process goes down: waits for what runs, which has been told, and leaves the rest to another worker. */
  async #leave(): Promise<ExecutionResult> {
    await Promise.all(this.#running);
    if (this.#lease.isLost) return 'lost';
    this.#takeOutcomes();
    for (const step of this.#steps) {
      if (step.record.status !== 'running') continue;
      // The next worker counts an interruption; one that was orderly does not count.
      step.record.interruptions -= 1;
      this.#recorder.mark(step);
    }
    await this.#recorder.saveLastWords().catch(error => {
      this.#logger.warn('The last words of a run could not be written', {
        reason: String(error),
      });
    });
    return 'interrupted';
  }

  #question() {
    const { plan, actor, actorGroups, requestedBy } = this.#claimed.run;
    const { gates } = this.#claimed;
    const hasBegun = this.#steps.some(step => step.record.effectStarted);
    const approval = { plan, gates, requestedBy, hasBegun };
    return { plan, actor, actorGroups, approval };
  }

  #createContext(
    step: StepState,
    attempt: { open: boolean },
  ): Omit<StepContext, 'signal'> {
    const { run, confirmed } = this.#claimed;
    // A handler that was left behind after its time must not write any more.
    const whileOpen = (write: () => void) => {
      if (attempt.open) write();
    };
    return {
      run: describeRun(run, this.#runUrl),
      step: {
        ...step.planned,
        attempt: step.record.attempt,
        reference: step.record.reference,
      },
      ...wordsOf(confirmed, step.planned.id),
      children: this.#children(this.#claimed, this.#lease),
      outputs: outputsOf(this.#steps.map(({ record }) => record)),
      cancelled: this.#lease.cancelled,
      log: (message, level) =>
        whileOpen(() => this.#recorder.log(step, message, level)),
      progress: message =>
        whileOpen(() => this.#recorder.progress(step, message)),
      recordChange: change =>
        whileOpen(() => this.#recorder.change(step, change)),
      holdTarget: async reason => {
        if (!attempt.open) throw new Error('The attempt has ended');
        await this.#recorder.hold(reason);
      },
      beforeEffect: reference => this.#beforeEffect(step, attempt, reference),
    };
  }

  async #beforeEffect(
    step: StepState,
    attempt: { open: boolean },
    reference?: JsonObject,
  ): Promise<void> {
    const assertOpen = () => {
      this.#lease.signal.throwIfAborted();
      if (!attempt.open) throw new Error('The attempt has ended');
    };
    assertOpen();
    const { lockKeys, judge } = await this.#interlock.prepare(
      this.#question(),
      this.#lease.signal,
    );
    // What the pass lifts besides locks is judged by the one that is valid below.
    const early = judge({ state: 'read', value: [] }, this.#claimed.pass);
    if (!early.allowed) throw new InterlockRefusedError(early.blockers);
    assertOpen();

    const before = {
      effectStarted: step.record.effectStarted,
      reference: step.record.reference,
    };
    step.record.effectStarted = true;
    step.record.reference = reference ?? before.reference;
    this.#recorder.mark(step);
    // Proves the lease and reads the locks in the same statement: nothing lies between the two.
    const { locks, pass } = await this.#recorder.saveAndReadLocks(lockKeys);
    assertOpen();
    const standing = { state: 'read' as const, value: locks };
    let verdict = judge(standing, pass);
    if (pass && verdict.allowed && verdict.passed) {
      const isUsed = await this.#recorder.usePass(pass.id);
      assertOpen();
      // Withdrawn, or over, since.
      if (!isUsed) verdict = judge(standing);
    }
    if (verdict.allowed) return;
    Object.assign(step.record, before);
    this.#recorder.mark(step);
    throw new InterlockRefusedError(verdict.blockers);
  }
}
