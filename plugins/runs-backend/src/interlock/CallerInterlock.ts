import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  FreezeStatus,
  RunPlan,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import { getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { Approvals } from '../approvals/Approvals';
import { findValidPass } from '../breakGlass/types';
import { LockStore } from '../database/LockStore';
import { FullRun, LockRecord, RunRecord } from '../database/types';
import { hashPlan } from '../kinds/planHash';
import { keysOfPlace, systemsOf } from '../locks/lockKeys';
import { findClusters, findLocks, findSharers } from '../locks/matchLocks';
import { Caller } from '../service/Caller';
import { ActorStanding, evaluate, Reading } from './evaluate';
import { FindingPolicies } from './FindingPolicies';
import { InterlockReader, SourceReading } from './InterlockReader';
import { ApprovalsInput } from './judgeApprovals';
import { judgeWindow } from './judgeLocks';
import { readRunApprovals } from './readRunApprovals';
import { toRunApproval } from './RunInterlock';

/** Something that a person may want to do with an entity. */
export interface CallerQuestion {
  action: string;
  environment: string;
  /** Absent when a card asks, and for a run that has its plan already. */
  plan?: RunPlan;
  /** Whether it is no longer the plan that the person was shown. */
  changed?: boolean;
  ahead?: RunRecord[];
  /** For a run that waits or has stopped: what it was given counts, rather than what a new one would need. */
  run?: FullRun;
}

/** What the interlock says to a person. */
export interface CallerAnswer {
  /** One per question. */
  verdicts: Verdict[];
  /** One per question: whether locks and freezes close it for this person. */
  windows: FreezeStatus[];
  /** All locks that bind the entity, but those of other components that the person may not see. Oldest first. */
  locks: LockRecord[];
  /** Entities besides this one that came up and that the person may see. */
  visible: ReadonlySet<string>;
}

/** The interlock as people ask it: for the buttons of a page, at request, and when a parked run is confirmed. */
export class CallerInterlock {
  static create(options: {
    reader: InterlockReader;
    locks: LockStore;
    approvals: Approvals;
    findings: FindingPolicies;
  }): CallerInterlock {
    return new CallerInterlock(options);
  }

  readonly #reader: InterlockReader;
  readonly #locks: LockStore;
  readonly #approvals: Approvals;
  readonly #findings: FindingPolicies;

  private constructor(options: Parameters<typeof CallerInterlock.create>[0]) {
    this.#reader = options.reader;
    this.#locks = options.locks;
    this.#approvals = options.approvals;
    this.#findings = options.findings;
  }

  async ask(options: {
    entity: Entity;
    caller: Caller;
    questions: CallerQuestion[];
    /** Other entities that the answer will be shown beside. */
    mentioned?: string[];
    /** Whether to say too what would park a run that is asked for now: workers ask the catalog about the person, who has no token by then. */
    foresee?: boolean;
  }): Promise<CallerAnswer> {
    const { entity, caller, questions, mentioned = [], foresee } = options;
    const entityRef = stringifyEntityRef(entity);
    const systems = systemsOf(entity);
    const [facts, approvals, near, foreseen] = await Promise.all([
      this.#readFacts(entity, questions),
      this.#readApprovals(entity, caller, questions),
      this.#locks.list(
        keysOfPlace({ entityRefs: [entityRef], systems, clusters: [] }),
      ),
      foresee ? this.#foresee(entityRef, caller) : undefined,
    ]);
    const sharers = findSharers(entityRef, facts.flat());
    const sharedSystems = await this.#reader.readSharedSystems(sharers);
    const targets = questions.map(({ environment, plan, run }, index) => ({
      entityRef,
      environment,
      systems,
      sharedSystems,
      clusters: findClusters(facts[index], plan ?? run?.plan),
    }));
    const far = await this.#listFar({
      near,
      entityRefs: sharers.keys(),
      systems: sharedSystems.keys(),
      clusters: targets.flatMap(({ clusters }) => clusters),
    });
    // Of what lies elsewhere, only what binds one of the questions is told.
    const foreign = far.filter(lock =>
      targets.some(
        (target, index) =>
          findLocks({ target, locks: [lock], facts: facts[index] }).length > 0,
      ),
    );
    const cameUp = [
      ...mentioned,
      ...foreign.flatMap(lock => lock.entityRef ?? []),
    ];
    const visible = await caller.visible([
      ...new Set(cameUp.filter(ref => ref !== entityRef)),
    ]);
    const actor = caller.userEntityRef;
    const owners = getOwnerRefs(entity);
    return {
      verdicts: questions.map(({ plan, changed, run, ...question }, index) =>
        evaluate({
          action: question.action,
          target: targets[index],
          actor,
          owners,
          locks: { state: 'read', value: [...near, ...foreign] },
          facts: facts[index],
          findings: this.#findings.find(question),
          entityExists: { state: 'read', value: true },
          approvals: approvals[index],
          pass: toPass(run),
          foreseen,
          plan: plan && {
            problems: plan.problems,
            warnings: plan.warnings,
            changed,
          },
          ahead: question.ahead,
          visible,
        }),
      ),
      windows: targets.map((target, index) =>
        judgeWindow({
          found: findLocks({
            target,
            locks: [...near, ...foreign],
            facts: facts[index],
          }),
          actor,
          visible,
        }),
      ),
      locks: [
        ...near,
        ...foreign.filter(
          ({ entityRef: ref }) => ref === undefined || visible.has(ref),
        ),
      ].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime()),
      visible,
    };
  }

  async #foresee(
    entityRef: string,
    caller: Caller,
  ): Promise<ActorStanding | undefined> {
    const background = await this.#reader.readBackground({
      entityRef,
      actor: caller.userEntityRef,
      actorGroups: await caller.groupRefs(),
    });
    return background.state === 'read' ? background.value.standing : undefined;
  }

  /** Locks of what only the facts tell of: clusters, and entities that deploy the same. */
  async #listFar(options: {
    near: LockRecord[];
    entityRefs: Iterable<string>;
    systems: Iterable<string>;
    clusters: string[];
  }): Promise<LockRecord[]> {
    const keys = keysOfPlace(options);
    // The key of the platform is always among them, and was asked for.
    if (keys.length === 1) return [];
    const known = new Set(options.near.map(({ id }) => id));
    const locks = await this.#locks.list(keys);
    return locks.filter(({ id }) => !known.has(id));
  }

  async #readApprovals(
    entity: Entity,
    caller: Caller,
    questions: CallerQuestion[],
  ): Promise<Array<Reading<ApprovalsInput>>> {
    return Promise.all(
      questions.map(
        async ({ run, ...wish }): Promise<Reading<ApprovalsInput>> =>
          run
            ? readRunApprovals({
                reader: this.#reader,
                approvals: this.#approvals,
                run: toRunApproval(run),
                entity,
              })
            : this.#approvals.ofWish({
                ...wish,
                entity,
                requestedBy: caller.userEntityRef,
              }),
      ),
    );
  }

  /** Buttons and parked runs ask for the same. */
  async #readFacts(
    entity: Entity,
    questions: CallerQuestion[],
  ): Promise<SourceReading[][]> {
    const asked = new Map<string, Promise<SourceReading[]>>();
    return Promise.all(
      questions.map(({ action, environment, plan }) => {
        if (plan)
          return this.#reader.readFacts({ entity, environment, action, plan });
        const key = `${action} ${environment}`;
        const reading =
          asked.get(key) ??
          this.#reader.readFacts({ entity, environment, action });
        asked.set(key, reading);
        return reading;
      }),
    );
  }
}

function toPass(run: FullRun | undefined) {
  const pass = run && findValidPass(run.passes);
  return pass && { ...pass, for: hashPlan(run.plan) };
}
