import {
  DeploymentState,
  RolloutState,
} from '@switchyard/backstage-plugin-deploys-common';

type Row = Pick<DeploymentState, 'workloads' | 'migration'>;

/** When an action has something to do: the others would only fill the menu. */
const WHEN: Readonly<Record<string, (row: Row) => boolean>> = {
  promote: ofRollout(rollout => isUnderWay(rollout) && !rollout.pausedByHand),
  'abort-rollout': ofRollout(isUnderWay),
  'retry-rollout': ofRollout(({ status }) => status === 'aborted'),
  'pause-rollout': ofRollout(
    rollout => isUnderWay(rollout) && !rollout.pausedByHand,
  ),
  'resume-rollout': ofRollout(({ pausedByHand }) => pausedByHand === true),
  migrate: ({ migration }) =>
    migration?.verdict === 'failed' || migration?.verdict === 'unknown',
  // Templates ask for it: it takes a repository that nobody would type here.
  'application-create': () => false,
};

/** Whether an action has something to do as the rows are now. Those that nothing is known of always do. */
export function isOfferedNow(action: string, rows: readonly Row[]): boolean {
  const isMeant = WHEN[action];
  return !isMeant || rows.some(isMeant);
}

function ofRollout(isMeant: (rollout: RolloutState) => boolean) {
  return ({ workloads }: Row) =>
    workloads.some(({ rollout }) => rollout !== undefined && isMeant(rollout));
}

function isUnderWay({ status, next }: RolloutState): boolean {
  return next !== undefined && status !== 'aborted' && status !== 'healthy';
}
