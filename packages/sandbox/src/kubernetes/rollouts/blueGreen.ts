import type { RolloutRound } from './RolloutController';
import { hashOf, revisionOf } from './RolloutSets';

const SCALE_DOWN_DELAY_MS = 30_000;

/** One look at a blue-green Rollout: the new set beside the active one, then the switch, then the old set goes. */
export function advanceBlueGreen(round: RolloutRound): void {
  const { rollout, status, newSet, scale, pointService, note } = round;
  const { blueGreen } = rollout.spec.strategy;
  const replicas = rollout.spec.replicas ?? 1;
  const hash = hashOf(newSet);
  const before = status.blueGreen ?? {};
  const active: string | undefined = before.activeSelector;
  const isSwitched = active === undefined || active === hash;
  if (status.promoteFull) {
    status.abort = undefined;
  }
  if (status.abort && !isSwitched) {
    if (status.abortedAt === undefined) {
      status.abortedAt = round.now();
      note(
        'Warning',
        'RolloutAborted',
        `Rollout aborted update to revision ${revisionOf(newSet)}`,
      );
    }
    status.pauseConditions = undefined;
    status.controllerPause = undefined;
    scale(newSet, 0);
    pointService(blueGreen.previewService, active);
    status.blueGreen = { ...before, previewSelector: active };
    return;
  }
  status.abortedAt = undefined;
  const previewSize = isSwitched
    ? replicas
    : blueGreen.previewReplicaCount ?? replicas;
  const isPromoted =
    status.promoteFull || before.scaleUpPreviewCheckPoint === true;
  const wanted = isPromoted ? replicas : previewSize;
  scale(newSet, wanted);
  pointService(blueGreen.previewService, hash);
  status.blueGreen = { ...before, previewSelector: hash };
  if ((newSet.status?.availableReplicas ?? 0) < wanted) {
    return;
  }
  if (!isSwitched && !isPromoted && !mayPromote(round)) {
    return;
  }
  if (!isSwitched && wanted < replicas) {
    status.blueGreen.scaleUpPreviewCheckPoint = true;
    round.again(20);
    return;
  }
  pointService(blueGreen.activeService, hash);
  delete status.blueGreen.scaleUpPreviewCheckPoint;
  status.pauseConditions = undefined;
  status.controllerPause = undefined;
  if (!isSwitched) {
    note(
      'Normal',
      'SwitchService',
      `Switched selector for service '${blueGreen.activeService}' from '${active}' to '${hash}'`,
    );
    round.noteSwitch();
  }
  status.blueGreen.activeSelector = hash;
  status.stableRS = hash;
  shrinkOld(round);
}

/** By itself, after a while, or when somebody says so. */
function mayPromote(round: RolloutRound): boolean {
  const { rollout, status, beginPause, sincePause, again, note } = round;
  const { autoPromotionEnabled = true, autoPromotionSeconds } =
    rollout.spec.strategy.blueGreen;
  if (autoPromotionEnabled && autoPromotionSeconds === undefined) {
    return true;
  }
  if (status.pauseConditions?.length) {
    const left =
      autoPromotionSeconds === undefined
        ? undefined
        : autoPromotionSeconds * 1000 - sincePause();
    if (left !== undefined && left > 0) {
      again(left + 1);
    }
    return left !== undefined && left <= 0;
  }
  if (status.controllerPause) {
    note('Normal', 'RolloutResumed', 'Rollout is resumed');
    return true;
  }
  beginPause('BlueGreenPause');
  if (autoPromotionSeconds !== undefined) {
    again(autoPromotionSeconds * 1000 + 1);
  }
  return false;
}

/** The old set stays for a moment: load balancers may still send to it. */
function shrinkOld(round: RolloutRound): void {
  const { rollout, newSet, sets, scale } = round;
  const { scaleDownDelaySeconds } = rollout.spec.strategy.blueGreen;
  const delay = (scaleDownDelaySeconds ?? SCALE_DOWN_DELAY_MS / 1000) * 1000;
  const left = delay - round.sinceSwitch();
  for (const set of sets.filter(each => hashOf(each) !== hashOf(newSet))) {
    if (left <= 0) {
      scale(set, 0);
    } else if (set.spec.replicas > 0) {
      round.again(left + 1);
    }
  }
}
