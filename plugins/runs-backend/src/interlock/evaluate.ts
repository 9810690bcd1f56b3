import {
  Blocker,
  PlanProblem,
  Verdict,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { Fact, FactReading } from '@switchyard/backstage-plugin-runs-node';

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
  facts: Array<{ sourceId: string; reading: FactReading }>;
  /** Whether the component is still in the catalog. */
  entityExists: Reading<boolean>;
  /** Absent where the permission framework was not asked: claim and effect have no token to ask with. */
  permission?: { allowed: boolean; why: string };
  /** Absent at request: then the person has just signed in. */
  standing?: ActorStanding;
  /** Absent when a card asks. */
  plan?: { problems: PlanProblem[]; warnings: Warning[]; changed?: boolean };
  /** Runs that stand in line for the same keys. */
  ahead?: Array<{ id: string; number: number; title: string }>;
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
    ...judgeStanding(input),
    ...judgePlan(input),
  ];
  return { allowed: blockers.length === 0, blockers, warnings: warn(input) };
}

function judgePermission({ permission, owners }: InterlockInput): Blocker[] {
  if (!permission || permission.allowed) return [];
  return [
    {
      type: 'permission',
      what: 'Not permitted',
      why: permission.why,
      liftedBy: owners,
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

/** Who holds a lock may go on: it was set so that this person can work undisturbed. */
function judgeLocks({ locks, actor, target }: InterlockInput): Blocker[] {
  if (locks.state === 'not-readable') return [notReadable('Locks', locks.why)];
  return locks.value
    .filter(lock => lock.entityRef === target.entityRef)
    .filter(
      lock =>
        lock.environment === undefined ||
        lock.environment === target.environment,
    )
    .filter(lock => lock.createdBy !== actor)
    .map(lock => ({
      type: 'lock',
      what: 'Locked',
      why: `Locked by ${lock.createdBy}: ${lock.reason}`,
      since: lock.createdAt.toISOString(),
      until: lock.expiresAt?.toISOString(),
      liftedBy: [lock.createdBy],
      ref: lock.id,
    }));
}

function judgeFacts({ facts }: InterlockInput): Blocker[] {
  return facts.flatMap(({ sourceId, reading }) => {
    if (reading.state === 'not-readable')
      return [notReadable(sourceId, reading.why)];
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
        why: `${actor} is no longer in the catalog.`,
        ref: actor,
      },
    ];
  }
  return lostGroups.map(group => ({
    type: 'requester',
    what: 'Requester has left a group',
    why: `${actor} is no longer in ${group}, from which the right to do this came.`,
    liftedBy: [group],
    ref: group,
  }));
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

function warn({ plan, ahead = [], locks, actor }: InterlockInput): Warning[] {
  const own =
    locks.state === 'read'
      ? locks.value.filter(lock => lock.createdBy === actor)
      : [];
  return [
    ...(plan?.warnings ?? []),
    ...own.map(lock => ({
      what: 'Locked by you',
      why: `Your lock lets you go on: ${lock.reason}`,
      ref: lock.id,
    })),
    ...ahead.map(run => ({
      what: `Run #${run.number} is ahead`,
      why: `This would start after run #${run.number}, ${run.title}.`,
      ref: run.id,
    })),
  ];
}

function notReadable(what: string, why: string): Blocker {
  return { type: 'source-not-readable', what: `${what} cannot be read`, why };
}
