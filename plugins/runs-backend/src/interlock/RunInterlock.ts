import {
  Blocker,
  RunPlan,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import { getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { Approvals, RunApproval } from '../approvals/Approvals';
import { PassRecord } from '../breakGlass/types';
import { FullRun } from '../database/types';
import { hashPlan } from '../kinds/planHash';
import { keysOfPlace, systemsOf } from '../locks/lockKeys';
import { BindingLock, findClusters, findSharers } from '../locks/matchLocks';
import { evaluate, Reading } from './evaluate';
import { FindingPolicies } from './FindingPolicies';
import { InterlockReader } from './InterlockReader';
import { readRunApprovals } from './readRunApprovals';

/** A source that is silent for a moment should not stop a run until a person comes. */
const NOT_READABLE_RETRY_DELAYS_MS = [500, 1_500, 3_000];

/** What a worker asks the interlock about. */
export interface RunQuestion {
  plan: RunPlan;
  actor: string;
  actorGroups: string[];
  approval: RunApproval;
}

/** Everything but the locks and the emergency pass, which are wanted as they are at the very last moment. */
export interface PreparedVerdict {
  /** Under which the locks lie that bind the run: see lockKeys.ts. */
  lockKeys: string[];
  judge(locks: Reading<BindingLock[]>, pass?: PassRecord): Verdict;
}

/** The interlock as workers ask it: at claim and right before each effect, when there is no user's token. */
export class RunInterlock {
  static create(options: {
    reader: InterlockReader;
    approvals: Approvals;
    findings: FindingPolicies;
  }): RunInterlock {
    return new RunInterlock(options);
  }

  readonly #reader: InterlockReader;
  readonly #approvals: Approvals;
  readonly #findings: FindingPolicies;

  private constructor(options: Parameters<typeof RunInterlock.create>[0]) {
    this.#reader = options.reader;
    this.#approvals = options.approvals;
    this.#findings = options.findings;
  }

  /**
   * Reads everything but the locks, patiently where something cannot be read. What is judged is kept with the run, for all who may see its entity:
   * it names no other.
   */
  async prepare(
    question: RunQuestion,
    signal: AbortSignal,
  ): Promise<PreparedVerdict> {
    for (const delayMs of NOT_READABLE_RETRY_DELAYS_MS) {
      const prepared = await this.readOnce(question);
      const { blockers } = prepared.judge({ state: 'read', value: [] });
      if (!isOnlyUnreadable(blockers)) return prepared;
      await sleep(delayMs, undefined, { signal });
    }
    return this.readOnce(question);
  }

  /** As `prepare`, without patience; without groups, whether the person still may is not asked. */
  async readOnce(
    question: Omit<RunQuestion, 'actorGroups'> & { actorGroups?: string[] },
  ): Promise<PreparedVerdict> {
    const { plan, actor, actorGroups, approval } = question;
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
      findings: this.#findings.find({
        environment: plan.environment,
        action: plan.kind,
      }),
    };
    if (background.state === 'not-readable') {
      return {
        lockKeys: keysOfPlace({
          entityRefs: [plan.entityRef],
          systems: [],
          clusters: [],
        }),
        judge: locks =>
          evaluate({
            ...about,
            owners: [],
            locks,
            facts: [],
            entityExists: background,
          }),
      };
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
    const approvals =
      entity &&
      (await readRunApprovals({
        reader: this.#reader,
        approvals: this.#approvals,
        run: approval,
        entity,
      }));
    const systems = systemsOf(entity);
    const clusters = findClusters(facts, plan);
    const sharers = findSharers(plan.entityRef, facts);
    const sharing = await this.#readSharing(sharers);
    const sharedSystems = sharing.state === 'read' ? sharing.value : undefined;
    return {
      lockKeys: keysOfPlace({
        entityRefs: [plan.entityRef, ...sharers.keys()],
        systems: [...systems, ...(sharedSystems?.keys() ?? [])],
        clusters,
      }),
      judge: (locks, pass) =>
        evaluate({
          ...about,
          pass: pass && { ...pass, for: hashPlan(plan) },
          target: { ...about.target, systems, sharedSystems, clusters },
          owners: entity ? getOwnerRefs(entity) : [],
          locks,
          facts,
          // What the catalog does not tell now might be locked.
          entityExists:
            sharing.state === 'read'
              ? { state: 'read', value: entity !== undefined }
              : sharing,
          approvals,
          standing: actorGroups && standing,
        }),
    };
  }

  async #readSharing(
    sharers: ReadonlyMap<string, string[]>,
  ): Promise<Reading<Map<string, string[]>>> {
    try {
      const value = await this.#reader.readSharedSystems(sharers);
      return { state: 'read', value };
    } catch {
      return { state: 'not-readable', why: 'The catalog cannot be reached.' };
    }
  }
}

/** The approvals of a run that nobody carries out at the moment. */
export function toRunApproval(run: FullRun): RunApproval {
  const { plan, gates = [], requestedBy, hasEffects } = run;
  return { plan, gates, requestedBy, hasBegun: hasEffects };
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
  return blockers
    .map(({ why }, index) =>
      // Not all of them are whole sentences, and another one may follow.
      index < blockers.length - 1 && !/[.!?]$/.test(why) ? `${why}.` : why,
    )
    .join(' ');
}
