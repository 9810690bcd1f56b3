import {
  Blocker,
  RunPlan,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import { getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { BindingLock, evaluate, Reading } from './evaluate';
import { InterlockReader } from './InterlockReader';

/** A source that is silent for a moment should not stop a run until a person comes. */
const NOT_READABLE_RETRY_DELAYS_MS = [500, 1_500, 3_000];

/** What a worker asks the interlock about. */
export interface RunQuestion {
  plan: RunPlan;
  actor: string;
  actorGroups: string[];
}

/** The interlock as workers ask it: at claim and right before each effect, when there is no user's token. */
export class RunInterlock {
  static create(options: { reader: InterlockReader }): RunInterlock {
    return new RunInterlock(options.reader);
  }

  readonly #reader: InterlockReader;

  private constructor(reader: InterlockReader) {
    this.#reader = reader;
  }

  /**
   * Reads everything but the locks, patiently where something cannot be read, and hands out the judgement, which wants the locks of the very last
   * moment.
   */
  async prepare(
    question: RunQuestion,
    signal: AbortSignal,
  ): Promise<(locks: Reading<BindingLock[]>) => Verdict> {
    for (const delayMs of NOT_READABLE_RETRY_DELAYS_MS) {
      const judge = await this.readOnce(question);
      if (!isOnlyUnreadable(judge({ state: 'read', value: [] }).blockers))
        return judge;
      await sleep(delayMs, undefined, { signal });
    }
    return this.readOnce(question);
  }

  /** As `prepare`, without patience; without groups, whether the person still may is not asked. */
  async readOnce(
    question: Omit<RunQuestion, 'actorGroups'> & { actorGroups?: string[] },
  ): Promise<(locks: Reading<BindingLock[]>) => Verdict> {
    const { plan, actor, actorGroups } = question;
    const background = await this.#reader.readBackground({
      entityRef: plan.entityRef,
      actor,
      actorGroups: actorGroups ?? [],
    });
    const about = {
      action: plan.kind,
      target: { entityRef: plan.entityRef, environment: plan.environment },
      actor,
      plan: { problems: [], warnings: [] },
    };
    if (background.state === 'not-readable') {
      return locks =>
        evaluate({
          ...about,
          owners: [],
          locks,
          facts: [],
          entityExists: background,
        });
    }
    const { entity, standing } = background.value;
    const facts = entity
      ? await this.#reader.readFacts({
          entity,
          environment: plan.environment,
          action: plan.kind,
          plan,
        })
      : [];
    return locks =>
      evaluate({
        ...about,
        owners: entity ? getOwnerRefs(entity) : [],
        locks,
        facts,
        entityExists: { state: 'read', value: entity !== undefined },
        standing: actorGroups && standing,
      });
  }
}

function isOnlyUnreadable(blockers: Blocker[]): boolean {
  return (
    blockers.length > 0 &&
    blockers.every(blocker => blocker.type === 'source-not-readable')
  );
}

/** The interlock said no; the engine parks the run. */
export class InterlockRefusedError extends Error {
  override readonly name = 'InterlockRefusedError';
  readonly blockers: Blocker[];

  constructor(blockers: Blocker[]) {
    super(describeBlockers(blockers));
    this.blockers = blockers;
  }
}

/** The reasons as one line. */
export function describeBlockers(blockers: Blocker[]): string {
  return blockers.map(blocker => blocker.why).join(' ');
}
