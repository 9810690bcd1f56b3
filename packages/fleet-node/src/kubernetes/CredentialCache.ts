import { FleetCluster } from '../types';

/** @internal */
export type ClusterCredential = Awaited<ReturnType<FleetCluster['credential']>>;

/** A credential is renewed this long before it ends. */
const RENEW_BEFORE_END_MS = 60_000;

/**
 * The credential of one cluster, asked for once for all of its watches.
 *
 * @internal
 */
export class CredentialCache {
  readonly #ask: () => Promise<ClusterCredential>;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #current?: { credential: ClusterCredential; renewAt: number };
  #pending?: Promise<ClusterCredential>;

  constructor(options: {
    ask: () => Promise<ClusterCredential>;
    maxAgeMs: number;
    now?: () => number;
  }) {
    this.#ask = options.ask;
    this.#maxAgeMs = options.maxAgeMs;
    this.#now = options.now ?? Date.now;
  }

  async get(): Promise<ClusterCredential> {
    if (this.#current && this.#now() < this.#current.renewAt) {
      return this.#current.credential;
    }
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** The API server did not accept it: the next call asks for another, unless somebody has got one already. */
  reject(refused: ClusterCredential): void {
    if (this.#current?.credential === refused) this.#current = undefined;
  }

  async #renew(): Promise<ClusterCredential> {
    const credential = await this.#ask();
    const now = this.#now();
    const end = credential.expiresAt?.getTime();
    // A credential shorter than the margin would otherwise be asked for at every request.
    const renewAt =
      end === undefined
        ? now + this.#maxAgeMs
        : Math.max(end - RENEW_BEFORE_END_MS, now + (end - now) / 2);
    this.#current = { credential, renewAt };
    return credential;
  }
}
