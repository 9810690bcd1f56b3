import { LoggerService } from '@backstage/backend-plugin-api';
import { Backoff, pause } from '../http/backoff';
import { ResourceName } from '../types';
import { KubernetesApiError } from './KubernetesApiError';
import { KubernetesClient } from './KubernetesClient';
import { discoveredKind, pathOfGroup, WatchedKind } from './kinds';
import { KubernetesTimings } from './timings';

/**
 * Finds out, now and then, which of the optional kinds a cluster serves: those of a definition that was installed later appear, those of
 * one that was removed go.
 *
 * @internal
 */
export class Discovery {
  readonly #client: KubernetesClient;
  readonly #timings: KubernetesTimings;
  readonly #logger: LoggerService;
  readonly #wanted: () => ResourceName[];
  readonly #onFound: (kinds: WatchedKind[]) => void;
  readonly #backoff: Backoff;
  #sleep = new AbortController();
  #isAskedAgain = false;

  constructor(options: {
    client: KubernetesClient;
    timings: KubernetesTimings;
    logger: LoggerService;
    /** Asked each time. */
    wanted: () => ResourceName[];
    /** All that are served, after each answer. */
    onFound: (kinds: WatchedKind[]) => void;
  }) {
    this.#client = options.client;
    this.#timings = options.timings;
    this.#logger = options.logger;
    this.#wanted = options.wanted;
    this.#onFound = options.onFound;
    this.#backoff = new Backoff({
      baseMs: options.timings.backoffBaseMs,
      maxMs: options.timings.backoffMaxMs,
    });
  }

  /** Asks now instead of when it would be time. */
  askAgain(): void {
    this.#isAskedAgain = true;
    this.#sleep.abort();
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#isAskedAgain = false;
      let waitMs = this.#timings.discoveryMs * (0.75 + Math.random() / 2);
      try {
        const kinds = await this.#find(signal);
        if (signal.aborted) return;
        this.#backoff.reset();
        this.#onFound(kinds);
      } catch (error) {
        if (signal.aborted) return;
        // What is watched stays. The watches say what is wrong with the cluster.
        this.#logger.debug('Could not learn which kinds a cluster serves', {
          error: String(error),
        });
        const { retryAfterMs = 0 } = error as Partial<KubernetesApiError>;
        waitMs = Math.max(this.#backoff.next(), retryAfterMs);
      }
      this.#sleep = new AbortController();
      if (this.#isAskedAgain) waitMs = this.#timings.backoffBaseMs;
      await pause(waitMs, AbortSignal.any([signal, this.#sleep.signal]));
    }
  }

  async #find(signal: AbortSignal): Promise<WatchedKind[]> {
    const byGroup = new Map<string, ResourceName[]>();
    for (const resource of this.#wanted()) {
      const path = pathOfGroup(resource);
      byGroup.set(path, [...(byGroup.get(path) ?? []), resource]);
    }
    const found: WatchedKind[] = [];
    for (const [path, resources] of byGroup) {
      const served = await this.#served(path, signal);
      for (const resource of resources) {
        const kind = served.get(resource.plural);
        if (kind) found.push(discoveredKind(resource, kind));
      }
    }
    return found;
  }

  /** Kind by plural, of those that can be watched. */
  async #served(
    path: string,
    signal: AbortSignal,
  ): Promise<Map<string, string>> {
    try {
      const answer = JSON.parse(await this.#client.getJson(path, { signal }));
      const served = new Map<string, string>();
      for (const { name, kind, verbs } of answer.resources ?? []) {
        if (verbs?.includes('list') && verbs.includes('watch')) {
          served.set(name, kind);
        }
      }
      return served;
    } catch (error) {
      // No such group; or the portal may not know of it, then it may not read it either.
      const isRefused =
        error instanceof KubernetesApiError &&
        (error.status === 404 || error.status === 403);
      if (!isRefused) throw error;
      return new Map();
    }
  }
}
