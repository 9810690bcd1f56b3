import { FleetReader, WorkloadRow } from '@switchyard/fleet-node';
import { troubledOf } from '../steps/troubledPods';
import { findWorkload } from '../steps/settledView';
import { ChangedOutput } from '../workloads/types';
import { isBefore, isUnderWay, readRollout, RolloutStand } from './readRollout';
import { RolloutVerbStepInput } from './types';
import { ROLLOUT_VERBS } from './verbs';
import { placeOf, podsOf, ReachedView, viewComing } from './viewComing';

/**
 * Looks whether what was asked of a Rollout has happened: a promoted one waits again or is through, an aborted one has all its stable pods, a paused one stands still.
 *
 * @param changed - undefined where the step that asks was skipped
 */
export function viewRolloutReached(
  input: RolloutVerbStepInput,
  changed: ChangedOutput | undefined,
  fleet: FleetReader,
): ReachedView {
  const { workload, verb, seen } = input;
  const called = `Rollout ${workload.name}`;
  const row = findWorkload(workload.cluster, workload, fleet);
  const object = row && fleet.object({ cluster: row.cluster, uid: row.uid });
  const waiting = (text: string): ReachedView => ({
    done: false,
    text,
    troubled: [],
  });
  if (!row || !object) return waiting(`${called} is not there`);
  const stand = readRollout(object);
  const isBehind =
    (changed?.uid === row.uid && row.generation < changed.generation) ||
    // What is asked shows at once; a replica that does not see it has not heard of it.
    (verb !== 'abort' && stand.isAborted && isSeenAbort(stand, input)) ||
    isBefore(row);
  if (isBehind) return waiting(`${called}: Argo Rollouts has not looked yet`);
  if (stand.hash !== seen.hash) {
    const text = `${called} rolls out another version by now`;
    return { ...waiting(text), failed: text };
  }
  return viewVerb(input, { row, stand, called }, fleet);
}

function viewVerb(
  input: RolloutVerbStepInput,
  seen: { row: WorkloadRow; stand: RolloutStand; called: string },
  fleet: FleetReader,
): ReachedView {
  const { row, stand, called } = seen;
  const at = (text: string) => `${called}: ${text}`;
  const view = (done: boolean, text: string): ReachedView => ({
    done,
    text: at(text),
    troubled: [],
  });
  switch (input.verb) {
    case 'abort':
      return viewAborted(seen, fleet);
    case 'pause':
      return view(
        stand.isPausedByHand && row.rollout?.phase === 'Paused',
        stand.isPausedByHand ? 'paused by hand' : 'is not paused',
      );
    case 'resume':
      return view(
        !stand.isPausedByHand,
        stand.pause ? `waits at ${placeOf(stand)}` : 'goes on',
      );
    default:
  }
  const { isWaiting, ...coming } = viewComing(seen, fleet);
  const isThere =
    isWaiting &&
    input.verb !== 'promote-full' &&
    ROLLOUT_VERBS[input.verb].isSo(stand, input.seen);
  return isThere ? { ...coming, done: true } : coming;
}

/** Back on the stable version: as many of its pods as there are to be. */
function viewAborted(
  {
    row,
    stand,
    called,
  }: { row: WorkloadRow; stand: RolloutStand; called: string },
  fleet: FleetReader,
): ReachedView {
  if (!stand.isAborted) {
    const text = isUnderWay(stand)
      ? `${called}: not aborted yet`
      : `${called} has rolled the version out completely`;
    return {
      done: false,
      text,
      troubled: [],
      ...(!isUnderWay(stand) && { failed: text }),
    };
  }
  const stable = stand.stableHash ? podsOf(row, stand.stableHash, fleet) : [];
  const ready = stable.filter(pod => pod.ready && !pod.deletedAt).length;
  // Only a router says what share is left.
  const share = row.rollout?.weight ?? 0;
  const done =
    row.rollout?.phase === 'Degraded' && ready >= row.desired && share === 0;
  return {
    done,
    text: `${called}: aborted, ${ready} of ${
      row.desired
    } pods of the stable version ready${
      share > 0 ? `, ${share} % of the traffic not back yet` : ''
    }`,
    troubled: done ? [] : troubledOf(stable, fleet),
  };
}

/** The abort that was to be retried, as this replica still sees it. */
function isSeenAbort(
  { abortedAt }: RolloutStand,
  { verb, seen }: RolloutVerbStepInput,
): boolean {
  return verb === 'retry' && abortedAt === seen.abortedAt;
}
