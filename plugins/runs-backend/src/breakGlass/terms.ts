import {
  Blocker,
  BlockerType,
  PassLift,
  PassOffer,
  PassWish,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import { LockRecord } from '../database/types';
import { BreakGlassConfig } from './readBreakGlass';
import { NewPass, PassedLock } from './types';

/** What a pass has to lift for something that stands in the way; undefined for locks, which it names, and for what nothing lifts. */
export function liftOf(type: BlockerType): PassLift | undefined {
  if (type === 'approval') return 'approvals';
  return type === 'finding' ? 'findings' : undefined;
}

/** Whether a pass that lifts this could let something through that stands in the way. A lock that the person may not see cannot be named. */
export function canPass(blocker: Blocker, lifts: readonly PassLift[]): boolean {
  if (isLock(blocker)) return blocker.ref !== undefined;
  const lift = liftOf(blocker.type);
  return lift !== undefined && lifts.includes(lift);
}

/** On which terms passes are given. */
export class PassTerms {
  readonly #config: BreakGlassConfig;

  constructor(config: BreakGlassConfig) {
    this.#config = config;
  }

  /** What a pass would lift of what stands in the way; undefined when there is nothing, or when something else would be left. */
  find(
    verdict: Pick<Verdict, 'blockers' | 'approvals'>,
  ): Blocker[] | undefined {
    const { lifts } = this.#config;
    const { blockers, approvals } = verdict;
    if (!blockers.every(each => canPass(each, lifts))) return undefined;
    const waited = lifts.includes('approvals')
      ? approvals
          .filter(({ missing }) => missing > 0)
          .map(
            ({ title, name, from }): Blocker => ({
              type: 'approval',
              what: 'Approval is missing',
              why: `${title}.`,
              liftedBy: from,
              ref: name,
            }),
          )
      : [];
    const passed = [
      ...blockers,
      ...waited.filter(({ ref }) => !blockers.some(each => each.ref === ref)),
    ];
    return passed.length > 0 ? passed : undefined;
  }

  /** As for somebody who may. */
  offer(
    verdict: Pick<Verdict, 'blockers' | 'approvals'>,
    environment: string,
  ): PassOffer | undefined {
    const passes = this.find(verdict);
    if (!passes) return undefined;
    const { lifts, confirmers, validForMs } = this.#config;
    return {
      allowed: true,
      passes,
      lifts,
      needsSecond: this.#needsSecond(environment),
      confirmers,
      validForMs,
    };
  }

  /** A pass that lifts what stands in the way now. */
  toPass(
    passed: Blocker[],
    about: {
      environment: string;
      wish: PassWish;
      askedBy: string;
      askedGroups: string[];
      /** Those that stand in the way among them. */
      locks: ReadonlyArray<Pick<LockRecord, 'id' | 'entityRef'>>;
    },
  ): NewPass {
    const { wish, environment, askedBy, askedGroups, locks } = about;
    const { validForMs, confirmWithinMs, lifts } = this.#config;
    return {
      askedBy,
      askedGroups,
      reason: wish.reason,
      incident: wish.incident,
      passes: passed.map(
        (blocker): PassedLock =>
          isLock(blocker)
            ? {
                lock: blocker.ref!,
                entityRef: locks.find(({ id }) => id === blocker.ref)
                  ?.entityRef,
                blocker,
              }
            : { blocker },
      ),
      lifts: lifts.filter(lift =>
        passed.some(({ type }) => liftOf(type) === lift),
      ),
      needsSecond: this.#needsSecond(environment),
      validForMs,
      confirmWithinMs,
    };
  }

  #needsSecond(environment: string): boolean {
    return this.#config.secondPerson.includes(environment);
  }
}

function isLock({ type }: Blocker): boolean {
  return type === 'lock' || type === 'freeze';
}
