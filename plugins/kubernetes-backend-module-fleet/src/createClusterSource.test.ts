import { mockServices } from '@backstage/backend-test-utils';
import { KubernetesCredential } from '@backstage/plugin-kubernetes-node';
import { createClusterSource } from './createClusterSource';
import { endOfToken } from './endOfToken';
import { locateServer } from './locateServer';

const details = (provider: string, parts: object = {}) => ({
  name: 'prod-blue',
  url: 'https://blue.example',
  authMetadata: { 'kubernetes.io/auth-provider': provider },
  ...parts,
});

const jwt = (claims: object) =>
  `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

describe('createClusterSource', () => {
  const auth = mockServices.auth();

  function source(
    clusters: ReturnType<typeof details>[],
    credential: KubernetesCredential = { type: 'anonymous' },
  ) {
    const logger = mockServices.logger.mock();
    const clusterSupplier = { getClusters: jest.fn(async () => clusters) };
    const ask = createClusterSource({
      clusterSupplier,
      authStrategy: {
        getCredential: async () => credential,
        validateCluster: () => [],
        presentAuthMetadata: () => ({}),
      },
      auth,
      logger,
    });
    return { ask, logger, clusterSupplier };
  }

  it("asks with the plugin's own credentials, anew each time", async () => {
    const { ask, clusterSupplier } = source([]);
    await ask();
    await ask();
    expect(clusterSupplier.getClusters).toHaveBeenCalledTimes(2);
    expect(clusterSupplier.getClusters).toHaveBeenCalledWith({
      credentials: await auth.getOwnServiceCredentials(),
    });
  });

  it('knows when a token ends', async () => {
    const token = jwt({ exp: 1_800_000_000 });
    const { ask } = source([details('aws')], { type: 'bearer token', token });
    const [cluster] = await ask();
    await expect(cluster.credential()).resolves.toEqual({
      token,
      expiresAt: new Date(1_800_000_000_000),
    });
  });

  it('hands client certificates over', async () => {
    const { ask } = source([details('pinniped')], {
      type: 'x509 client certificate',
      cert: 'c',
      key: 'k',
    });
    const [cluster] = await ask();
    await expect(cluster.credential()).resolves.toEqual({
      clientCert: { cert: 'c', key: 'k' },
    });
  });

  it('does not watch as nobody where somebody was expected', async () => {
    const { ask } = source([details('googleServiceAccount')]);
    const [cluster] = await ask();
    await expect(cluster.credential()).rejects.toThrow('gave no credential');
  });

  it('takes one of two clusters with the same name', async () => {
    const { ask, logger } = source([details('aws'), details('aws')]);
    await expect(ask()).resolves.toHaveLength(1);
    expect(logger.warn).toHaveBeenCalledWith('Cluster is not watched', {
      cluster: 'prod-blue',
      reason: 'another cluster has this name',
    });
  });

  it('skips a cluster whose address is none, and takes it once it is', async () => {
    const clusters = [details('aws', { url: 'blue' })];
    const { ask } = source(clusters);
    await expect(ask()).resolves.toEqual([]);
    clusters[0].url = 'https://blue.example';
    await expect(ask()).resolves.toHaveLength(1);
  });
});

describe('endOfToken', () => {
  it.each([
    ['opaque', undefined],
    ['a.b.c', undefined],
    [jwt({ exp: 100 }), new Date(100_000)],
    [jwt({}), undefined],
    ['k8s-aws-v1.abc', new Date(14 * 60_000)],
  ])('%s', (token, end) => {
    expect(endOfToken(token, 0)).toEqual(end);
  });
});

describe('locateServer', () => {
  it('is the configured address where the portal does not run in the cluster', async () => {
    await expect(
      locateServer(details('serviceAccount'), {
        KUBERNETES_SERVICE_HOST: '10.0.0.1',
      }),
    ).resolves.toEqual({ url: 'https://blue.example' });
  });
});
