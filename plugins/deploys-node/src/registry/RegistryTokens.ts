import { AuthenticationChallenge } from './challenge';
import { RegistryAccess } from './config';
import { RegistryError } from './errors';
import { HttpAnswer, HttpSender } from './HttpSender';

const DEFAULT_LIFE_S = 60;
/** A token is not used in its last seconds: it might end on the way. */
const MARGIN_MS = 5_000;
const MAX_TOKENS = 500;

/**
 * Answers registries' challenges: with user and password, or with a token that the registry's realm hands out for them (or to anybody).
 *
 * @internal
 */
export class RegistryTokens {
  readonly #sender: HttpSender;
  readonly #tokens = new Map<
    string,
    { authorization: string; endsAt: number }
  >();

  static create(options: { sender: HttpSender }): RegistryTokens {
    return new RegistryTokens(options.sender);
  }

  private constructor(sender: HttpSender) {
    this.#sender = sender;
  }

  /** The header for a scope, where an earlier answer to a challenge still holds. */
  known(access: RegistryAccess, scope: string): string | undefined {
    const found = this.#tokens.get(`${access.host} ${scope}`);
    return found && found.endsAt > Date.now() ? found.authorization : undefined;
  }

  /** @throws RegistryError */
  async answer(
    access: RegistryAccess,
    scope: string,
    challenge: AuthenticationChallenge | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const basic =
      access.username === undefined
        ? undefined
        : basicHeader(access.username, access.password ?? '');
    const key = `${access.host} ${scope}`;
    // Whatever was known has just been refused.
    this.#tokens.delete(key);
    if (challenge?.scheme === 'bearer') {
      const token = await this.#fetchToken(
        access,
        scope,
        challenge,
        basic,
        signal,
      );
      this.#keep(key, token);
      return token.authorization;
    }
    if (!basic)
      throw new RegistryError(
        'unauthorized',
        'The image registry wants credentials, and none are configured for it',
      );
    this.#keep(key, { authorization: basic, endsAt: Number.POSITIVE_INFINITY });
    return basic;
  }

  async #fetchToken(
    access: RegistryAccess,
    scope: string,
    challenge: AuthenticationChallenge,
    basic: string | undefined,
    signal: AbortSignal,
  ) {
    const realm = checkRealm(access, challenge.realm);
    if (challenge.service) realm.searchParams.set('service', challenge.service);
    realm.searchParams.set('scope', challenge.scope || scope);
    const answer = await this.#sender.send({
      url: realm,
      headers: basic ? { Authorization: basic } : {},
      signal,
      maxBytes: 100_000,
    });
    if (answer.status === 401 || answer.status === 403) {
      throw new RegistryError(
        'unauthorized',
        basic
          ? 'The image registry refused the configured credentials'
          : 'The image registry wants credentials, and none are configured for it',
      );
    }
    if (answer.status !== 200)
      throw new RegistryError(
        'invalid-answer',
        `The image registry's token service answered ${answer.status}`,
      );
    return readToken(answer);
  }

  #keep(key: string, value: { authorization: string; endsAt: number }) {
    if (this.#tokens.size >= MAX_TOKENS) this.#tokens.clear();
    this.#tokens.set(key, value);
  }
}

function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

// The realm comes from the other side, and our password goes there: it must belong to the registry.
function checkRealm(access: RegistryAccess, text: string | undefined): URL {
  let realm: URL;
  try {
    realm = new URL(text ?? '');
  } catch {
    throw new RegistryError(
      'invalid-answer',
      'The image registry named no valid place to get a token from',
    );
  }
  const encrypted =
    realm.protocol === 'https:' ||
    (access.insecure && realm.protocol === 'http:');
  if (
    !encrypted ||
    realm.username ||
    realm.password ||
    !belongsTo(access, realm.host)
  ) {
    throw new RegistryError(
      'invalid-answer',
      'The image registry sends clients to a token service that is not its own; if that is right, add it to tokenHosts of the registry',
    );
  }
  return realm;
}

function belongsTo(access: RegistryAccess, realmHost: string): boolean {
  if (realmHost === access.host || access.tokenHosts.includes(realmHost))
    return true;
  if (access.host === 'docker.io') return realmHost === 'auth.docker.io';
  // registry.gitlab.com is served by gitlab.com: the parent domain, never a bare top-level one, never of an address.
  const parent = access.host.replace(/:\d+$/, '').split('.').slice(1).join('.');
  return /[a-z]/.test(parent) && parent.includes('.') && realmHost === parent;
}

function readToken(answer: HttpAnswer): {
  authorization: string;
  endsAt: number;
} {
  const body = answer.json();
  const token = body.token ?? body.access_token;
  if (typeof token !== 'string' || token === '')
    throw new RegistryError(
      'invalid-answer',
      "The image registry's token service answered without a token",
    );
  const lifeS =
    typeof body.expires_in === 'number' && body.expires_in > 0
      ? body.expires_in
      : DEFAULT_LIFE_S;
  return {
    authorization: `Bearer ${token}`,
    endsAt: Date.now() + lifeS * 1000 - MARGIN_MS,
  };
}
