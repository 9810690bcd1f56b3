import http, { IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

const LIFE_MS = 3_600_000;
const IDENTITY_HEADER = 'header-of-the-test';

/** What the clouds' own libraries ask on the machine that they run on, and Google's list of clusters. */
export class FakeClouds {
  readonly url: string;
  /** How often each gave a token. */
  readonly given = { azure: 0, google: 0, role: 0 };
  /** Names of roles that were assumed, with what was given to prove it. */
  readonly roles: Array<{ arn?: string; externalId?: string }> = [];
  /** What Google lists. */
  clusters: object[] = [];
  readonly #server: http.Server;
  readonly #ends = new Map<string, number>();

  static async start(): Promise<FakeClouds> {
    const server = http.createServer();
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new FakeClouds(server);
  }

  private constructor(server: http.Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const url = new URL(request.url!, this.url);
      const body = this.#answer(request, url);
      if (body) void reply(request, response, body);
      else response.writeHead(404).end();
    });
  }

  /** Environment variables by which the libraries find this one instead of the clouds. */
  get environment(): Record<string, string> {
    return {
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-of-the-portal',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_STS: `${this.url}/sts`,
      IDENTITY_ENDPOINT: `${this.url}/azure`,
      IDENTITY_HEADER,
      GCE_METADATA_HOST: new URL(this.url).host,
      METADATA_SERVER_DETECTION: 'assume-present',
    };
  }

  /** Whether a token is one of these, and has not ended. */
  isGood(token: string): boolean {
    return Date.now() < (this.#ends.get(token) ?? 0);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #answer(
    request: IncomingMessage,
    url: URL,
  ): ((body: string) => Answer) | undefined {
    const { pathname } = url;
    if (
      pathname === '/azure' &&
      request.headers['x-identity-header'] === IDENTITY_HEADER
    ) {
      return () => this.#azure();
    }
    if (
      pathname ===
        '/computeMetadata/v1/instance/service-accounts/default/token' &&
      request.headers['metadata-flavor'] === 'Google'
    ) {
      return () => this.#google();
    }
    if (pathname === '/v1/projects/shop/locations/-/clusters') {
      const [, token] = request.headers.authorization?.split(' ') ?? [];
      return () =>
        this.isGood(token)
          ? { json: { clusters: this.clusters } }
          : { status: 401, json: {} };
    }
    if (pathname === '/sts/') return body => this.#sts(body);
    return undefined;
  }

  #azure(): Answer {
    this.given.azure += 1;
    const end = Math.floor((Date.now() + LIFE_MS) / 1000);
    const claims = Buffer.from(
      JSON.stringify({ exp: end, n: this.given.azure }),
    ).toString('base64url');
    const token = `h.${claims}.s`;
    this.#ends.set(token, end * 1000);
    return {
      json: {
        access_token: token,
        expires_on: `${end}`,
        resource: '6dae42f8-4368-4678-94ff-3960e28e3630',
        token_type: 'Bearer',
      },
    };
  }

  #google(): Answer {
    this.given.google += 1;
    // Says nothing of its end.
    const token = `ya29.${this.given.google}`;
    this.#ends.set(token, Date.now() + LIFE_MS);
    return {
      headers: { 'metadata-flavor': 'Google' },
      json: {
        access_token: token,
        expires_in: LIFE_MS / 1000,
        token_type: 'Bearer',
      },
    };
  }

  #sts(body: string): Answer {
    const query = new URLSearchParams(body);
    if (query.get('Action') === 'GetCallerIdentity') {
      return {
        xml: '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      };
    }
    this.given.role += 1;
    this.roles.push({
      arn: query.get('RoleArn') ?? undefined,
      externalId: query.get('ExternalId') ?? undefined,
    });
    const end = new Date(Date.now() + LIFE_MS).toISOString();
    return {
      xml: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret-of-the-role</SecretAccessKey><SessionToken>session-of-the-role</SessionToken><Expiration>${end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    };
  }
}

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  json?: object;
  xml?: string;
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (body: string) => Answer,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { status = 200, headers, json, xml } = answer(body);
  response.writeHead(status, {
    'content-type': json ? 'application/json' : 'text/xml',
    ...headers,
  });
  response.end(xml ?? JSON.stringify(json));
}
