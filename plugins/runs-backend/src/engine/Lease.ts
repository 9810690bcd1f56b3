import { setTimeout as sleep } from 'node:timers/promises';
import { LeaseLostError } from '../database/QueueStore';
import { Asked, Claim } from '../database/types';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 1_000;

/** The process is going down; another worker will go on. */
export class ShutdownError extends Error {
  override readonly name = 'ShutdownError';
}

/**
 * A worker's hold on a run. It ends when another worker has taken the run over, or when this one could not reach the database for as long as
 * the lease lasts; measured here by the monotonic clock from before the statement was sent, it ends here before it ends there.
 */
export class Lease {
  readonly claim: Claim;
  readonly #leaseMs: number;
  readonly #controller = new AbortController();
  readonly #cancelled = new AbortController();
  readonly #listeners = new Set<() => void>();
  #deadlineMs: number;
  #asked: Asked;

  constructor(options: {
    claim: Claim;
    leaseMs: number;
    sentAtMs: number;
    asked: Asked;
  }) {
    this.claim = options.claim;
    this.#leaseMs = options.leaseMs;
    this.#deadlineMs = options.sentAtMs + options.leaseMs;
    this.#asked = options.asked;
    this.#noteCancelled();
  }

  /** Aborted when the lease is lost or the process goes down. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborted when somebody wants the run cancelled. Nobody takes that back. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  get isLost(): boolean {
    return (
      this.signal.aborted &&
      (this.signal.reason as Error).name === 'LeaseLostError'
    );
  }

  /** What people want of the run, as far as it is known here. */
  get asked(): Readonly<Asked> {
    return this.#asked;
  }

  /** Calls back when somebody wants something else of the run. */
  onAsked(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Answers of the database may arrive in another order than they were given. */
  noteAsked(asked: Asked): void {
    const before = this.#asked;
    if (asked.revision < before.revision) return;
    this.#asked = asked;
    this.#noteCancelled();
    if (
      asked.cancelRequestedBy !== before.cancelRequestedBy ||
      asked.pauseRequestedBy !== before.pauseRequestedBy
    )
      for (const listener of this.#listeners) listener();
  }

  #noteCancelled(): void {
    if (this.#asked.cancelRequestedBy !== undefined) this.#cancelled.abort();
  }

  /** Notes that the database extended the lease in a statement sent at that time. */
  extend(sentAtMs: number): void {
    this.#deadlineMs = Math.max(this.#deadlineMs, sentAtMs + this.#leaseMs);
  }

  checkDeadline(nowMs: number): void {
    if (nowMs >= this.#deadlineMs)
      this.abort(
        new LeaseLostError(
          'The database could not be reached for as long as the lease lasts',
        ),
      );
  }

  abort(reason: LeaseLostError | ShutdownError): void {
    if (!this.signal.aborted) this.#controller.abort(reason);
  }

  /** Writes, again and again while the database is away, until it is written or the lease is gone. What is written must bear repetition. */
  async persist<T>(
    write: () => Promise<T>,
    report: (error: unknown) => void,
  ): Promise<T> {
    for (
      let delayMs = FIRST_RETRY_MS;
      ;
      delayMs = Math.min(delayMs * 2, LONGEST_RETRY_MS)
    ) {
      this.signal.throwIfAborted();
      const sentAtMs = performance.now();
      try {
        const result = await write();
        this.extend(sentAtMs);
        return result;
      } catch (error) {
        if ((error as Error).name === 'LeaseLostError') {
          this.abort(error as LeaseLostError);
          throw error;
        }
        report(error);
        await sleep(delayMs, undefined, { signal: this.signal }).catch(() => {
          throw this.signal.reason;
        });
      }
    }
  }
}
