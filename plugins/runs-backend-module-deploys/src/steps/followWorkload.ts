import {
  StepContext,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { exactly } from '../exactly';
import { WorkloadId } from '../workloads/types';
import { RolloutJudge } from './RolloutJudge';
import { RolloutView } from './troubledPods';
import { StepTools } from './types';
import { waitForChange } from './waitForChange';

/**
 * Looks at a workload again and again until it is where it was to be; says how far it is meanwhile.
 *
 * @param options - `look` is asked only while the cluster can be seen; a view that `failed` ends it at once; `wanted` is what is said that it is not, in time
 * @returns the last word
 * @throws StepFailedError with the cause
 */
export async function followWorkload(
  context: StepContext,
  { fleet, patience }: Pick<StepTools, 'fleet' | 'patience'>,
  options: {
    workload: WorkloadId;
    look(): RolloutView & { failed?: string };
    wanted: string;
  },
): Promise<string> {
  const { workload, look, wanted } = options;
  const deadline =
    Date.now() + context.step.timeoutMs * patience.shareOfTimeout;
  const judge = RolloutJudge.create({ fleet, patience, context });
  for (;;) {
    const cluster = fleet
      .clusters()
      .find(({ name }) => name === workload.cluster);
    const view = cluster?.state === 'live' ? look() : undefined;
    const text =
      view?.text ??
      `Cluster ${workload.cluster} ${
        cluster
          ? `has not answered since ${exactly(cluster.since)}`
          : 'is no longer configured'
      }; waiting to see the pods`;
    context.progress(text);
    if (view?.done) {
      context.log(text);
      return text;
    }
    if (view?.failed !== undefined)
      throw new StepFailedError(`${view.failed} (cluster ${workload.cluster})`);
    if (view) await judge.failIfHopeless(view, undefined);
    if (Date.now() >= deadline)
      throw new StepFailedError(
        `${workload.kind} ${workload.name} in cluster ${workload.cluster} ${wanted} in time: ${text}`,
      );
    await waitForChange(fleet, {
      matters: change =>
        (change.type === 'object' || change.type === 'cluster') &&
        change.cluster === workload.cluster,
      atMostMs: patience.lookEveryMs,
      signal: context.signal,
    });
  }
}
