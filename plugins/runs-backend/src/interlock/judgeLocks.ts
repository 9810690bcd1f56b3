import {
  Blocker,
  FreezeStatus,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { shortName } from '../approvals/shortName';
import { closedNow, statusOf } from '../locks/freezeStatus';
import { BindingLock, FoundLock } from '../locks/matchLocks';

/** Locks that bind, and for whom they are judged. */
export interface LocksInput {
  found: FoundLock[];
  /** User entity ref of the person who answers for the action. */
  actor: string;
  /** Entities besides the target that whoever reads the answer may see. */
  visible?: ReadonlySet<string>;
  /** Ids of locks that are passed in an emergency. */
  passed?: ReadonlySet<string>;
}

/** What locks and freezes forbid, but for those that are passed. Who holds one that lets its holder deploy may go on: it was set so that this person can work undisturbed. */
export function judgeLocks(input: LocksInput): Blocker[] {
  return toBlockers(input, ({ id }) => !input.passed?.has(id));
}

/** What locks and freezes would forbid, were they not passed. */
export function passedLocks(input: LocksInput): Blocker[] {
  return toBlockers(input, ({ id }) => input.passed?.has(id) === true);
}

/** All that are closed now, whatever is passed: which schedules open and close is not changed by a pass. */
function toBlockers(
  input: LocksInput,
  isWanted: (lock: BindingLock) => boolean,
): Blocker[] {
  const blockers = closedNow(...standing(input))
    .filter(({ lock }) => !isPassable(lock, input) && isWanted(lock))
    .map(({ lock, until }): Blocker => {
      const [type, what] =
        lock.kind === 'freeze'
          ? (['freeze', 'Frozen'] as const)
          : (['lock', 'Locked'] as const);
      const words = describe(lock, what, input);
      return {
        type,
        what,
        ...words,
        ...(words.ref && { until: until?.toISOString() }),
      };
    });
  return withoutRepeats(blockers, ({ ref, why }) => ref ?? why);
}

/** What locks have to say without forbidding anything. */
export function warnOfLocks(input: LocksInput): Warning[] {
  const said = input.found
    .filter(({ lock }) => lock.kind === 'warning' && hasBegun(lock))
    .map(({ lock }): Warning => {
      const { why, ref } = describe(lock, 'Warning', input);
      return { what: 'Warning', why, ref };
    });
  const own = closedNow(...standing(input))
    .filter(({ lock }) => isPassable(lock, input))
    .map(
      ({ lock }): Warning => ({
        what: lock.kind === 'freeze' ? 'Frozen by you' : 'Locked by you',
        why: `Your ${lock.kind} lets you go on: ${lock.reason}`,
        ref: lock.id,
      }),
    );
  return withoutRepeats([...said, ...own], ({ ref, why }) => ref ?? why);
}

/** Whether locks and freezes close it for this person, and when that changes. Of what may not be seen it says no more than that. */
export function judgeWindow(input: LocksInput): FreezeStatus {
  const [locks, at] = standing(input);
  return statusOf(
    locks
      .filter(lock => !isPassable(lock, input))
      .map(lock =>
        isHidden(lock, input)
          ? { ...lock, reason: 'Locked on another component' }
          : lock,
      ),
    at,
  );
}

function isHidden(lock: BindingLock, { found, visible }: LocksInput): boolean {
  return (
    found.find(each => each.lock === lock)!.shared.length > 0 &&
    !visible?.has(lock.entityRef!)
  );
}

/** The locks, and the time of the database at which they were read. */
function standing({ found }: LocksInput): [BindingLock[], Date] {
  const readAt = Math.max(0, ...found.map(({ lock }) => +lock.readAt));
  return [found.map(({ lock }) => lock), new Date(readAt)];
}

function hasBegun({ startsAt, readAt }: BindingLock): boolean {
  return startsAt === undefined || startsAt.getTime() <= readAt.getTime();
}

function isPassable(lock: BindingLock, { actor }: LocksInput): boolean {
  return lock.holderMayDeploy && lock.holder === actor;
}

/** Of those that may not be seen not even the number is told. */
function withoutRepeats<T>(items: T[], key: (item: T) => string): T[] {
  return [...new Map(items.map(item => [key(item), item])).values()];
}

type Said = 'Locked' | 'Frozen' | 'Warning';

function describe(
  lock: BindingLock,
  said: Said,
  input: LocksInput,
): Omit<Blocker, 'type' | 'what'> {
  const { shared } = input.found.find(each => each.lock === lock)!;
  const place = describePlace(lock);
  const why = `${said} by ${shortName(lock.holder)}: ${lock.reason}`;
  const facts = {
    // Since when a window is open, of the many that repeat, is of no use.
    since: lock.schedule
      ? undefined
      : (lock.startsAt ?? lock.createdAt).toISOString(),
    liftedBy: [lock.holder],
    ref: lock.id,
  };
  if (shared.length === 0)
    return { why: place ? `${why} (${place})` : why, ...facts };
  const deploys = `also deploys ${shared[0]}${
    shared.length > 1 ? ` and ${shared.length - 1} more` : ''
  }`;
  return isHidden(lock, input)
    ? { why: `${said} on another component, which ${deploys}.` }
    : { why: `${why} (on ${lock.entityRef}, which ${deploys})`, ...facts };
}

/** What a lock binds that is larger than the component; nothing for one on a component. */
function describePlace(lock: BindingLock): string | undefined {
  const { scope, environment } = lock;
  const within = environment === undefined ? '' : ` in ${environment}`;
  switch (scope) {
    case 'platform':
      return `everything${within}`;
    case 'environment':
      return `all of ${environment}`;
    case 'cluster':
      return `all on cluster ${lock.cluster}${within}`;
    case 'system':
      return `all of ${lock.entityRef}${within}`;
    default:
      return undefined;
  }
}
