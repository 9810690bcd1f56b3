import https from 'node:https';
import { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { FleetCluster } from '../types';
import { KubernetesClient } from './KubernetesClient';
import { DEFAULT_KUBERNETES_TIMINGS } from './timings';

describe('certificates of clusters', () => {
  const certificate = (name: string) =>
    generate([{ name: 'commonName', value: name }], {
      keySize: 2048,
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    });
  const own = certificate('api-server');
  const person = certificate('portal');
  let server: https.Server;
  let url: string;
  let asked: Array<{ subject?: string; authorization?: string }>;

  beforeAll(async () => {
    server = https.createServer(
      {
        key: own.private,
        cert: own.cert,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        asked.push({
          subject: subject?.CN as string | undefined,
          authorization: request.headers.authorization,
        });
        response.end('{}');
      },
    );
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  beforeEach(() => {
    asked = [];
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  async function ask(cluster: Partial<FleetCluster>) {
    const client = new KubernetesClient({
      cluster: {
        name: 'prod-blue',
        url,
        credential: async () => ({ token: 'secret-token' }),
        ...cluster,
      },
      timings: DEFAULT_KUBERNETES_TIMINGS,
    });
    try {
      const { signal } = new AbortController();
      return await client.getJson('/version', { signal });
    } finally {
      client.close();
    }
  }

  it('are trusted by the CA of the cluster, as base64 or as it is', async () => {
    const caData = Buffer.from(own.cert).toString('base64');
    await expect(ask({ caData })).resolves.toBe('{}');
    await expect(ask({ caData: own.cert })).resolves.toBe('{}');
  });

  it('are not trusted without it, or with another: no token is sent', async () => {
    for (const caData of [
      undefined,
      Buffer.from(person.cert).toString('base64'),
    ]) {
      await expect(ask({ caData })).rejects.toMatchObject({
        reason: 'connect',
        message: 'has a certificate that is not trusted',
        mayHaveBeenReceived: false,
      });
    }
    expect(asked).toEqual([]);
  });

  it('are not looked at where the configuration says so', async () => {
    await expect(ask({ skipTLSVerify: true })).resolves.toBe('{}');
    expect(asked).toEqual([
      { subject: undefined, authorization: 'Bearer secret-token' },
    ]);
  });

  it('are shown by the portal where its credential is one', async () => {
    await ask({
      caData: Buffer.from(own.cert).toString('base64'),
      credential: async () => ({
        clientCert: { cert: person.cert, key: person.private },
      }),
    });
    expect(asked).toEqual([{ subject: 'portal', authorization: undefined }]);
  });
});
