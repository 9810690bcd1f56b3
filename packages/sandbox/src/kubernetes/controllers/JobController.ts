import { identityOf, keyOf } from '../identity';
import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { EventWriter } from './EventRecorder';
import {
  conditionOf,
  controllerOf,
  isReady,
  podFromTemplate,
  withoutZeros,
} from './pods';
import { WorkQueue } from './WorkQueue';

const POD = resourceOfKind('v1', 'Pod')!;
const JOB = resourceOfKind('batch/v1', 'Job')!;
/** Pods keep it until their job has counted them. */
const TRACKING = 'batch.kubernetes.io/job-tracking';
const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 600_000;

interface Ending {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

/** Runs Jobs to their end. */
export class JobController implements Controller {
  readonly #plane: ControlPlane;
  readonly #note: EventWriter;
  readonly #queue: WorkQueue;
  readonly #stop: () => void;
  /** World time at which a job started and at which its newest pod failed, by uid. */
  readonly #startedAt = new Map<string, number>();
  readonly #failedAt = new Map<string, { failures: number; at: number }>();

  static create(plane: ControlPlane): JobController {
    return new JobController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#note = plane.events.writerOf('job-controller');
    this.#queue = WorkQueue.create({
      clock: plane.clock,
      work: key => this.#sync(key),
    });
    this.#stop = plane.registry.storage.subscribe(({ type, object }) => {
      if (object.kind === 'Job') {
        this.#queue.add(keyOf(object));
        if (type === 'DELETED') {
          this.#startedAt.delete(object.metadata.uid!);
          this.#failedAt.delete(object.metadata.uid!);
        }
      } else if (object.kind === 'Pod') {
        const owner = controllerOf(object);
        if (owner?.kind === 'Job') {
          this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
          this.#releaseOrphan(object, owner.uid);
        }
      }
    });
    for (const object of plane.registry.storage.list(JOB)) {
      this.#queue.add(keyOf(object));
    }
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  /** A pod whose job is gone waits for nobody to count it. */
  #releaseOrphan(pod: KubernetesObject, jobUid: string): void {
    const { registry, clock } = this.#plane;
    const isHeld = (pod.metadata.finalizers as string[] | undefined)?.includes(
      TRACKING,
    );
    const job = registry.get({
      apiVersion: 'batch/v1',
      kind: 'Job',
      namespace: pod.metadata.namespace,
      name: controllerOf(pod)!.name,
    });
    if (
      isHeld &&
      pod.metadata.deletionTimestamp &&
      job?.metadata.uid !== jobUid
    ) {
      clock.schedule(20, () => this.#release(pod));
    }
  }

  #sync(key: string): void {
    const [namespace, name] = key.split('/');
    const { registry, clock } = this.#plane;
    const job = registry.get({
      apiVersion: 'batch/v1',
      kind: 'Job',
      namespace,
      name,
    });
    if (!job) {
      return;
    }
    const pods = this.#podsOf(job);
    if (job.metadata.deletionTimestamp) {
      pods.forEach(pod => this.#release(pod));
      return;
    }
    if (endOf(job)) {
      this.#expire(job);
      return;
    }
    if (!this.#startedAt.has(job.metadata.uid!)) {
      const already = job.status?.startTime
        ? clock.since(job.status.startTime)
        : 0;
      this.#startedAt.set(job.metadata.uid!, clock.elapsed() - already);
    }
    const counted = this.#count(job, pods);
    const ending = this.#endingOf(job, counted);
    if (ending || job.spec.suspend) {
      for (const pod of counted.active) {
        registry.delete(POD, pod.metadata.namespace, pod.metadata.name);
      }
    } else {
      this.#start(job, counted);
    }
    this.#writeStatus(job, counted, ending);
  }

  #podsOf(job: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(job.metadata.uid!)
      .filter(
        object =>
          object.kind === 'Pod' &&
          controllerOf(object)?.uid === job.metadata.uid,
      );
  }

  /** Counts pods that ended, once each, and lets go of them. */
  #count(
    job: KubernetesObject,
    pods: KubernetesObject[],
  ): { active: KubernetesObject[]; succeeded: number; failed: number } {
    let succeeded: number = job.status?.succeeded ?? 0;
    let failed: number = job.status?.failed ?? 0;
    const active: KubernetesObject[] = [];
    for (const pod of pods) {
      const isHeld = (
        pod.metadata.finalizers as string[] | undefined
      )?.includes(TRACKING);
      const hasSucceeded = pod.status?.phase === 'Succeeded';
      const hasFailed =
        pod.status?.phase === 'Failed' ||
        (Boolean(pod.metadata.deletionTimestamp) && !hasSucceeded);
      if (!hasSucceeded && !hasFailed) {
        active.push(pod);
      } else if (isHeld) {
        succeeded += hasSucceeded ? 1 : 0;
        failed += hasFailed ? 1 : 0;
        this.#release(pod);
      }
    }
    const known = this.#failedAt.get(job.metadata.uid!);
    if (failed > (known?.failures ?? 0)) {
      this.#failedAt.set(job.metadata.uid!, {
        failures: failed,
        at: this.#plane.clock.elapsed(),
      });
    }
    return { active, succeeded, failed };
  }

  #endingOf(
    job: KubernetesObject,
    counted: { active: KubernetesObject[]; succeeded: number; failed: number },
  ): Ending | undefined {
    const { spec } = job;
    const wanted = spec.completions ?? 1;
    if (counted.succeeded >= wanted) {
      return {
        type: 'Complete',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
      };
    }
    // With restartPolicy OnFailure the restarts of a pod count as its failures.
    const restarts = counted.active.reduce(
      (sum, pod) =>
        sum +
        (pod.status?.containerStatuses ?? []).reduce(
          (all: number, each: Json) => all + each.restartCount,
          0,
        ),
      0,
    );
    const isOnFailure = spec.template.spec.restartPolicy === 'OnFailure';
    if (
      counted.failed > spec.backoffLimit ||
      (isOnFailure && restarts > 0 && restarts >= spec.backoffLimit)
    ) {
      return {
        type: 'Failed',
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
      };
    }
    if (spec.activeDeadlineSeconds !== undefined) {
      const runMs =
        this.#plane.clock.elapsed() - this.#startedAt.get(job.metadata.uid!)!;
      const leftMs = spec.activeDeadlineSeconds * 1000 - runMs;
      if (leftMs <= 0) {
        return {
          type: 'Failed',
          reason: 'DeadlineExceeded',
          message: 'Job was active longer than specified deadline',
        };
      }
      this.#queue.addAfter(keyOf(job), leftMs + 1);
    }
    return undefined;
  }

  #start(
    job: KubernetesObject,
    counted: { active: KubernetesObject[]; succeeded: number },
  ): void {
    const { registry, clock } = this.#plane;
    const wanted = Math.min(
      job.spec.parallelism,
      (job.spec.completions ?? 1) - counted.succeeded,
    );
    const missing = wanted - counted.active.length;
    const failure = this.#failedAt.get(job.metadata.uid!);
    if (missing > 0 && failure) {
      const backoff = Math.min(
        LONGEST_BACKOFF_MS,
        FIRST_BACKOFF_MS * 2 ** (failure.failures - 1),
      );
      const left = failure.at + backoff - clock.elapsed();
      if (left > 0) {
        this.#queue.addAfter(keyOf(job), left);
        return;
      }
    }
    for (let made = 0; made < missing; made += 1) {
      const pod = podFromTemplate(
        job,
        job.spec.template,
        `${job.metadata.name}-`,
      );
      pod.metadata.finalizers = [TRACKING];
      const created = registry.create(pod, { manager: CONTROLLER_MANAGER });
      counted.active.push(created);
      this.#note(
        job,
        'Normal',
        'SuccessfulCreate',
        `Created pod: ${created.metadata.name}`,
      );
    }
  }

  #writeStatus(
    job: KubernetesObject,
    counted: { active: KubernetesObject[]; succeeded: number; failed: number },
    ending: Ending | undefined,
  ): void {
    const now = timestamp(this.#plane.clock.now());
    const active = ending ? [] : counted.active;
    const failed =
      ending?.type === 'Failed'
        ? counted.failed + counted.active.length
        : counted.failed;
    const status: Json = {
      startTime: job.status?.startTime ?? now,
      ...withoutZeros({
        active: active.length,
        succeeded: counted.succeeded,
        failed,
      }),
      ready: active.filter(isReady).length,
      terminating: 0,
      uncountedTerminatedPods: {},
      ...(job.status?.conditions ? { conditions: job.status.conditions } : {}),
    };
    if (ending) {
      const before =
        ending.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
      status.conditions = [before, ending.type].map(type => ({
        type,
        status: 'True',
        reason: ending.reason,
        message: ending.message,
        lastProbeTime: now,
        lastTransitionTime: now,
      }));
      if (ending.type === 'Complete') {
        status.completionTime = now;
        this.#note(job, 'Normal', 'Completed', 'Job completed');
      } else {
        this.#note(job, 'Warning', ending.reason, ending.message);
      }
    }
    const live = this.#plane.registry.get(identityOf(job));
    if (live) {
      this.#plane.registry.replaceStatus(live, status, CONTROLLER_MANAGER);
    }
  }

  #expire(job: KubernetesObject): void {
    const { ttlSecondsAfterFinished } = job.spec;
    if (ttlSecondsAfterFinished === undefined) {
      return;
    }
    const { clock, registry } = this.#plane;
    const left =
      ttlSecondsAfterFinished * 1000 -
      clock.since(endOf(job)!.lastTransitionTime);
    if (left > 0) {
      this.#queue.addAfter(keyOf(job), left);
    } else {
      registry.delete(JOB, job.metadata.namespace, job.metadata.name, {
        propagation: 'Background',
      });
    }
  }

  #release(pod: KubernetesObject): void {
    this.#plane.registry.modify(
      identityOf(pod),
      { manager: CONTROLLER_MANAGER },
      live => {
        const finalizers = (
          (live.metadata.finalizers as string[] | undefined) ?? []
        ).filter(each => each !== TRACKING);
        return {
          ...live,
          metadata: {
            ...live.metadata,
            finalizers: finalizers.length > 0 ? finalizers : undefined,
          },
        };
      },
    );
  }
}

/** The condition with which a job ended. */
export function endOf(job: KubernetesObject): Json | undefined {
  return [conditionOf(job, 'Complete'), conditionOf(job, 'Failed')].find(
    condition => condition?.status === 'True',
  );
}
