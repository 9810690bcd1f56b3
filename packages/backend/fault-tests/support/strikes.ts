import assert from 'node:assert/strict';
import { until } from '../../../../scripts/testing/portal.mjs';
import type { Counts } from './ledger.ts';
import type { Row } from './report.ts';
import type { Scene } from './Scene.ts';

/** A run goes on this soon after the ready line of the process that was started again. */
const GOES_ON_WITHIN_S = 5;
/** Long enough for the kill to come before the answer, however slow the machine is. */
const ANSWER_HELD_MS = 20_000;
/** A start takes 5 s, and on a busy machine a minute and more. */
const READY_WITHIN_MS = 180_000;

export const KILLED = 'SIGKILL';
export const nothing = async () => {};

/** What is done to the backend while a run is carried out. */
export interface Case extends Pick<Row, 'step' | 'point' | 'how'> {
  /** Called before the run is requested; settles when the moment has come. What it answers with is done after the kill. */
  moment?(counts: Counts): Promise<() => Promise<unknown>>;
  /** Called before the run is requested. */
  prepare?(): Promise<unknown>;
}

export const commitsOf = (name: string) => (counts: Counts) =>
  counts.repositories[name].commits;
export const operationsOf = (name: string) => (counts: Counts) =>
  counts.applications[name].operations;

/** Kills one backend at chosen moments, and watches it come back. `scene` is asked only once a case begins. */
export function createStrikes(scene: () => Scene) {
  /** The process has just begun with the step. */
  const whenRunning = (step: string): Case => ({
    step,
    point: 'is running',
    how: KILLED,
    async moment() {
      await scene().journal.until(
        event => event.what === 'step.running' && event.stepId === step,
        { what: `start of ${step}` },
      );
      return nothing;
    },
  });

  /** The database has written it, and the process was not told. */
  const whenWritten = (step: string, point: string, what: string): Case => ({
    step,
    point,
    how: KILLED,
    async moment() {
      const hold = await scene().journal.hold({ what, stepId: step });
      await hold.reached();
      return hold.release;
    },
  });

  /** All that is known is that it was about to be sent. */
  const whenChecked = (step: string): Case =>
    whenWritten(step, 'checked, not sent', 'step.effect');

  /** The remote has done it, and its answer is still on its way. */
  const whenAccepted = (
    step: string,
    held: { fault: string; target: string },
    hasHappened: (counts: Counts) => Promise<() => Promise<boolean>>,
  ): Case => {
    const { fault, target } = held;
    return {
      step,
      point: 'accepted, not answered',
      how: KILLED,
      prepare: () => scene().fault(fault, { target, value: ANSWER_HELD_MS }),
      async moment(counts) {
        await until(await hasHappened(counts), 60_000);
        return () => scene().fault(fault, { target, on: false });
      },
    };
  };

  /** As the remotes count it. */
  const counted =
    (count: (counts: Counts) => number) =>
    async (counts: Counts): Promise<() => Promise<boolean>> =>
    async () =>
      count(await scene().counts()) > count(counts);

  const whenDropped = (step: string, fault: string, target: string): Case => ({
    step,
    point: 'accepted, answer dropped',
    how: 'connection cut',
    prepare: () => scene().fault(fault, { target }),
  });

  /** Requests a run and does to the backend what the case says. */
  async function requestAndStrike(
    each: Case,
    options: { counts: Counts; request: () => Promise<any>; row: Row },
  ): Promise<any> {
    const { counts, request, row } = options;
    await each.prepare?.();
    const struck = each.moment && strike(each.moment(counts));
    const run = await request();
    if (struck) await goesOn(run.id, await struck, row);
    return run;
  }

  /** Kills at the moment, and waits until the launcher has started the backend again. */
  async function strike(moment: Promise<() => Promise<unknown>>) {
    const { portal, journal } = scene();
    const afterwards = await moment;
    portal.refresh();
    const [{ pid }] = portal.replicas;
    const from = portal.output().length;
    const since = journal.last;
    process.kill(pid, 'SIGKILL');
    const killedAt = Date.now();
    await afterwards();
    const readyAt = await portal.untilPrinted(/ready again/, {
      from,
      timeoutMs: READY_WITHIN_MS,
    });
    portal.refresh();
    assert.notEqual(portal.replicas[0].pid, pid);
    return { since, killedAt, readyAt };
  }

  async function goesOn(
    runId: string,
    { since, killedAt, readyAt }: Awaited<ReturnType<typeof strike>>,
    row: Row,
  ): Promise<void> {
    const { journal } = scene();
    const [run] = await journal.query<{ status: string }>(
      'SELECT status FROM run WHERE id = $1',
      [runId],
    );
    const events = journal.events(runId);
    const epochAtKill = Math.max(
      0,
      ...events.filter(({ at }) => at <= killedAt).map(({ epoch }) => epoch),
    );
    const wentOn = events.some(({ epoch }) => epoch > epochAtKill);
    if (run.status === 'succeeded' && !wentOn) {
      row.note = 'the run had ended';
      return;
    }
    const sign = await scene().nextSignOfLife(runId, {
      after: since,
      epoch: epochAtKill,
    });
    row.wentOnAfterS = (sign.at - killedAt) / 1000;
    row.afterReadyS = (sign.at - readyAt) / 1000;
    assert.ok(
      row.afterReadyS <= GOES_ON_WITHIN_S,
      `went on ${row.afterReadyS} s after the ready line`,
    );
  }

  return {
    whenRunning,
    whenWritten,
    whenChecked,
    whenAccepted,
    whenDropped,
    counted,
    requestAndStrike,
    strike,
    goesOn,
  };
}
