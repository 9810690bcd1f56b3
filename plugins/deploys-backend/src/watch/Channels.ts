import { createHmac } from 'node:crypto';

const LENGTH = 22;

/**
 * Names of signal channels. Whoever may not see an entity cannot find out its channel, so a channel tells nobody that there is one.
 */
export class Channels {
  readonly #secret: string;

  /** @param options.secret - the same in all replicas, for each of them publishes what it sees */
  constructor(options: { secret: string }) {
    this.#secret = options.secret;
  }

  of(entityRef: string): string {
    const code = createHmac('sha256', this.#secret)
      .update(entityRef)
      .digest('base64url')
      .slice(0, LENGTH);
    return `deploys:${code}`;
  }
}
