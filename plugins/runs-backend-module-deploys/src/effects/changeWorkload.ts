import { JsonObject } from '@backstage/types';
import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { ObjectRow, ResourceName, WorkloadRow } from '@switchyard/fleet-node';
import {
  createKubernetesWriter,
  KubernetesWriteError,
  KubernetesWriter,
} from '@switchyard/fleet-node/effects';
import { exactly } from '../exactly';
import { findRow } from '../workloads/findRow';
import { StepTools } from '../steps/types';
import { waitForChange } from '../steps/waitForChange';
import { ChangedOutput, WorkloadId } from '../workloads/types';

const RESOURCES: Readonly<Record<string, ResourceName>> = {
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments' },
  StatefulSet: { group: 'apps', version: 'v1', plural: 'statefulsets' },
  DaemonSet: { group: 'apps', version: 'v1', plural: 'daemonsets' },
  Rollout: { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts' },
  CronJob: { group: 'batch', version: 'v1', plural: 'cronjobs' },
  Job: { group: 'batch', version: 'v1', plural: 'jobs' },
};

export interface WorkloadTools extends Pick<StepTools, 'fleet' | 'patience'> {
  kubernetesWriter?: KubernetesWriter;
}

/** What is done to a workload, and how it is seen that it was done. */
export interface WorkloadChange {
  /** For people: 'restart'. */
  verb: string;
  /** Whether the workload carries the run's change. */
  isMade(object: JsonObject): boolean;
  /** Whether what is wanted is so, whoever has done it, where the object cannot carry a run's name. */
  isSo?(object: JsonObject): boolean;
  /**
   * That somebody can take it back so that the object looks as it did before. Once a request may have arrived, and the object is another and does not show it, the
   * outcome is unknown; it is never sent again without a person's word.
   */
  leavesNoTrace?: boolean;
  /** What the patch is sent to, where it is a part of the object. */
  subresource?: 'status';
  /**
   * What to change of it as it is now.
   *
   * @throws StepFailedError or StepParkedError where it must not be
   */
  patch(object: JsonObject, row: ChangedRow): JsonObject;
}

/** A workload, or a Job, of which less is known. */
type ChangedRow = Pick<ObjectRow, 'uid' | 'resourceVersion'> &
  Partial<Pick<WorkloadRow, 'generation' | 'desired'>>;

/** What is known of a request that may have arrived: of this attempt, or of one before. */
class Doubt {
  readonly #word: string | undefined;
  /** Of an attempt before. */
  readonly #inherited: string | undefined;
  #resourceVersion: string | undefined;
  #since = Date.now();

  /** A person's word covers what had been sent before. */
  static of({ step, retried }: StepContext): Doubt {
    const { resourceVersion, word } = (step.reference ?? {}) as {
      resourceVersion?: string;
      word?: string;
    };
    return new Doubt(
      retried?.at,
      word === retried?.at ? resourceVersion : undefined,
    );
  }

  private constructor(
    word: string | undefined,
    resourceVersion: string | undefined,
  ) {
    this.#word = word;
    this.#inherited = resourceVersion;
    this.#resourceVersion = resourceVersion;
  }

  get isNone(): boolean {
    return this.#resourceVersion === undefined;
  }

  /** At the very version on which the request rests nothing has arrived: it may be sent again. */
  isAbout({ resourceVersion }: ChangedRow): boolean {
    return !this.isNone && this.#resourceVersion !== resourceVersion;
  }

  ageMs(): number {
    return Date.now() - this.#since;
  }

  /** @returns the reference by which a later attempt knows of it */
  begin({ resourceVersion }: ChangedRow): JsonObject {
    this.#resourceVersion = resourceVersion;
    this.#since = Date.now();
    return { resourceVersion, ...(this.#word && { word: this.#word }) };
  }

  /** It was refused: that says nothing of one that was sent before. */
  end(): void {
    this.#resourceVersion = this.#inherited;
  }
}

/**
 * Changes a workload once. The patch rests on the version that was looked at, and the API server refuses it where there is another by then: what is sent late, or
 * twice, or by a replica that is behind changes nothing.
 */
export async function changeWorkload(
  tools: WorkloadTools,
  context: StepContext,
  workload: WorkloadId,
  change: WorkloadChange,
): Promise<ChangedOutput> {
  const { fleet, patience } = tools;
  const writer = tools.kubernetesWriter ?? createKubernetesWriter({ fleet });
  const deadline =
    Date.now() + context.step.timeoutMs * patience.shareOfTimeout;
  const called = `${workload.kind} ${workload.name}`;
  const { subresource } = change;
  const doubt = Doubt.of(context);
  for (;;) {
    const seen = look(tools, workload);
    if ('silence' in seen) context.progress(seen.silence);
    else if (
      change.leavesNoTrace &&
      !isSeen(seen.object, change) &&
      doubt.isAbout(seen.row)
    ) {
      const text = `Whether ${called} in cluster ${workload.cluster} was asked to ${change.verb} is not known`;
      context.progress(`${text}; looking`);
      // This replica may be behind.
      if (doubt.ageMs() >= patience.beginMs)
        throw new OutcomeUnknownError(
          `${text}: it has changed since, and shows nothing of it. Somebody may have taken it back`,
        );
    } else {
      const { row, object } = seen;
      const { uid, generation = 0 } = row;
      if (change.isMade(object)) return { uid, generation };
      if (change.isSo?.(object))
        return {
          uid,
          generation,
          ...(doubt.isNone && { found: true }),
        };
      const patch = change.patch(object, row);
      context.progress(
        `Asking cluster ${workload.cluster} to ${change.verb} ${called}`,
      );
      await context.beforeEffect(doubt.begin(row));
      try {
        const changed = await writer.patch(
          { ...workload, resource: RESOURCES[workload.kind] },
          {
            resourceVersion: row.resourceVersion,
            change: patch,
            ...(subresource && { subresource }),
          },
          { signal: context.signal },
        );
        context.log(
          `Asked cluster ${workload.cluster} to ${change.verb} ${called}`,
        );
        return { uid: changed.uid, generation: changed.generation };
      } catch (error) {
        failWhereItIsClear(error);
        if (isWriteError(error) && error.kind === 'conflict') doubt.end();
        context.log(`${(error as Error).message}; looking again`, 'warn');
      }
    }
    if (Date.now() >= deadline)
      throw new StepFailedError(
        `${called} in cluster ${workload.cluster} could not be changed in time`,
      );
    await waitForChange(fleet, {
      matters: event =>
        event.type === 'object'
          ? event.cluster === workload.cluster &&
            event.row.name === workload.name
          : event.type === 'cluster' && event.cluster === workload.cluster,
      atMostMs: patience.lookEveryMs,
      signal: context.signal,
    });
  }
}

/** What an earlier attempt did, by what the workload carries; undefined where it does not: then the patch of that attempt cannot come any more, or is the one. */
export function adoptWorkload(
  tools: WorkloadTools,
  workload: WorkloadId,
  change: Pick<WorkloadChange, 'isMade' | 'isSo'>,
): ChangedOutput | undefined {
  const seen = look(tools, workload);
  if ('silence' in seen || !isSeen(seen.object, change)) return undefined;
  const { uid, generation = 0 } = seen.row;
  return { uid, generation };
}

function isSeen(
  object: JsonObject,
  change: Pick<WorkloadChange, 'isMade' | 'isSo'>,
): boolean {
  return change.isMade(object) || change.isSo?.(object) === true;
}

function look(
  { fleet }: WorkloadTools,
  workload: WorkloadId,
): { row: ChangedRow; object: JsonObject } | { silence: string } {
  const cluster = fleet
    .clusters()
    .find(({ name }) => name === workload.cluster);
  if (cluster?.state !== 'live')
    return {
      silence: `Cluster ${workload.cluster} ${
        cluster
          ? `has not answered since ${exactly(cluster.since)}`
          : 'is no longer configured'
      }; waiting`,
    };
  const row = findRow(workload, fleet);
  const object =
    row && fleet.object({ cluster: workload.cluster, uid: row.uid });
  if (!row || !object)
    throw new StepFailedError(
      `${workload.kind} ${workload.name} is no longer in namespace ${workload.namespace} of cluster ${workload.cluster}`,
    );
  return { row, object };
}

/** A conflict and a lost answer are looked at again; a cluster that does not answer is for the engine, which tries again later. */
function failWhereItIsClear(error: unknown): void {
  if (!isWriteError(error)) throw error;
  if (error.kind === 'conflict' || error.outcome === 'unknown') return;
  if (error.kind === 'unreachable') throw error;
  throw new StepFailedError(error.message);
}

function isWriteError(error: unknown): error is KubernetesWriteError {
  return (error as Error)?.name === 'KubernetesWriteError';
}
