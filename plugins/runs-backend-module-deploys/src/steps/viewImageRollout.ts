import { FleetReader, WorkloadRow } from '@switchyard/fleet-node';
import { SetImageStepInput } from '../images/types';
import { ChangedOutput } from '../workloads/types';
import { isImage, viewRollout } from './rolloutVerdict';
import { RolloutView } from './troubledPods';
import { findWorkload, viewSettled } from './settledView';

/**
 * How far a workload is that was given another image; `failed` once somebody has put another one there. A canary that waits at a step is where it should be, and a
 * CronJob has nothing to replace.
 *
 * @param changed - undefined where the object was not changed by a step, but by what deploys it: then another image is one that has not come yet
 */
export function viewImageRollout(
  { workload, containers }: SetImageStepInput,
  changed: ChangedOutput | undefined,
  fleet: FleetReader,
): RolloutView & { failed?: string } {
  const { cluster, namespace, kind, name } = workload;
  const called = `${kind} ${name}`;
  const waiting = (text: string) => ({ done: false, text, troubled: [] });
  const row = findWorkload(cluster, workload, fleet);
  if (!row) return waiting(`${called} is not there`);
  // The fleet of this replica may be behind that of the one that has changed it.
  if (changed?.uid === row.uid && row.generation < changed.generation)
    return waiting(`${called}: the change has not been seen yet`);
  const other = containers
    .map(each => ({ ...each, now: imageOf(row, each.name) }))
    .find(({ now, after }) => !isImage(now, after));
  if (other && !changed?.uid)
    return waiting(`${called} does not name the version yet`);
  if (other) {
    const failed = `${called} was given ${other.after}, and somebody has set ${
      other.now ?? 'no image'
    } since`;
    return { ...waiting(failed), failed };
  }
  if (kind === 'CronJob')
    return {
      done: true,
      text: `${called} runs ${containers[0].after} from its next Job on`,
      troubled: [],
    };
  if (kind === 'Rollout') {
    const view = viewSettled(cluster, [workload], fleet);
    return row.rollout?.aborted
      ? { ...view, done: false, failed: `${called}: ${describeAbort(row)}` }
      : view;
  }
  return viewRollout(
    {
      cluster,
      namespace,
      syncedAt: null,
      objects: containers.map(({ name: container, after }) => ({
        kind,
        name,
        container,
        image: after,
      })),
    },
    fleet,
  );
}

function imageOf({ containers }: WorkloadRow, name: string) {
  return containers.find(each => each.name === name)?.image;
}

function describeAbort({ rollout }: WorkloadRow): string {
  return rollout?.message ?? 'aborted';
}
