import { canarySizes, pauseMs, stepText, weightAt } from './canary';
import type { RolloutRound } from './RolloutController';
import { hashOf, revisionOf } from './RolloutSets';

/** Between an abort and the end of the canary's pods where a router moved the traffic. */
const ABORT_DELAY_MS = 30_000;

/** One look at a canary: its step, the sizes and weights that follow from it. */
export function advanceCanary(round: RolloutRound): void {
  const { rollout, status, newSet } = round;
  const { canary } = rollout.spec.strategy;
  const steps = canary.steps ?? [];
  if (status.promoteFull) {
    // As the controller has it: who wants it promoted in full takes an abort back, and it cannot be aborted any more.
    status.abort = undefined;
  }
  if (status.abort) {
    abort(round);
    return;
  }
  status.abortedAt = undefined;
  if (status.promoteFull) {
    status.currentStepIndex = steps.length;
    status.pauseConditions = undefined;
    status.controllerPause = undefined;
  }
  if (
    status.canary?.currentStepAnalysisRunStatus &&
    !steps[status.currentStepIndex]?.analysis
  ) {
    // Somebody has promoted it past its analysis.
    round.runs.end(rollout);
    status.canary = { ...status.canary };
    delete status.canary.currentStepAnalysisRunStatus;
  }
  // Several steps may be over at once: a weight that is reached, a pause that somebody ended.
  while (
    !rollout.spec.paused &&
    status.currentStepIndex < steps.length &&
    isStepOver(round)
  ) {
    const index = status.currentStepIndex;
    round.note(
      'Normal',
      'RolloutStepCompleted',
      `Rollout step ${index + 1}/${steps.length} completed (${stepText(
        steps[index],
      )})`,
    );
    status.currentStepIndex = index + 1;
    if (status.canary?.currentStepAnalysisRunStatus) {
      status.canary = { ...status.canary };
      delete status.canary.currentStepAnalysisRunStatus;
    }
  }
  if (status.abort) {
    abort(round);
    return;
  }
  settle(round, weightAt(steps, status.currentStepIndex));
  const wanted = rollout.spec.replicas ?? 1;
  if (
    status.currentStepIndex >= steps.length &&
    (newSet.status?.availableReplicas ?? 0) >= wanted
  ) {
    status.stableRS = hashOf(newSet);
  }
}

/** Makes sizes, Services and weights what a weight asks for. True when the pods are there. */
function settle(round: RolloutRound, weight: number): boolean {
  const { rollout, status, newSet, stableSet, scale, pointService } = round;
  const { canary } = rollout.spec.strategy;
  const replicas = rollout.spec.replicas ?? 1;
  const available = newSet.status?.availableReplicas ?? 0;
  const hasRouter = Boolean(canary.trafficRouting);
  const isAlone = !stableSet || hashOf(stableSet) === hashOf(newSet);
  const sizes = canarySizes({
    replicas,
    weight: isAlone ? 100 : weight,
    hasRouter,
    available,
  });
  scale(newSet, sizes.canary);
  if (!isAlone) {
    scale(stableSet!, sizes.stable);
  }
  const stable = status.stableRS ?? hashOf(newSet);
  pointService(canary.canaryService, hashOf(newSet));
  pointService(canary.stableService, stable);
  if (hasRouter) {
    // Traffic follows when the pods are there.
    const reached = available >= sizes.canary ? weight : 0;
    const share = isAlone ? 0 : reached;
    status.canary = {
      ...status.canary,
      weights: {
        canary: {
          podTemplateHash: hashOf(newSet),
          serviceName: canary.canaryService,
          weight: share,
        },
        stable: {
          podTemplateHash: stable,
          serviceName: canary.stableService,
          weight: 100 - share,
        },
      },
    };
  } else {
    status.canary ??= {};
  }
  return available >= sizes.canary && newSet.spec.replicas >= sizes.canary;
}

function isStepOver(round: RolloutRound): boolean {
  const { rollout, status, newSet, again } = round;
  const steps = rollout.spec.strategy.canary.steps;
  const step = steps[status.currentStepIndex];
  if (step.setWeight !== undefined) {
    return settle(round, step.setWeight);
  }
  if (step.pause) {
    return isPauseOver(round, pauseMs(step.pause), again);
  }
  if (step.analysis) {
    const run = round.runs.forStep({
      rollout,
      hash: hashOf(newSet),
      revision: revisionOf(newSet),
      index: status.currentStepIndex,
      analysis: step.analysis,
    });
    const phase = run.status?.phase ?? 'Pending';
    status.canary = {
      ...status.canary,
      currentStepAnalysisRunStatus: {
        name: run.metadata.name,
        status: phase,
        ...(run.status?.message ? { message: run.status.message } : {}),
      },
    };
    if (phase === 'Failed' || phase === 'Error') {
      status.abort = true;
      round.abortReason = `Step-based analysis phase error/failure: ${
        run.status.message ?? phase
      }`;
      return false;
    }
    return phase === 'Successful';
  }
  // What this world has no machinery for, such as setMirrorRoute, is done at once.
  return true;
}

function isPauseOver(
  { status, sincePause, beginPause, note }: RolloutRound,
  duration: number | undefined,
  again: (delayMs: number) => void,
): boolean {
  if (status.pauseConditions?.length) {
    const left = duration === undefined ? undefined : duration - sincePause();
    if (left === undefined || left > 0) {
      if (left !== undefined) {
        again(left + 1);
      }
      return false;
    }
    status.pauseConditions = undefined;
    status.controllerPause = undefined;
    return true;
  }
  // The controller has paused it and the condition is gone: somebody promoted it.
  if (status.controllerPause) {
    status.pauseConditions = undefined;
    status.controllerPause = undefined;
    note('Normal', 'RolloutResumed', 'Rollout is resumed');
    return true;
  }
  beginPause('CanaryPauseStep');
  if (duration !== undefined) {
    again(duration + 1);
  }
  return false;
}

/** All traffic back to what is stable. */
function abort(round: RolloutRound): void {
  const { rollout, status, newSet, stableSet, scale, runs } = round;
  const isFirst = status.abortedAt === undefined;
  if (isFirst) {
    status.abortedAt = round.now();
    runs.end(rollout);
    round.note(
      'Warning',
      'RolloutAborted',
      `Rollout aborted update to revision ${revisionOf(newSet)}${
        round.abortReason ? `: ${round.abortReason}` : ''
      }`,
    );
  }
  status.pauseConditions = undefined;
  status.controllerPause = undefined;
  status.currentStepIndex = 0;
  if (!stableSet || hashOf(stableSet) === hashOf(newSet)) {
    return;
  }
  scale(stableSet, rollout.spec.replicas ?? 1);
  const { canary } = rollout.spec.strategy;
  if (canary.trafficRouting) {
    const { weights } = status.canary ?? {};
    if (weights) {
      status.canary = {
        ...status.canary,
        weights: {
          canary: { ...weights.canary, weight: 0 },
          stable: { ...weights.stable, weight: 100 },
        },
      };
    }
    const left =
      (canary.abortScaleDownDelaySeconds ?? ABORT_DELAY_MS / 1000) * 1000 -
      round.sinceAbort();
    if (left > 0) {
      round.again(left + 1);
      return;
    }
  }
  scale(newSet, 0);
}
