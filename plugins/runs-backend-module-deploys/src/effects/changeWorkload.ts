import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { ResourceName, WorkloadRow } from '@switchyard/fleet-node';
import {
  createKubernetesWriter,
  KubernetesWriteError,
  KubernetesWriter,
} from '@switchyard/fleet-node/effects';
import { exactly } from '../exactly';
import { findWorkload } from '../steps/settledView';
import { StepTools } from '../steps/types';
import { waitForChange } from '../steps/waitForChange';
import { ChangedOutput, WorkloadId } from '../workloads/types';

const RESOURCES: Readonly<Record<string, ResourceName>> = {
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments' },
  StatefulSet: { group: 'apps', version: 'v1', plural: 'statefulsets' },
  DaemonSet: { group: 'apps', version: 'v1', plural: 'daemonsets' },
  Rollout: { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts' },
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
  /**
   * What to change of it as it is now.
   *
   * @throws StepFailedError or StepParkedError where it must not be
   */
  patch(object: JsonObject, row: WorkloadRow): JsonObject;
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
  for (;;) {
    const seen = look(tools, workload);
    if ('silence' in seen) context.progress(seen.silence);
    else {
      const { row, object } = seen;
      if (change.isMade(object)) {
        const { uid, generation } = row;
        return { uid, generation };
      }
      const patch = change.patch(object, row);
      context.progress(
        `Asking cluster ${workload.cluster} to ${change.verb} ${called}`,
      );
      await context.beforeEffect({ resourceVersion: row.resourceVersion });
      try {
        const { uid, generation } = await writer.patch(
          { ...workload, resource: RESOURCES[workload.kind] },
          { resourceVersion: row.resourceVersion, change: patch },
          { signal: context.signal },
        );
        context.log(
          `Asked cluster ${workload.cluster} to ${change.verb} ${called}`,
        );
        return { uid, generation };
      } catch (error) {
        failWhereItIsClear(error);
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
  change: Pick<WorkloadChange, 'isMade'>,
): ChangedOutput | undefined {
  const seen = look(tools, workload);
  if ('silence' in seen || !change.isMade(seen.object)) return undefined;
  const { uid, generation } = seen.row;
  return { uid, generation };
}

function look(
  { fleet }: WorkloadTools,
  workload: WorkloadId,
): { row: WorkloadRow; object: JsonObject } | { silence: string } {
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
  const row = findWorkload(workload.cluster, workload, fleet);
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
