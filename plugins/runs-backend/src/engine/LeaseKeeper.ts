import { LoggerService } from '@backstage/backend-plugin-api';
import { describeDatabaseError } from '../database/connection';
import { LeaseLostError, QueueStore } from '../database/QueueStore';
import { Lease } from './Lease';

/** After a failed renewal the next comes sooner: a lease is long, but not long enough to wait for the regular time. */
const RETRY_MS = 500;
const DEADLINE_CHECK_MS = 250;

/** Renews the leases of all runs of this replica, with one statement at a time for all of them. */
export class LeaseKeeper {
  static create(options: {
    store: QueueStore;
    leaseMs: number;
    logger: LoggerService;
  }): LeaseKeeper {
    return new LeaseKeeper(options);
  }

  readonly #store: QueueStore;
  readonly #leaseMs: number;
  readonly #logger: LoggerService;
  readonly #leases = new Map<string, Lease>();
  #timer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #renewal: Promise<void> | undefined;
  #stopped = false;

  private constructor(options: {
    store: QueueStore;
    leaseMs: number;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#leaseMs = options.leaseMs;
    this.#logger = options.logger;
  }

  get leases(): Lease[] {
    return [...this.#leases.values()];
  }

  add(lease: Lease): void {
    this.#leases.set(lease.claim.runId, lease);
    this.#deadlineTimer ??= setInterval(
      () => this.#checkDeadlines(),
      DEADLINE_CHECK_MS,
    );
    if (!this.#timer) this.#schedule(this.#leaseMs / 3);
  }

  remove(lease: Lease): void {
    if (this.#leases.get(lease.claim.runId) === lease)
      this.#leases.delete(lease.claim.runId);
    if (this.#leases.size === 0) this.#stopTimers();
  }

  /** Renews now: the answer also tells who wants which run cancelled or held. */
  async renew(): Promise<void> {
    this.#renewal ??= this.#renewAll().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimers();
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#deadlineTimer);
    this.#timer = undefined;
    this.#deadlineTimer = undefined;
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#leases.size === 0) {
      this.#timer = undefined;
      return;
    }
    this.#timer = setTimeout(() => this.renew(), delayMs);
  }

  async #renewAll(): Promise<void> {
    const leases = this.leases.filter(lease => !lease.signal.aborted);
    if (leases.length === 0) {
      this.#schedule(this.#leaseMs / 3);
      return;
    }
    const sentAtMs = performance.now();
    try {
      const held = await this.#store.renew(
        leases.map(lease => lease.claim),
        { leaseMs: this.#leaseMs },
      );
      for (const lease of leases) {
        const answer = held.get(lease.claim.runId);
        if (answer) {
          lease.extend(sentAtMs);
          lease.noteAsked(answer);
        } else if (this.#leases.get(lease.claim.runId) === lease) {
          // Unless it has just ended by itself, somebody else has it.
          lease.abort(
            new LeaseLostError('Another worker has taken the run over'),
          );
        }
      }
      this.#schedule(this.#leaseMs / 3);
    } catch (error) {
      this.#logger.warn('Leases could not be renewed', {
        reason: describeDatabaseError(error),
      });
      this.#schedule(Math.min(RETRY_MS, this.#leaseMs / 3));
    }
  }

  #checkDeadlines(): void {
    const nowMs = performance.now();
    for (const lease of this.leases) lease.checkDeadline(nowMs);
  }
}
