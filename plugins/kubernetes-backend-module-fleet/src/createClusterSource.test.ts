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
    looksAtPerson = false,
  ) {
    const logger = mockServices.logger.mock();
    const clusterSupplier = { getClusters: jest.fn(async () => clusters) };
    const { clusters: ask, isHeldFor } = createClusterSource({
      clusterSupplier,
      authStrategy: {
        getCredential: async (_, person) => {
          if (looksAtPerson && person.oidc) throw new Error('Not expected');
          return credential;
        },
        validateCluster: () => [],
        presentAuthMetadata: () => ({}),
      },
      auth,
      logger,
      resources: () => [],
    });
    return { ask, isHeldFor, logger, clusterSupplier };
  }

  /** The first that is found, which must be one to watch. */
  async function firstOf(ask: ReturnType<typeof source>['ask']) {
    const [cluster] = await ask();
    if (!('credential' in cluster)) throw new Error(cluster.notWatched);
    return cluster;
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
    const cluster = await firstOf(ask);
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
    const cluster = await firstOf(ask);
    await expect(cluster.credential()).resolves.toEqual({
      clientCert: { cert: 'c', key: 'k' },
    });
  });

  it('does not watch as nobody where somebody was expected', async () => {
    const { ask } = source([details('googleServiceAccount')]);
    const cluster = await firstOf(ask);
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

  it('says of a cluster whose address is none that it is not watched, and takes it once it is', async () => {
    const clusters = [details('aws', { url: 'blue' })];
    const { ask, logger } = source(clusters);
    const unwatched = {
      name: 'prod-blue',
      url: 'blue',
      notWatched: 'its url is not an address',
    };
    await expect(ask()).resolves.toEqual([unwatched]);
    await ask();
    expect(logger.warn).toHaveBeenCalledTimes(1);
    clusters[0].url = 'https://blue.example';
    await expect(firstOf(ask)).resolves.toMatchObject({
      url: 'https://blue.example',
    });
  });

  describe('what the fleet holds is for anybody who looks', () => {
    const token: KubernetesCredential = { type: 'bearer token', token: 't' };

    it('once there is a credential for which nobody was looked at', async () => {
      const { ask, isHeldFor } = source([details('own')], token);
      const cluster = await firstOf(ask);
      expect(isHeldFor(details('own'))).toBe(false);
      await cluster.credential();
      expect(isHeldFor(details('own'))).toBe(true);
      // Another cluster of that name.
      expect(isHeldFor(details('own', { url: 'https://other.example' }))).toBe(
        false,
      );
    });

    it('but not where the strategy asks who that is', async () => {
      const { ask, isHeldFor } = source([details('own')], token, true);
      const cluster = await firstOf(ask);
      await expect(cluster.credential()).resolves.toEqual({ token: 't' });
      expect(isHeldFor(details('own'))).toBe(false);
    });

    it('and no longer from the moment at which its sign-in is another', async () => {
      const clusters = [details('own')];
      const { ask, isHeldFor } = source(clusters, token);
      await (await firstOf(ask)).credential();
      // The plugin knows it already, the fleet has not asked yet.
      expect(isHeldFor(details('oidc'))).toBe(false);
      clusters[0] = details('other');
      const cluster = await firstOf(ask);
      expect(isHeldFor(details('other'))).toBe(false);
      await cluster.credential();
      expect(isHeldFor(details('other'))).toBe(true);
    });

    it('and no longer when it is not watched any more', async () => {
      const clusters = [details('own')];
      const { ask, isHeldFor } = source(clusters, token);
      await (await firstOf(ask)).credential();
      clusters.pop();
      await ask();
      expect(isHeldFor(details('own'))).toBe(false);
    });
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
