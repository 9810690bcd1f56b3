import { FleetReader, WorkloadRow } from '@switchyard/fleet-node';
import { troubledOf } from '../steps/rolloutVerdict';
import { findWorkload } from '../steps/settledView';
import { ChangedOutput } from '../workloads/types';
import {
  describeStep,
  isUnderWay,
  readRollout,
  RolloutStand,
} from './readRollout';
import { RolloutVerbStepInput } from './types';
import { ROLLOUT_VERBS } from './verbs';
import type { RolloutView } from '../steps/rolloutVerdict';

const HASH_LABEL = 'rollouts-pod-template-hash';

/** How far a Rollout is with what was asked of it; `failed` once it will not come to that. */
export type ReachedView = RolloutView & { failed?: string };

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
  if (stand.isAborted) {
    const why = row.rollout?.message ?? 'aborted';
    return { ...view(false, why), failed: at(why) };
  }
  const fresh = podsOf(row, stand.hash!, fleet);
  const ready = fresh.filter(pod => pod.ready && !pod.deletedAt).length;
  const pods = `${ready} of ${row.desired} pods new and ready`;
  if (!isUnderWay(stand)) {
    const done = row.rollout?.phase === 'Healthy';
    return {
      ...view(done, done ? `done, ${pods}` : `all steps done, ${pods}`),
      troubled: done ? [] : troubledOf(fresh, fleet),
    };
  }
  const isWaiting =
    input.verb !== 'promote-full' &&
    ROLLOUT_VERBS[input.verb].isSo(stand, input.seen) &&
    (stand.pause !== undefined || stand.isPausedByHand);
  if (isWaiting)
    return view(
      true,
      stand.pause
        ? `waits at ${placeOf(stand)}, ${pods}`
        : `paused by hand, ${pods}`,
    );
  const { phase, message } = row.rollout ?? {};
  return {
    ...view(false, `${placeOf(stand)}, ${pods}`),
    troubled: troubledOf(fresh, fleet),
    // Right after a retry the phase is still that of the abort.
    ...(phase === 'Degraded' &&
      !message?.startsWith('RolloutAborted') && {
        givenUp: at(message ?? 'Degraded'),
      }),
  };
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

/** Early releases of Argo Rollouts wrote no number there. */
function isBefore({ observedGeneration, generation }: WorkloadRow): boolean {
  return observedGeneration !== 0 && observedGeneration < generation;
}

function placeOf(stand: RolloutStand): string {
  if (stand.strategy === 'blueGreen')
    return stand.pause ? 'the switch' : 'the preview';
  return describeStep(stand, stand.step) ?? 'the next version';
}

function podsOf(row: WorkloadRow, hash: string, fleet: FleetReader) {
  const { cluster, namespace, uid } = row;
  return fleet
    .replicaSets({ cluster, namespace, ownerUid: uid })
    .filter(({ labels }) => labels[HASH_LABEL] === hash)
    .flatMap(set => fleet.pods({ cluster, namespace, ownerUid: set.uid }))
    .filter(({ phase }) => phase !== 'Succeeded');
}
