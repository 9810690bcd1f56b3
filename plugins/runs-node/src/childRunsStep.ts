import { RunStatus } from '@switchyard/backstage-plugin-runs-common';
import {
  ChildRunState,
  StepContext,
  StepFailedError,
  StepHandler,
  WaitForChildrenError,
} from './steps';

/** Whoever asked for the parent wanted its children too. */
const FIRST_WISH = 'first';
const UNDER_WAY: readonly RunStatus[] = ['queued', 'waiting', 'running'];

/**
 * Input of a step that is carried out by {@link childRunsStep}.
 *
 * @public
 */
export type ChildRunsInput = {
  /** Ids of children of the plan: all at once. */
  children: string[];
  /** Whether the step succeeds although some have not: a later step judges. Default false. */
  goOn?: boolean;
};

/**
 * Asks for children of the plan, and waits until all have ended. Tried again, it asks only for those that have not succeeded: one that has failed goes
 * on where it stopped, one that was cancelled is asked for anew, and one whose outcome is unknown is left to people.
 *
 * @public
 */
export const childRunsStep: StepHandler = {
  effect: 'none',
  async run(context) {
    const { children: ids, goOn } = context.step.input as ChildRunsInput;
    await ask(context, ids);
    const known = await context.children.find();
    const runs = ids.flatMap(id => known.get(id) ?? []);
    const open = runs.filter(({ status }) => UNDER_WAY.includes(status));
    const done = runs.filter(({ status }) => status === 'succeeded');
    if (open.length > 0 || runs.length < ids.length)
      throw new WaitForChildrenError(
        `${done.length} of ${ids.length} done; waits for ${open
          .map(({ childId, number }) => `${childId} (#${number})`)
          .join(', ')}`,
      );
    const others = runs.filter(({ status }) => status !== 'succeeded');
    if (others.length > 0 && !goOn)
      throw new StepFailedError(
        `${done.length} of ${ids.length} succeeded. ${others
          .map(describe)
          .join('; ')}`,
      );
    return {
      output: {
        runs: runs.map(({ childId, runId, number, status }) => ({
          childId,
          runId,
          number,
          status,
        })),
      },
    };
  },
};

async function ask(context: StepContext, ids: string[]): Promise<void> {
  const wish = context.retried?.at ?? FIRST_WISH;
  const known = await context.children.find();
  for (const id of ids) {
    const child = known.get(id);
    if (!child || mustAskAnew(context, child, wish)) {
      await context.children.request(id, wish);
      context.log(`Asked for the run of ${id}`);
    } else if (context.retried && canGoOn(child) && child.wish !== wish) {
      await context.children.redrive(id, wish);
      context.log(`Run #${child.number} of ${id} is tried again`);
    }
  }
}

function mustAskAnew(
  context: StepContext,
  child: ChildRunState,
  wish: string,
): boolean {
  return (
    context.retried !== undefined &&
    child.status === 'cancelled' &&
    child.wish !== wish
  );
}

function canGoOn({ status }: ChildRunState): boolean {
  return status === 'failed' || status === 'dead';
}

function describe({ childId, number, status, cause }: ChildRunState): string {
  const why = cause ? `: ${cause}` : '';
  if (status === 'needs-attention')
    return `Run #${number} of ${childId} needs attention first${why}`;
  return `Run #${number} of ${childId} ${
    status === 'cancelled' ? 'was cancelled' : 'failed'
  }${why}`;
}
