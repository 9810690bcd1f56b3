import { FleetReader, WorkloadRow } from '@switchyard/fleet-node';
import { RolloutView, troubledOf } from '../steps/troubledPods';
import { describeStep, isUnderWay, RolloutStand } from './readRollout';

/** How Argo Rollouts begins what it says of an abort, by whomever. */
const ABORTED = 'RolloutAborted';

/** On a ReplicaSet and its pods: which version of the Rollout they are. */
export const HASH_LABEL = 'rollouts-pod-template-hash';

/** How far a Rollout is with what was asked of it; `failed` once it will not come to that. */
export type ReachedView = RolloutView & { failed?: string };

/** How far the version that comes is: done once it is the stable one, waiting where somebody has to let it go on, or time has. */
export function viewComing(
  seen: { row: WorkloadRow; stand: RolloutStand; called: string },
  fleet: FleetReader,
): ReachedView & { isWaiting: boolean } {
  const { row, stand, called } = seen;
  const at = (text: string) => `${called}: ${text}`;
  const view = (done: boolean, text: string) => ({
    done,
    text: at(text),
    troubled: [],
    isWaiting: false,
  });
  if (stand.isAborted) {
    const said = row.rollout?.message;
    // For a moment it still says what it was at before.
    const why = said?.startsWith(ABORTED) ? said : 'aborted';
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
  if (stand.pause || stand.isPausedByHand)
    return {
      ...view(
        false,
        stand.pause
          ? `waits at ${placeOf(stand)}, ${pods}`
          : `paused by hand, ${pods}`,
      ),
      isWaiting: true,
    };
  const { phase, message } = row.rollout ?? {};
  return {
    ...view(false, `${placeOf(stand)}, ${pods}`),
    troubled: troubledOf(fresh, fleet),
    // Right after a retry the phase is still that of the abort.
    ...(phase === 'Degraded' &&
      !message?.startsWith(ABORTED) && {
        givenUp: at(message ?? 'Degraded'),
      }),
  };
}

/** Where it stands, in words. */
export function placeOf(stand: RolloutStand): string {
  if (stand.strategy === 'blueGreen')
    return stand.pause ? 'the switch' : 'the preview';
  return describeStep(stand, stand.step) ?? 'the next version';
}

/** Pods of one version. */
export function podsOf(row: WorkloadRow, hash: string, fleet: FleetReader) {
  const { cluster, namespace, uid } = row;
  return fleet
    .replicaSets({ cluster, namespace, ownerUid: uid })
    .filter(({ labels }) => labels[HASH_LABEL] === hash)
    .flatMap(set => fleet.pods({ cluster, namespace, ownerUid: set.uid }))
    .filter(({ phase }) => phase !== 'Succeeded');
}
