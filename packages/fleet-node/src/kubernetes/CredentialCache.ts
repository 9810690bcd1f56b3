import { Backoff } from '../http/backoff';
import { FleetCluster } from '../types';

/** @internal */
export type ClusterCredential = Awaited<ReturnType<FleetCluster['credential']>>;

/** A credential is renewed this long before it ends. */
const RENEW_BEFORE_END_MS = 60_000;

interface Held {
  credential: ClusterCredential;
  renewAt: number;
  /** It may be used until then, while another is being asked for. */
  endsAt: number;
  /** What the API server said of it first: one that it took and refuses later has ended. */
  verdict?: 'accepted' | 'refused';
}

/**
 * The credential of one cluster, asked for once for all of its watches, and renewed in time. One that cannot be had, or is refused from
 * the start, is asked for again after a while that grows: each watch asking by itself would be a storm.
 *
 * @internal
 */
export class CredentialCache {
  readonly #ask: () => Promise<ClusterCredential>;
  readonly #maxAgeMs: number;
  readonly #backoff: Backoff;
  readonly #now: () => number;
  #held?: Held;
  #failure?: { error: unknown; until: number };
  #pending?: Promise<Held>;

  constructor(options: {
    ask: () => Promise<ClusterCredential>;
    maxAgeMs: number;
    backoff: Backoff;
    now?: () => number;
  }) {
    this.#ask = options.ask;
    this.#maxAgeMs = options.maxAgeMs;
    this.#backoff = options.backoff;
    this.#now = options.now ?? Date.now;
  }

  /** What went wrong when it was asked for last. */
  get failure(): unknown {
    return this.#failure?.error;
  }

  async get(): Promise<ClusterCredential> {
    const now = this.#now();
    const held = this.#held;
    const isFailing = this.#failure !== undefined && now < this.#failure.until;
    if (held && (now < held.renewAt || (isFailing && now < held.endsAt))) {
      return held.credential;
    }
    if (isFailing) throw this.#failure!.error;
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    if (held && now < held.endsAt) {
      // Nobody waits for the next one while this one is good.
      this.#pending.catch(() => {});
      return held.credential;
    }
    return (await this.#pending).credential;
  }

  /** The API server took it. */
  accept(taken: ClusterCredential): void {
    const held = this.#held;
    if (held?.credential !== taken || held.verdict === 'accepted') return;
    held.verdict = 'accepted';
    this.#backoff.reset();
  }

  /** The API server did not take it: the next call asks for another, unless somebody has got one already or it is too early. */
  reject(refused: ClusterCredential): void {
    const held = this.#held;
    if (held?.credential !== refused) return;
    if (held.verdict === 'accepted') {
      this.#held = undefined;
    } else if (held.verdict === undefined) {
      // A new one was refused as well: the next will hardly be better.
      held.verdict = 'refused';
      held.renewAt = this.#now() + this.#backoff.next();
      held.endsAt = Math.min(held.endsAt, held.renewAt);
    }
  }

  async #renew(): Promise<Held> {
    try {
      const credential = await this.#ask();
      this.#failure = undefined;
      this.#held = this.#hold(credential);
      return this.#held;
    } catch (error) {
      this.#failure = { error, until: this.#now() + this.#backoff.next() };
      throw error;
    }
  }

  #hold(credential: ClusterCredential): Held {
    const now = this.#now();
    const end = credential.expiresAt?.getTime();
    // One that has ended when it comes tells of a clock that is wrong, here or there: the API server knows.
    if (end === undefined || end <= now) {
      const renewAt = now + this.#maxAgeMs;
      return { credential, renewAt, endsAt: Infinity };
    }
    return {
      credential,
      // One shorter than the margin would otherwise be asked for at every request.
      renewAt: Math.max(end - RENEW_BEFORE_END_MS, now + (end - now) / 2),
      endsAt: end,
    };
  }
}
