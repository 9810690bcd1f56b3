import { StepContext } from '@switchyard/backstage-plugin-runs-node';
import { CommitStepInput } from '../hotfix/types';
import { wordOf } from './syncOrder';

/** Where the commit lies that is to be merged. The step's reference keeps it from before anything is done. */
export type PullRequestOrder = {
  /** The run's own branch: each has one pull request. */
  branch: string;
  /** On which word of a person it began, by `wordOf`; null where none was needed. */
  word: string | null;
};

/** The order of an earlier attempt. */
export function openOrderOf({
  step,
}: StepContext): PullRequestOrder | undefined {
  return step.reference?.pullRequest as PullRequestOrder | undefined;
}

/** The first order of a step. The run's id is in it: portals number their runs by themselves. */
export function createOrder(context: StepContext): PullRequestOrder {
  const { id, number } = context.run;
  return {
    branch: `switchyard/run-${number}-${id.slice(0, 8)}`,
    word: wordOf(context),
  };
}

/** The order after one whose pull request was closed: there where a person has asked for the step to be tried again since. */
export function nextOrder(
  context: StepContext,
  { branch, word: before }: PullRequestOrder,
): PullRequestOrder | undefined {
  const word = wordOf(context);
  if (word === null || word === before) return undefined;
  const [, first, count = '1'] = /^(.*?)(?:\.(\d+))?$/.exec(branch)!;
  return { branch: `${first}.${Number(count) + 1}`, word };
}

/** What people read at the forge. The reason is free text of a person, and stands in a block of its own. */
export function describeRequest(
  { run }: StepContext,
  { subject }: CommitStepInput,
): { title: string; description: string } {
  const reason = run.reason
    .split(/\r\n|\r|\n/)
    .map(line => `> ${line}`)
    .join('\n');
  return {
    title: `${subject} (run ${run.number})`,
    description: [
      `${run.requestedBy} asked for this in [run ${run.number}](${run.url}), which waits until it is merged:`,
      reason,
      'Closed without a merge, it ends the run; cancelling the run closes it. Locks and freezes of the portal do not hold whoever merges it here.',
    ].join('\n\n'),
  };
}
