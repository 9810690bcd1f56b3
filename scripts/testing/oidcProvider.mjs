// An OpenID Connect provider on loopback for tests: whoever types a name is that person.
import http from 'node:http';
import { freePort } from '../launch/checks.mjs';

/**
 * @param {{ redirectUri: string, emailOf: (login: string) => string }} options
 * @returns {Promise<{ issuer: string, clientId: string, clientSecret: string, close: () => Promise<void> }>}
 */
export async function startOidcProvider({ redirectUri, emailOf }) {
  const { default: Provider } = await import('oidc-provider');
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const client = {
    clientId: 'portal',
    clientSecret: 'portal-secret-of-a-test-on-loopback',
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name'],
    },
    conformIdTokenClaims: false,
    cookies: { keys: ['a-key-of-a-test-on-loopback'] },
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => false },
    issueRefreshToken: async () => true,
    async findAccount(_, sub) {
      return {
        accountId: sub,
        claims: async () => ({
          sub,
          email: emailOf(sub),
          email_verified: true,
          name: sub,
        }),
      };
    },
  });
  const server = http.createServer(provider.callback());
  await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    issuer,
    ...client,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}
