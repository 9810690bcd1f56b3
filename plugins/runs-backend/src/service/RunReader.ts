import { NotFoundError } from '@backstage/errors';
import { RunSummary } from '@switchyard/backstage-plugin-runs-common';
import { RunStore } from '../database/RunStore';
import { FullRun, StepRecord } from '../database/types';
import { CallerInterlock } from '../interlock/CallerInterlock';
import { Caller } from './Caller';
import { canRetry, isParked } from './runVerbs';
import { mentionedBy, RunView, toSummary } from './views';

/** Runs as one person may see them. */
export class RunReader {
  readonly #runs: RunStore;
  readonly #interlock: CallerInterlock;

  constructor(options: { runs: RunStore; interlock: CallerInterlock }) {
    this.#runs = options.runs;
    this.#interlock = options.interlock;
  }

  /** @throws NotFoundError when there is none, or when its component is hidden from the caller */
  async find(id: string, caller: Caller): Promise<FullRun> {
    const run = await this.#runs.findRun(id);
    const notFound = () => new NotFoundError('There is no such run');
    if (!run) throw notFound();
    await caller.entity(run.entityRef).catch(error => {
      // Not even that it exists.
      throw error.name === 'NotFoundError' ? notFound() : error;
    });
    return run;
  }

  /** Of a run that was found before, as it is now. */
  async summarize(id: string, caller: Caller): Promise<RunSummary> {
    const run = (await this.#runs.findSummary(id))!;
    return toSummary(run, { visible: await caller.visible(mentionedBy(run)) });
  }

  /** For a run that has stopped or waits: what would stand in the way if this person let it go on now. */
  async reconsider(run: FullRun, caller: Caller): Promise<RunView> {
    if (!isParked(run) && !canRetry(run))
      return { visible: await caller.visible(mentionedBy(run)) };
    const { verdicts, visible, locks } = await this.#interlock.ask({
      entity: await caller.entity(run.entityRef),
      caller,
      questions: [{ action: run.kind, environment: run.environment, run }],
    });
    return { now: verdicts[0], visible, locks };
  }
}

/** @throws NotFoundError */
export function requireStep(run: FullRun, stepId: string): StepRecord {
  const step = run.steps.find(each => each.stepId === stepId);
  if (!step)
    throw new NotFoundError(`Run #${run.number} has no step '${stepId}'`);
  return step;
}
