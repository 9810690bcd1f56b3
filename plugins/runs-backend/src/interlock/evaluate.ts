import {
  Blocker,
  PlanProblem,
  Verdict,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { Fact } from '@switchyard/backstage-plugin-runs-node';
import { shortName } from '../approvals/shortName';
import { ApprovalsInput, judgeApprovals } from './judgeApprovals';
import {
  canBlock,
  findingBlockers,
  FindingsInput,
  findingWarnings,
} from './judgeFindings';

/** Something that had to be read from elsewhere: what was found, or why nothing was. */
export type Reading<T> =
  | { state: 'read'; value: T }
  | { state: 'not-readable'; why: string };

/** A lock as the interlock needs it. Only locks that have neither been released nor expired are handed in. */
export interface BindingLock {
  id: string;
  entityRef: string;
  environment?: string;
  reason: string;
  createdBy: string;
  createdAt: Date;
  expiresAt?: Date;
}

/** What has become of the person who answers for the run. */
export interface ActorStanding {
  exists: boolean;
  /** Groups that the person was in when asking, that mattered, and that the person has left since. */
  lostGroups: string[];
}

/** Everything that bears on whether an action may happen now. */
export interface InterlockInput {
  action: string;
  target: { entityRef: string; environment: string };
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
  /** What people have to agree to; absent where nobody can know yet. */
  approvals?: Reading<ApprovalsInput>;
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

/** A lock that binds, and what its entity shares with the target when it lies on another one. */
export interface FoundLock {
  lock: BindingLock;
  /** Refs of what both deploy; empty for a lock on the target itself. */
  shared: string[];
}

/**
 * May this happen now? Asked at request, at claim and right before each effect, and by the cards. It reads nothing itself; what could not be
 * read forbids.
 */
export function evaluate(input: InterlockInput): Verdict {
  const blockers = [
    ...judgePermission(input),
    ...judgeEntity(input),
    ...judgeLocks(input),
    ...judgeFacts(input),
    ...findingBlockers(input),
    ...judgeStanding(input),
    ...judgeAgreement(input),
    ...judgePlan(input),
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
  };
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

/** Entities that deploy something that an action on this one would touch, each with what it is: their locks bind as well. */
export function findSharers(
  entityRef: string,
  facts: InterlockInput['facts'],
): Map<string, string[]> {
  const sharers = new Map<string, string[]>();
  for (const { reading } of facts) {
    if (reading.state === 'not-readable') continue;
    for (const fact of reading.facts) {
      if (fact.type !== 'shared-target' || fact.entityRef === entityRef)
        continue;
      const refs = sharers.get(fact.entityRef) ?? [];
      if (!refs.includes(fact.ref))
        sharers.set(fact.entityRef, [...refs, fact.ref]);
    }
  }
  return sharers;
}

/** Those of the locks that bind an action on the target, whoever asks. */
export function findLocks(options: {
  target: InterlockInput['target'];
  locks: BindingLock[];
  facts: InterlockInput['facts'];
}): FoundLock[] {
  const { target, locks, facts } = options;
  const sharers = findSharers(target.entityRef, facts);
  return locks
    .filter(
      lock =>
        lock.environment === undefined ||
        lock.environment === target.environment,
    )
    .flatMap(lock => {
      if (lock.entityRef === target.entityRef) return [{ lock, shared: [] }];
      const shared = sharers.get(lock.entityRef);
      return shared ? [{ lock, shared }] : [];
    });
}

/** Who holds a lock may go on: it was set so that this person can work undisturbed. */
function judgeLocks(input: InterlockInput): Blocker[] {
  const { locks, actor } = input;
  if (locks.state === 'not-readable') return [notReadable('Locks', locks.why)];
  const blockers = findLocks({ ...input, locks: locks.value })
    .filter(({ lock }) => lock.createdBy !== actor)
    .map(
      ({ lock, shared }): Blocker => ({
        type: 'lock',
        what: 'Locked',
        ...describeLock(lock, shared, input),
      }),
    );
  // Of those that may not be seen not even the number is told.
  return [
    ...new Map(blockers.map(each => [each.ref ?? each.why, each])).values(),
  ];
}

function describeLock(
  lock: BindingLock,
  shared: string[],
  { visible }: InterlockInput,
): Omit<Blocker, 'type' | 'what'> {
  const why = `Locked by ${shortName(lock.createdBy)}: ${lock.reason}`;
  const facts = {
    since: lock.createdAt.toISOString(),
    until: lock.expiresAt?.toISOString(),
    liftedBy: [lock.createdBy],
    ref: lock.id,
  };
  if (shared.length === 0) return { why, ...facts };
  const deploys = `also deploys ${shared[0]}${
    shared.length > 1 ? ` and ${shared.length - 1} more` : ''
  }`;
  return visible?.has(lock.entityRef)
    ? { why: `${why} (on ${lock.entityRef}, which ${deploys})`, ...facts }
    : { why: `Locked on another component, which ${deploys}.` };
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
      // Forbids nothing by itself: see findLocks.
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

function judgeStanding({ standing, actor }: InterlockInput): Blocker[] {
  if (!standing) return [];
  const { exists, lostGroups } = standing;
  if (!exists) {
    return [
      {
        type: 'requester',
        what: 'Requester is gone',
        why: `${shortName(actor)} is no longer in the catalog.`,
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
  const { plan, locks, actor } = input;
  const own =
    locks.state === 'read'
      ? findLocks({ ...input, locks: locks.value }).filter(
          ({ lock }) => lock.createdBy === actor,
        )
      : [];
  return [
    ...(plan?.warnings ?? []),
    ...own.map(({ lock }) => ({
      what: 'Locked by you',
      why: `Your lock lets you go on: ${lock.reason}`,
      ref: lock.id,
    })),
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
