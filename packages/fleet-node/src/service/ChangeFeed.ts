import { LoggerService } from '@backstage/backend-plugin-api';
import { FleetChange } from '../types';

/**
 * Tells listeners what changed.
 *
 * @internal
 */
export class ChangeFeed {
  readonly #listeners = new Set<(change: FleetChange) => void>();
  readonly #logger: LoggerService;

  constructor(options: { logger: LoggerService }) {
    this.#logger = options.logger;
  }

  readonly emit = (change: FleetChange): void => {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        // One plugin's fault must not stop what the others are told, or the watch that tells it.
        this.#logger.error('A listener of the fleet failed', {
          error: String(error),
        });
      }
    }
  };

  subscribe(listener: (change: FleetChange) => void): () => void {
    // Wrapped, so that the same function subscribed twice is told twice, and each is stopped by itself.
    const own = (change: FleetChange) => listener(change);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }
}
