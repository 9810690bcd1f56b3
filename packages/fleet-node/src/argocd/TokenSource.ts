import { ArgoCdInstanceConfig } from './config';

/** A session is renewed when this part of its life, at most five minutes, is left. */
const RENEW_BEFORE_END_PART = 0.2;
const RENEW_BEFORE_END_MAX_MS = 5 * 60_000;

/** After a renewal that failed, for as long as the session that is there still holds. */
const RENEW_AGAIN_MS = 10_000;

interface Session {
  token: string;
  renewAt: number;
  endsAt: number;
}

/**
 * The token of one instance: the configured one, or a session that is shared by however many ask, and renewed before it ends.
 *
 * @internal
 */
export class TokenSource {
  readonly #account: ArgoCdInstanceConfig['account'];
  readonly #logIn: (account: {
    username: string;
    password: string;
  }) => Promise<string>;
  readonly #isRefusal: (error: unknown) => boolean;
  readonly #refusedLoginMs: number;
  readonly #now: () => number;
  readonly #onRenewed = new Set<() => void>();
  #session?: Session;
  #hadSession = false;
  #pending?: Promise<string>;
  #refused?: { error: unknown; until: number };

  constructor(options: {
    account: ArgoCdInstanceConfig['account'];
    logIn: (account: { username: string; password: string }) => Promise<string>;
    /** Whether a failed log-in would fail again. */
    isRefusal: (error: unknown) => boolean;
    refusedLoginMs: number;
    now?: () => number;
  }) {
    this.#account = options.account;
    this.#logIn = options.logIn;
    this.#isRefusal = options.isRefusal;
    this.#refusedLoginMs = options.refusedLoginMs;
    this.#now = options.now ?? Date.now;
  }

  async get(): Promise<string> {
    if ('token' in this.#account) return this.#account.token;
    const held = this.#session;
    if (held && this.#now() < held.renewAt) return held.token;
    // One log-in for all callers: Argo CD locks an account after a few failures, and takes only some at a time.
    this.#pending ??= this.#renew(this.#account).finally(() => {
      this.#pending = undefined;
    });
    if (held && this.#now() < held.endsAt) {
      // Nobody waits for the next one while this one is good.
      this.#pending.catch(() => {});
      return held.token;
    }
    return this.#pending;
  }

  /** The token was answered with 401. False when there is no other to be had. */
  reject(token: string): boolean {
    if ('token' in this.#account) return false;
    if (this.#session?.token === token) this.#session = undefined;
    return true;
  }

  /** Rings when a session replaced an earlier one: streams live on the old one's rights for ever. Returns the way to stop. */
  subscribe(listener: () => void): () => void {
    this.#onRenewed.add(listener);
    return () => this.#onRenewed.delete(listener);
  }

  async #renew(account: {
    username: string;
    password: string;
  }): Promise<string> {
    try {
      if (this.#refused && this.#now() < this.#refused.until) {
        throw this.#refused.error;
      }
      const token = await this.#logIn(account);
      const endsAt = endOfJwt(token) ?? Infinity;
      const renewAt = renewalTime(endsAt, this.#now());
      this.#session = { token, renewAt, endsAt };
      this.#refused = undefined;
      if (this.#hadSession) this.#onRenewed.forEach(listener => listener());
      this.#hadSession = true;
      return token;
    } catch (error) {
      if (this.#isRefusal(error) && error !== this.#refused?.error) {
        const until = this.#now() + this.#refusedLoginMs;
        this.#refused = { error, until };
      }
      const held = this.#session;
      if (!held || this.#now() >= held.endsAt) throw error;
      // It was to be renewed early: what is there is good for a while, and a log-in that fails now may succeed then.
      held.renewAt = this.#now() + RENEW_AGAIN_MS;
      return held.token;
    }
  }
}

function renewalTime(end: number, now: number): number {
  // A token that does not say when it ends is used until it is refused.
  if (end === Infinity) return Infinity;
  const margin = Math.min(
    RENEW_BEFORE_END_MAX_MS,
    (end - now) * RENEW_BEFORE_END_PART,
  );
  // Clocks that differ must not make us log in at each request.
  return Math.max(end - margin, now + 10_000);
}

function endOfJwt(token: string): number | undefined {
  try {
    const payload = Buffer.from(token.split('.')[1], 'base64url');
    const { exp } = JSON.parse(payload.toString('utf8'));
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
