import { createHmac, timingSafeEqual } from 'node:crypto';
import { globMatches } from '../syncWindows';
import { ApiError } from './ApiError';

/** A local account of Argo CD. */
export interface Account {
  name: string;
  password?: string;
  /** Ids of API tokens that are valid. */
  tokenIds: string[];
  /** `resource, action, object` that the account may; `*` stands for anything. */
  allowed: ReadonlyArray<
    readonly [resource: string, action: string, object: string]
  >;
}

/** Who asks. */
export interface Caller {
  account: Account;
  issuedAt: Date;
}

interface Claims {
  iss: 'argocd';
  sub: string;
  iat: number;
  nbf: number;
  jti: string;
  exp?: number;
}

const SESSION_LIFE_S = 24 * 3600;
const MAX_FAILURES = 5;
const FAILURE_WINDOW_MS = 300_000;

/** Accounts, tokens and rights of the Argo CD instance. */
export class AccessControl {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #secret: string;
  readonly #now: () => Date;
  readonly #isForbidden: (application: string, project: string) => boolean;
  readonly #isExpired: () => boolean;
  readonly #sessionSeconds: number;
  readonly #failures = new Map<string, number[]>();
  #sessions = 0;

  static create(options: {
    accounts: readonly Account[];
    secret: string;
    now(): Date;
    /** Fault: rights on an Application are withdrawn from everybody but admin. */
    isForbidden(application: string, project: string): boolean;
    /** Fault: tokens are past their end. */
    isExpired(): boolean;
    /** How long a log-in lasts; a day when absent. */
    sessionSeconds?: number;
  }): AccessControl {
    return new AccessControl(options);
  }

  private constructor(options: {
    accounts: readonly Account[];
    secret: string;
    now(): Date;
    isForbidden(application: string, project: string): boolean;
    isExpired(): boolean;
    sessionSeconds?: number;
  }) {
    this.#accounts = new Map(
      options.accounts.map(account => [account.name, account]),
    );
    this.#secret = options.secret;
    this.#now = options.now;
    this.#isForbidden = options.isForbidden;
    this.#isExpired = options.isExpired;
    this.#sessionSeconds = options.sessionSeconds ?? SESSION_LIFE_S;
  }

  /** A token of an account's API key. The same every time: it was issued when the world began. */
  apiToken(account: string, tokenId: string, issuedAt: Date): string {
    const iat = Math.floor(issuedAt.getTime() / 1000);
    return this.#sign({
      iss: 'argocd',
      sub: `${account}:apiKey`,
      iat,
      nbf: iat,
      jti: tokenId,
    });
  }

  /** Logs in with a password. After five failures in five minutes even the right one fails, in the same words. */
  logIn(username: unknown, password: unknown): string {
    const name = typeof username === 'string' ? username : '';
    const now = this.#now().getTime();
    const failures = (this.#failures.get(name) ?? []).filter(
      at => now - at < FAILURE_WINDOW_MS,
    );
    const account = this.#accounts.get(name);
    if (
      failures.length >= MAX_FAILURES ||
      !account?.password ||
      account.password !== password
    ) {
      this.#failures.set(name, [...failures, now]);
      throw new ApiError('unauthenticated', 'Invalid username or password');
    }
    this.#failures.delete(name);
    const iat = Math.floor(now / 1000);
    this.#sessions += 1;
    return this.#sign({
      iss: 'argocd',
      sub: name,
      iat,
      nbf: iat,
      exp: iat + this.#sessionSeconds,
      jti: `session-${now}-${this.#sessions}`,
    });
  }

  /** Who the token belongs to. Throws 401 in Argo CD's words. */
  callerOf(token: string | undefined): Caller {
    const claims = this.#claimsOf(token ?? '');
    const now = this.#now().getTime() / 1000;
    if (this.#isExpired() || (claims.exp !== undefined && claims.exp < now)) {
      throw new ApiError(
        'unauthenticated',
        'invalid session: token has invalid claims: token is expired',
      );
    }
    const [name, capability] = claims.sub.split(':');
    const account = this.#accounts.get(name);
    if (!account) {
      throw new ApiError(
        'unauthenticated',
        `invalid session: account ${name} does not exist`,
      );
    }
    if (capability === 'apiKey' && !account.tokenIds.includes(claims.jti)) {
      throw new ApiError(
        'unauthenticated',
        `invalid session: account ${name} does not have token with id ${claims.jti}`,
      );
    }
    return { account, issuedAt: new Date(claims.iat * 1000) };
  }

  /** @param object - `<project>/<application>` for applications, the name for projects and clusters */
  may(
    caller: Caller,
    resource: string,
    action: string,
    object: string,
  ): boolean {
    const [project, ...name] = object.split('/');
    if (
      ['applications', 'logs'].includes(resource) &&
      caller.account.name !== 'admin' &&
      this.#isForbidden(name[name.length - 1] ?? '', project)
    ) {
      return false;
    }
    return caller.account.allowed.some(
      ([allowedResource, allowedAction, allowedObject]) =>
        globMatches(allowedResource, resource) &&
        globMatches(allowedAction, action) &&
        globMatches(allowedObject, object),
    );
  }

  #sign(claims: Claims): string {
    const encode = (value: unknown) =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    return `${body}.${this.#signature(body)}`;
  }

  #claimsOf(token: string): Claims {
    const [header, payload, signature] = token.split('.');
    // What does not even look like a token counts as none.
    if (signature === undefined) {
      throw new ApiError('unauthenticated', 'no session information');
    }
    const claims = decode(payload);
    if (!decode(header) || !claims) {
      throw new ApiError(
        'unauthenticated',
        'invalid session: token is malformed: could not base64 decode header: illegal base64 data at input byte 0',
      );
    }
    const expected = Buffer.from(this.#signature(`${header}.${payload}`));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
      throw new ApiError(
        'unauthenticated',
        'invalid session: token signature is invalid: signature is invalid',
      );
    }
    return claims as Claims;
  }

  #signature(body: string): string {
    return createHmac('sha256', this.#secret).update(body).digest('base64url');
  }
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
