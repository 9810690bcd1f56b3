import {
  Blocker,
  PlanProblem,
  Verdict,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { Fact } from '@switchyard/backstage-plugin-runs-node';
import { shortName } from '../approvals/shortName';
import { liftOf } from '../breakGlass/terms';
import { PassRecord } from '../breakGlass/types';
import { BindingLock, findLocks, LockPlace } from '../locks/matchLocks';
import { ApprovalsInput, judgeApprovals } from './judgeApprovals';
import {
  canBlock,
  findingBlockers,
  FindingsInput,
  findingWarnings,
} from './judgeFindings';
import { judgeLocks, LocksInput, passedLocks, warnOfLocks } from './judgeLocks';

/** Something that had to be read from elsewhere: what was found, or why nothing was. */
export type Reading<T> =
  | { state: 'read'; value: T }
  | { state: 'not-readable'; why: string };

/** What has become of the person who answers for the run. */
export interface ActorStanding {
  exists: boolean;
  /** Groups that the person was in when asking, that mattered, and that the person has left since. */
  lostGroups: string[];
}

/** Everything that bears on whether an action may happen now. */
export interface InterlockInput {
  action: string;
  target: LockPlace;
  /** User entity ref of the person who answers for it. */
  actor: string;
  /** Users and groups that own the component. */
  owners: string[];
  locks: Reading<BindingLock[]>;
  /** One per fact source that knows about the action. */
  facts: FindingsInput['facts'];
  /** What follows here from what checks found. */
  findings: FindingsInput['findings'];
  /** Whether the component is still in the catalog. */
  entityExists: Reading<boolean>;
  /** Absent where the permission framework was not asked: claim and effect have no token to ask with. */
  permission?: { allowed: boolean; why: string };
  /** Absent at request: then the person has just signed in. */
  standing?: ActorStanding;
  /** The same as the catalog has it at a preview, where it forbids nothing yet: what would park the run is said before it is asked for. */
  foreseen?: ActorStanding;
  /** What people have to agree to; absent where nobody can know yet. */
  approvals?: Reading<ApprovalsInput>;
  /**
   * The emergency pass that was valid when the locks were read, and the hash of the plan that would be carried out. It passes the locks that it
   * names, and what the config lets it lift; for any other plan it is worth nothing.
   */
  pass?: Pick<PassRecord, 'planHash' | 'lockIds' | 'lifts'> & { for: string };
  /** Absent when a card asks. */
  plan?: { problems: PlanProblem[]; warnings: Warning[]; changed?: boolean };
  /** Runs that stand in line for the same keys. */
  ahead?: Array<{
    id: string;
    number: number;
    title: string;
    entityRef: string;
  }>;
  /** Entities besides the target that whoever reads the verdict may see. Of others it tells that they stand in the way, and nothing more. */
  visible?: ReadonlySet<string>;
}

/**
 * May this happen now? Asked at request, at claim and right before each effect, and by the cards. It reads nothing itself; what could not be
 * read forbids.
 */
export function evaluate(input: InterlockInput): Verdict {
  const standing = [
    ...judgePermission(input),
    ...judgeEntity(input),
    ...judgeStandingLocks(input),
    ...judgeFacts(input),
    ...findingBlockers(input),
    ...judgeStanding(input),
    ...judgeAgreement(input),
    ...judgePlan(input),
  ];
  const blockers = standing.filter(blocker => !isLifted(blocker, input));
  const passed = [
    ...passLocks(input),
    ...standing.filter(blocker => isLifted(blocker, input)),
  ];
  return {
    allowed: blockers.length === 0,
    blockers,
    approvals:
      input.approvals?.state === 'read'
        ? input.approvals.value.states.map(
            ({ shortage: _shortage, ...state }) => state,
          )
        : [],
    warnings: warn(input),
    ...(passed.length > 0 && { passed }),
  };
}

/** The pass, where it is for what would be carried out. */
function passOf({ pass }: InterlockInput): InterlockInput['pass'] {
  return pass?.planHash === pass?.for ? pass : undefined;
}

/** Findings and approvals, where the pass lifts them. Locks are passed by their ids. */
function isLifted({ type }: Blocker, input: InterlockInput): boolean {
  const lift = liftOf(type);
  return lift !== undefined && passOf(input)?.lifts.includes(lift) === true;
}

function judgePermission({ permission, owners }: InterlockInput): Blocker[] {
  if (!permission || permission.allowed) return [];
  return [
    {
      type: 'permission',
      what: 'Not permitted',
      why: permission.why,
      ask: owners,
    },
  ];
}

function judgeEntity({ entityExists, target }: InterlockInput): Blocker[] {
  if (entityExists.state === 'not-readable')
    return [notReadable('Catalog', entityExists.why)];
  if (entityExists.value) return [];
  return [
    {
      type: 'plan-problem',
      what: 'Component is gone',
      why: `${target.entityRef} is no longer in the catalog.`,
      ref: target.entityRef,
    },
  ];
}

function judgeStandingLocks(input: InterlockInput): Blocker[] {
  const { locks } = input;
  if (locks.state === 'not-readable') return [notReadable('Locks', locks.why)];
  return judgeLocks(toLocksInput(input, locks.value));
}

function passLocks(input: InterlockInput): Blocker[] {
  const { locks } = input;
  return locks.state === 'read'
    ? passedLocks(toLocksInput(input, locks.value))
    : [];
}

function toLocksInput(input: InterlockInput, locks: BindingLock[]): LocksInput {
  const { actor, visible } = input;
  return {
    found: findLocks({ ...input, locks }),
    actor,
    visible,
    passed: new Set(passOf(input)?.lockIds),
  };
}

function judgeFacts({ facts, findings }: InterlockInput): Blocker[] {
  return facts.flatMap(({ sourceId, reading, onlyFindings }) => {
    if (reading.state === 'not-readable')
      return onlyFindings && !canBlock(findings)
        ? []
        : [notReadable(sourceId, reading.why)];
    return reading.facts.flatMap(fact => judgeFact(fact));
  });
}

function judgeFact(fact: Fact): Blocker[] {
  switch (fact.type) {
    case 'consent':
      if (fact.given) return [];
      return [
        {
          type: 'consent',
          what: 'Target does not agree',
          why: fact.why,
          ref: fact.ref,
        },
      ];
    case 'sync-window':
      if (fact.open) return [];
      return [
        {
          type: 'sync-window',
          what: 'Sync window closed',
          why: fact.why,
          since: fact.since,
          until: fact.until,
          ref: fact.ref,
        },
      ];
    case 'shared-target':
    case 'cluster':
      // Forbid nothing by themselves: see findLocks.
      return [];
    case 'finding':
      // What follows from it depends on the environment: see judgeFindings.ts.
      return [];
    default:
      // A module that is newer than this one: what is not understood must not be let through.
      return [
        notReadable(
          'Facts',
          `A fact of type '${
            (fact as { type: string }).type
          }' is not understood.`,
        ),
      ];
  }
}

function judgeStanding({
  standing,
  actor,
}: Pick<InterlockInput, 'standing' | 'actor'>): Blocker[] {
  if (!standing) return [];
  const { exists, lostGroups } = standing;
  if (!exists) {
    return [
      {
        type: 'requester',
        what: 'Requester is gone',
        why: `${shortName(actor)} is not in the catalog, or no longer.`,
        ref: actor,
      },
    ];
  }
  return lostGroups.map(group => ({
    type: 'requester',
    what: 'Requester has left a group',
    why: `${shortName(
      actor,
    )} is no longer in ${group}, from which the right to do this came.`,
    liftedBy: [group],
    ref: group,
  }));
}

/** People may be let in whom the catalog does not know, or in groups that it does not know them in. */
function warnOfStanding({ foreseen, actor }: InterlockInput): Warning[] {
  return judgeStanding({ standing: foreseen, actor }).map(({ why, ref }) => ({
    what: 'The run would wait',
    why: `${why} It would begin nothing until somebody else confirms it.`,
    ref,
  }));
}

function judgeAgreement({ approvals }: InterlockInput): Blocker[] {
  if (approvals?.state === 'not-readable')
    return [notReadable('Approvals', approvals.why)];
  return judgeApprovals(approvals?.value);
}

function judgePlan({ plan }: InterlockInput): Blocker[] {
  if (!plan) return [];
  const problems = plan.problems.map<Blocker>(problem => ({
    type: 'plan-problem',
    what: problem.what,
    why: problem.why,
    ref: problem.ref,
  }));
  if (!plan.changed) return problems;
  return [
    ...problems,
    {
      type: 'plan-changed',
      what: 'Plan has changed',
      why: 'It is no longer the plan that was shown. Look at it again.',
    },
  ];
}

function warn(input: InterlockInput): Warning[] {
  const { plan, locks } = input;
  return [
    ...(plan?.warnings ?? []),
    ...warnOfStanding(input),
    ...(locks.state === 'read'
      ? warnOfLocks(toLocksInput(input, locks.value))
      : []),
    ...findingWarnings(input),
    ...warnOfRunsAhead(input),
  ];
}

function warnOfRunsAhead({
  ahead = [],
  target,
  visible,
}: InterlockInput): Warning[] {
  const named = ahead.filter(
    run => run.entityRef === target.entityRef || visible?.has(run.entityRef),
  );
  const warnings: Warning[] = named.map(run => ({
    what: `Run #${run.number} is ahead`,
    why: `This would start after run #${run.number}, ${run.title}.`,
    ref: run.id,
  }));
  if (named.length < ahead.length)
    warnings.push({
      what: 'Another run is ahead',
      why: 'This would start after another run.',
    });
  return warnings;
}

function notReadable(what: string, why: string): Blocker {
  return { type: 'source-not-readable', what: `${what} cannot be read`, why };
}
