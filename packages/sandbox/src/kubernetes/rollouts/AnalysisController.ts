import { Controller, ControlPlane } from '../controllers/ControlPlane';
import { OwnerQueue } from '../controllers/OwnerQueue';
import { identityOf } from '../identity';
import { deepEqual, Json } from '../json';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { pauseMs } from './canary';
import { MANAGER, ROLLOUT_HASH } from './RolloutSets';

const ENDED = ['Successful', 'Failed', 'Error', 'Inconclusive'];

/** Measures for AnalysisRuns. What a measurement finds follows from the version that is being judged. */
export class AnalysisController implements Controller {
  readonly #plane: ControlPlane;
  readonly #queue: OwnerQueue;
  /** World time of the next measurement, by uid and metric. */
  readonly #due = new Map<string, number>();

  static create(plane: ControlPlane): AnalysisController {
    return new AnalysisController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun' },
      owned: [],
      sync: run => this.#sync(run),
    });
  }

  close(): void {
    this.#queue.close();
  }

  #sync(run: KubernetesObject): void {
    const { clock, registry } = this.#plane;
    if (run.metadata.deletionTimestamp || ENDED.includes(run.status?.phase)) {
      return;
    }
    const startedAt = run.status?.startedAt ?? timestamp(clock.now());
    const metrics: Json[] = run.spec.metrics ?? [];
    const results = metrics.map(metric => this.#measure(run, metric));
    const bad = results.find(each => each.phase === 'Failed');
    const isOver =
      bad !== undefined || results.every(each => each.phase === 'Successful');
    let phase = run.spec.terminate ? 'Successful' : 'Running';
    if (isOver) {
      phase = bad ? 'Failed' : 'Successful';
    }
    let message: string | undefined;
    if (run.spec.terminate) {
      message = 'Run Terminated';
    } else if (metrics.length === 0) {
      phase = 'Error';
      message = 'AnalysisRun has no metrics';
    } else if (bad) {
      const limit = metrics[results.indexOf(bad)].failureLimit ?? 0;
      message = `Metric "${bad.name}" assessed Failed due to failed (${bad.failed}) > failureLimit (${limit})`;
    }
    const hasEnded = ENDED.includes(phase);
    const status: Json = {
      dryRunSummary: {},
      metricResults: results,
      phase,
      ...(message ? { message } : {}),
      runSummary: {
        count: metrics.length,
        ...(hasEnded && !run.spec.terminate
          ? { [phase.toLowerCase()]: 1 }
          : {}),
      },
      startedAt,
      ...(hasEnded ? { completedAt: timestamp(clock.now()) } : {}),
    };
    if (!deepEqual(status, run.status)) {
      registry.replaceStatus(registry.get(identityOf(run))!, status, MANAGER);
    }
    if (phase !== (run.status?.phase ?? '') && hasEnded) {
      this.#plane.events.record({
        about: run,
        type: phase === 'Successful' ? 'Normal' : 'Warning',
        reason: `AnalysisRun${phase}`,
        message: `Analysis Completed. Result: ${phase}`,
        component: MANAGER,
      });
    }
  }

  /** One metric's result so far, with a new measurement if one is due. */
  #measure(run: KubernetesObject, metric: Json): Json {
    const { clock } = this.#plane;
    const before: Json = run.status?.metricResults?.find(
      (each: Json) => each.name === metric.name,
    ) ?? { name: metric.name, phase: 'Running', measurements: [], count: 0 };
    if (before.phase !== 'Running' || run.spec.terminate) {
      return before;
    }
    const key = `${run.metadata.uid} ${metric.name}`;
    const interval = pauseMs({ duration: metric.interval ?? '10s' })!;
    const due =
      this.#due.get(key) ??
      clock.elapsed() +
        (pauseMs({ duration: metric.initialDelay }) ?? interval);
    this.#due.set(key, due);
    if (clock.elapsed() < due) {
      this.#queue.again(run, due - clock.elapsed());
      return before;
    }
    const value = this.#valueFor(run);
    const isGood = holds(metric.successCondition ?? 'true', value);
    const now = timestamp(clock.now());
    const measurement = {
      phase: isGood ? 'Successful' : 'Failed',
      startedAt: now,
      finishedAt: now,
      value: `[${value}]`,
    };
    const successful = (before.successful ?? 0) + (isGood ? 1 : 0);
    const failed = (before.failed ?? 0) + (isGood ? 0 : 1);
    const count = before.count + 1;
    let phase = 'Running';
    if (failed > (metric.failureLimit ?? 0)) {
      phase = 'Failed';
    } else if (count >= (metric.count ?? 1)) {
      phase = 'Successful';
    }
    if (phase === 'Running') {
      this.#due.set(key, clock.elapsed() + interval);
      this.#queue.again(run, interval);
    } else {
      this.#due.delete(key);
    }
    return {
      name: metric.name,
      phase,
      // The controller keeps the newest ten.
      measurements: [...before.measurements, measurement].slice(-10),
      count,
      ...(successful > 0
        ? {
            successful,
            consecutiveSuccess: isGood
              ? (before.consecutiveSuccess ?? 0) + 1
              : 0,
          }
        : {}),
      ...(failed > 0 ? { failed } : {}),
    };
  }

  /** The share of requests that the judged version answers well. */
  #valueFor(run: KubernetesObject): number {
    const owner = run.metadata.ownerReferences?.[0];
    const hash = run.metadata.labels?.[ROLLOUT_HASH];
    const set = owner
      ? this.#plane.registry.storage
          .dependentsOf(owner.uid)
          .find(
            each =>
              each.kind === 'ReplicaSet' &&
              each.metadata.labels?.[ROLLOUT_HASH] === hash,
          )
      : undefined;
    const errors = set ? this.#plane.meter.errorShareOf(set) : 0;
    return Math.round((1 - errors) * 10_000) / 10_000;
  }
}

/** `result[0] >= 0.95` and its like; what is no comparison holds. */
function holds(condition: string, value: number): boolean {
  const match = /^\s*result(?:\[0\])?\s*(>=|<=|>|<)\s*([\d.]+)\s*$/.exec(
    condition,
  );
  if (!match) {
    return true;
  }
  const bound = Number(match[2]);
  switch (match[1]) {
    case '>=':
      return value >= bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    default:
      return value < bound;
  }
}
