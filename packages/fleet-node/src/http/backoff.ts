import { setTimeout } from 'node:timers/promises';

/** @internal */
export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** Between 0 and 1; replaced by tests. */
  random?: () => number;
}

/**
 * Waiting times that double, each drawn from the upper half of its range, so that many watches that broke together do not come back
 * together, and none comes back at once.
 *
 * @internal
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempt = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  next(): number {
    const { baseMs, maxMs, random = Math.random } = this.#options;
    const range = Math.min(maxMs, baseMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    return Math.round(range / 2 + (random() * range) / 2);
  }

  reset(): void {
    this.#attempt = 0;
  }
}

/**
 * Resolves after the time or when the signal aborts, whichever is first; never rejects.
 *
 * @internal
 */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    // Unreferenced: waiting to try again is no reason to keep a process alive.
    await setTimeout(ms, undefined, { signal, ref: false });
  } catch {
    // Aborted.
  }
}
