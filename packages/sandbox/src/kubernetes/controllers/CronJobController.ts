import { parseCron } from '../../argocd/cron';
import { offsetOf } from '../../argocd/syncWindows';
import { ApiError } from '../ApiError';
import { identityOf } from '../identity';
import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { EventWriter } from './EventRecorder';
import { endOf } from './JobController';
import { OwnerQueue } from './OwnerQueue';
import { controllerOf, ownerReference } from './pods';

const JOB = resourceOfKind('batch/v1', 'Job')!;
const MINUTE_MS = 60_000;
/** A schedule that names no day within so long, as 30 February, never fires. */
const HORIZON_MINUTES = 366 * 24 * 60;
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/**
 * Makes the Jobs of CronJobs. Schedules follow the world's time: at speed 20 an hour's job comes every three minutes. What is written is the time on
 * the wall, as everywhere.
 */
export class CronJobController implements Controller {
  readonly #plane: ControlPlane;
  readonly #note: EventWriter;
  readonly #queue: OwnerQueue;
  /** The calendar by which schedules are read: the wall's when this began, and from then on as fast as the world. */
  readonly #begin: number;
  /** Calendar time of the next start, by uid and schedule. */
  readonly #next = new Map<string, { schedule: string; at: number }>();

  static create(plane: ControlPlane): CronJobController {
    return new CronJobController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#note = plane.events.writerOf('cronjob-controller');
    this.#begin = plane.clock.now().getTime() - plane.clock.elapsed();
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'batch/v1', kind: 'CronJob' },
      owned: ['Job'],
      sync: cronJob => this.#sync(cronJob),
    });
  }

  close(): void {
    this.#queue.close();
  }

  #calendar(): number {
    return this.#begin + this.#plane.clock.elapsed();
  }

  #sync(cronJob: KubernetesObject): void {
    if (cronJob.metadata.deletionTimestamp) {
      return;
    }
    const ended = this.#noteEnds(cronJob);
    this.#forgetOldest(cronJob);
    const { spec } = cronJob;
    const due = this.#due(cronJob);
    let status: Json = ended;
    if (due !== undefined && !spec.suspend) {
      status = this.#fire(cronJob, ended, due);
    }
    this.#writeStatus(cronJob, status);
  }

  /** The time that has come, if one has; the queue is told of the next in any case. */
  #due(cronJob: KubernetesObject): number | undefined {
    const { spec, metadata } = cronJob;
    const now = this.#calendar();
    const schedule = `${spec.schedule} ${spec.timeZone ?? ''}`;
    const known = this.#next.get(metadata.uid!);
    const isDue = known?.schedule === schedule && known.at <= now;
    if (known?.schedule !== schedule || isDue) {
      const at = nextTime(spec.schedule, spec.timeZone, now);
      this.#next.set(metadata.uid!, { schedule, at });
    }
    const { at } = this.#next.get(metadata.uid!)!;
    if (Number.isFinite(at)) {
      this.#queue.again(cronJob, at - now);
    }
    return isDue ? known.at : undefined;
  }

  #fire(cronJob: KubernetesObject, status: Json, due: number): Json {
    const { registry, clock } = this.#plane;
    const { concurrencyPolicy } = cronJob.spec;
    const running = this.#jobsOf(cronJob).filter(job => !endOf(job));
    if (running.length > 0 && concurrencyPolicy === 'Forbid') {
      this.#note(
        cronJob,
        'Normal',
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      );
      return status;
    }
    let { active = [] } = status;
    if (running.length > 0 && concurrencyPolicy === 'Replace') {
      for (const job of running) {
        registry.delete(JOB, job.metadata.namespace, job.metadata.name, {
          propagation: 'Background',
        });
        this.#note(
          cronJob,
          'Normal',
          'SuccessfulDelete',
          `Deleted job ${job.metadata.name}`,
        );
      }
      active = [];
    }
    const now = timestamp(clock.now());
    try {
      const job = registry.create(this.#jobFor(cronJob, due, now), {
        manager: CONTROLLER_MANAGER,
      });
      this.#note(
        cronJob,
        'Normal',
        'SuccessfulCreate',
        `Created job ${job.metadata.name}`,
      );
      const { apiVersion, kind, metadata } = job;
      const reference = {
        apiVersion,
        kind,
        name: metadata.name,
        namespace: metadata.namespace,
        resourceVersion: metadata.resourceVersion,
        uid: metadata.uid,
      };
      return {
        ...status,
        active: [...active, reference],
        lastScheduleTime: now,
      };
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.#note(
        cronJob,
        'Warning',
        'FailedCreate',
        `Error creating job: ${error.message}`,
      );
      return status;
    }
  }

  #jobFor(
    cronJob: KubernetesObject,
    due: number,
    now: string,
  ): KubernetesObject {
    const { metadata: template = {}, spec } = cronJob.spec.jobTemplate;
    // A world that was left and is continued has its calendar set back: numbers go on from the last.
    const last = Math.max(0, ...this.#jobsOf(cronJob).map(numberOf));
    const number = Math.max(Math.floor(due / MINUTE_MS), last + 1);
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: `${cronJob.metadata.name}-${number}`,
        namespace: cronJob.metadata.namespace,
        ...(template.labels ? { labels: template.labels } : {}),
        annotations: { ...template.annotations, [SCHEDULED_AT]: now },
        ownerReferences: [ownerReference(cronJob) as any],
      },
      spec,
    };
  }

  #jobsOf(cronJob: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(cronJob.metadata.uid!)
      .filter(
        object =>
          object.kind === 'Job' &&
          controllerOf(object)?.uid === cronJob.metadata.uid,
      );
  }

  /** Takes jobs that ended, or are gone, off the list of those that run. */
  #noteEnds(cronJob: KubernetesObject): Json {
    const { active = [], ...status }: Json = cronJob.status ?? {};
    const jobs = this.#jobsOf(cronJob);
    const still: Json[] = [];
    for (const reference of active) {
      const job = jobs.find(each => each.metadata.uid === reference.uid);
      const end = job && endOf(job);
      if (!job) {
        this.#note(
          cronJob,
          'Normal',
          'MissingJob',
          `Active job went missing: ${reference.name}`,
        );
      } else if (end) {
        this.#note(
          cronJob,
          'Normal',
          'SawCompletedJob',
          `Saw completed job: ${reference.name}, condition: ${end.type}`,
        );
        if (end.type === 'Complete') {
          status.lastSuccessfulTime = job.status.completionTime;
        }
      } else {
        still.push(reference);
      }
    }
    return still.length > 0 ? { ...status, active: still } : status;
  }

  #forgetOldest(cronJob: KubernetesObject): void {
    const { spec } = cronJob;
    const limits = {
      Complete: spec.successfulJobsHistoryLimit,
      Failed: spec.failedJobsHistoryLimit,
    };
    for (const [type, limit] of Object.entries(limits)) {
      const ended = this.#jobsOf(cronJob)
        .filter(
          job => !job.metadata.deletionTimestamp && endOf(job)?.type === type,
        )
        .sort((a, b) => numberOf(b) - numberOf(a));
      for (const { metadata } of ended.slice(limit)) {
        this.#plane.registry.delete(JOB, metadata.namespace, metadata.name, {
          propagation: 'Background',
        });
        this.#note(
          cronJob,
          'Normal',
          'SuccessfulDelete',
          `Deleted job ${metadata.name}`,
        );
      }
    }
  }

  #writeStatus(given: KubernetesObject, status: Json): void {
    const { registry } = this.#plane;
    const cronJob = registry.get(identityOf(given));
    if (cronJob) {
      registry.replaceStatus(cronJob, status, CONTROLLER_MANAGER);
    }
  }
}

function numberOf(job: KubernetesObject): number {
  return Number(/-(\d+)$/.exec(job.metadata.name)?.[1] ?? 0);
}

/** The first minute after a time in which a schedule fires; Infinity if none does within a year. */
function nextTime(
  schedule: string,
  timeZone: string | undefined,
  after: number,
): number {
  const { matches } = parseCron(schedule);
  const first = Math.floor(after / MINUTE_MS) + 1;
  const offset = offsetOf(timeZone ?? 'UTC', new Date(after));
  for (let count = 0; count < HORIZON_MINUTES; count += 1) {
    const minute = (first + count) * MINUTE_MS;
    if (matches(minute + offset)) {
      return minute;
    }
  }
  return Infinity;
}
