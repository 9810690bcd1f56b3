import { JsonObject } from '@backstage/types';
import { isUnderWay, RolloutStand } from './readRollout';
import { RolloutVerb, SeenRollout } from './types';

/** Carries the id of the run that paused the Rollout last, or let it go on. */
export const PAUSED_BY = 'switchyard/paused-by-run';
export const RESUMED_BY = 'switchyard/resumed-by-run';

/** One verb: when it makes sense, what it rests on, and what it writes, as the kubectl plugin of Argo Rollouts writes it. */
export interface RolloutVerbRule {
  /** Behind 'to': 'promote'. */
  word: string;
  /** Why it makes no sense now, to be put behind the name of the Rollout. */
  refuse(stand: RolloutStand): string | undefined;
  /** What of the Rollout's place the decision rests on, besides its version. */
  seen(stand: RolloutStand): Omit<SeenRollout, 'hash'>;
  /** What is no longer as it was shown, to be put behind the name. */
  isOther(stand: RolloutStand, seen: SeenRollout): string | undefined;
  /** Whether what is asked for is so. */
  isSo(stand: RolloutStand, seen: SeenRollout): boolean;
  leavesNoTrace?: boolean;
  change(stand: RolloutStand): { subresource?: 'status'; patch: JsonObject };
  /** Annotation in which the run leaves its name, where the patch is of the whole object. */
  mark?: string;
}

const NOT_UNDER_WAY = 'rolls out no version now';
const ABORTED = 'was aborted';
/** Steps that may last, and end by themselves or never. */
const SKIPPABLE = ['pause', 'analysis', 'experiment', 'plugin'];

/** All verbs. */
export const ROLLOUT_VERBS: Readonly<Record<RolloutVerb, RolloutVerbRule>> = {
  promote: {
    word: 'promote',
    refuse: stand => {
      if (!isUnderWay(stand)) return NOT_UNDER_WAY;
      if (stand.isAborted) return `${ABORTED}: retry it, or ship a version`;
      if (stand.isPausedByHand) return 'is paused by hand: resume it first';
      if (stand.isPromotedInFull) return 'is being promoted in full already';
      return stand.pause || isAtSkippable(stand)
        ? undefined
        : 'goes on by itself: there is nothing to decide until it waits';
    },
    seen: placeOf,
    isOther: (stand, seen) => {
      if (stand.isAborted) return `${ABORTED} meanwhile`;
      const isThere =
        stand.step === (seen.step ?? 0) &&
        stand.pause?.since === seen.since &&
        stand.analysis?.name === seen.analysis;
      return isThere
        ? undefined
        : 'is no longer at the step that was shown; nothing was promoted';
    },
    isSo: (stand, seen) =>
      !stand.isAborted &&
      (!isUnderWay(stand) ||
        stand.step > (seen.step ?? 0) ||
        (stand.step === (seen.step ?? 0) &&
          seen.since !== undefined &&
          !stand.pause &&
          // Before Argo Rollouts has looked; of a blue-green one that stays so until the switch.
          (stand.isPausedByController || stand.strategy === 'blueGreen'))),
    change: ({ strategy, steps, step, pause, analysis }) => {
      const next = Math.min(step + 1, steps.length);
      // Argo Rollouts would set the same pause again where the analysis could not decide.
      if (pause && strategy === 'canary' && analysis?.phase === 'Inconclusive')
        return ofStatus({
          pauseConditions: null,
          controllerPause: false,
          currentStepIndex: next,
        });
      return pause
        ? ofStatus({ pauseConditions: null })
        : ofStatus({ pauseConditions: null, currentStepIndex: next });
    },
  },
  'promote-full': {
    word: 'promote in full',
    refuse: stand => {
      if (!isUnderWay(stand)) return NOT_UNDER_WAY;
      if (stand.isAborted) return `${ABORTED}: retry it, or ship a version`;
      if (stand.isPausedByHand) return 'is paused by hand: resume it first';
      return stand.isPromotedInFull
        ? 'is being promoted in full already'
        : undefined;
    },
    seen: () => ({}),
    isOther: stand =>
      stand.isAborted
        ? `${ABORTED} meanwhile; nothing was promoted`
        : undefined,
    isSo: stand =>
      !stand.isAborted && (!isUnderWay(stand) || stand.isPromotedInFull),
    change: () => ofStatus({ promoteFull: true }),
  },
  abort: {
    word: 'abort',
    refuse: stand => {
      if (!isUnderWay(stand)) return NOT_UNDER_WAY;
      if (stand.isAborted) return `${ABORTED} already`;
      return stand.isPromotedInFull
        ? 'is being promoted in full, which Argo Rollouts does not abort'
        : undefined;
    },
    seen: () => ({}),
    isOther: stand => {
      if (!isUnderWay(stand))
        return 'has rolled it out completely meanwhile: roll back instead';
      return stand.isPromotedInFull
        ? 'is being promoted in full by now, which Argo Rollouts does not abort'
        : undefined;
    },
    isSo: ({ isAborted }) => isAborted,
    // A retry, by whomever, takes it away.
    leavesNoTrace: true,
    change: () => ofStatus({ abort: true }),
  },
  retry: {
    word: 'retry',
    refuse: stand =>
      stand.isAborted
        ? undefined
        : 'was not aborted: there is nothing to retry',
    seen: ({ abortedAt }) => (abortedAt === undefined ? {} : { abortedAt }),
    isOther: (stand, seen) =>
      stand.abortedAt === seen.abortedAt
        ? undefined
        : 'was retried and aborted again meanwhile',
    isSo: ({ isAborted }) => !isAborted,
    change: () => ofStatus({ abort: false }),
  },
  pause: {
    word: 'pause',
    refuse: stand => {
      if (stand.isPausedByHand) return 'is paused by hand already';
      if (!isUnderWay(stand)) return NOT_UNDER_WAY;
      return stand.isAborted ? `${ABORTED}: nothing goes on` : undefined;
    },
    seen: () => ({}),
    isOther: () => undefined,
    isSo: ({ isPausedByHand }) => isPausedByHand,
    change: () => ({ patch: { spec: { paused: true } } }),
    mark: PAUSED_BY,
  },
  resume: {
    word: 'resume',
    refuse: stand =>
      stand.isPausedByHand
        ? undefined
        : 'is not paused by hand; what waits at a step is promoted',
    seen: () => ({}),
    isOther: () => undefined,
    isSo: ({ isPausedByHand }) => !isPausedByHand,
    change: () => ({ patch: { spec: { paused: false } } }),
    mark: RESUMED_BY,
  },
};

/** Whether the present step may be left before it has ended by itself. */
export function isAtSkippable({ steps, step }: RolloutStand): boolean {
  return SKIPPABLE.some(kind => steps[step]?.[kind] !== undefined);
}

function placeOf({ steps, step, pause, analysis }: RolloutStand) {
  return {
    ...(steps.length > 0 && { step }),
    ...(pause && { since: pause.since }),
    ...(analysis && { analysis: analysis.name }),
  };
}

function ofStatus(status: JsonObject) {
  return { subresource: 'status' as const, patch: { status } };
}
