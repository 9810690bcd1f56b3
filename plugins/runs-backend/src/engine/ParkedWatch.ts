import { findValidPass } from '../breakGlass/types';
import { RunStore } from '../database/RunStore';
import { LockStore } from '../database/LockStore';
import { FullRun } from '../database/types';
import { RunInterlock, toRunApproval } from '../interlock/RunInterlock';

/** More than that do not wait at the same time in any installation that is looked after. */
const MAX_PARKED = 200;

/**
 * Looks now and then whether the interlock would let parked runs go on, and notes it, so that screens hear of it. It lets none of them go on:
 * that takes a person.
 */
export class ParkedWatch {
  readonly #runs: RunStore;
  readonly #locks: LockStore;
  readonly #interlock: RunInterlock;

  constructor(options: {
    runs: RunStore;
    locks: LockStore;
    interlock: RunInterlock;
  }) {
    this.#runs = options.runs;
    this.#locks = options.locks;
    this.#interlock = options.interlock;
  }

  /** @throws when the database cannot be reached */
  async look(): Promise<void> {
    for (const run of await this.#runs.listParked(MAX_PARKED)) {
      const ready = await this.#isReady(run);
      if (ready !== run.parked?.ready) await this.#runs.setReady(run.id, ready);
    }
  }

  async #isReady(run: FullRun): Promise<boolean> {
    // Who confirms answers for the run then: whether its first requester still may is no question any more.
    const { lockKeys, judge } = await this.#interlock.readOnce({
      plan: run.plan,
      actor: run.actor,
      approval: toRunApproval(run),
    });
    return judge(
      { state: 'read', value: await this.#locks.list(lockKeys) },
      findValidPass(run.passes),
    ).allowed;
  }
}
