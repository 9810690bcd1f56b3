import { joinCluster } from './clusters';

const clusters = [
  { name: 'prod-blue', url: 'https://Blue.example.com:443/' },
  { name: 'prod-green', url: 'https://green.example.com:6443' },
  { name: 'dev', url: 'https://shared.example.com' },
  { name: 'dev-2', url: 'https://shared.example.com' },
  { name: 'portal', url: 'https://kubernetes.default.svc' },
  { name: 'rancher-a', url: 'https://rancher.example.com/k8s/clusters/a' },
];
const config = {
  clusterAliases: [
    { argocd: 'green-eu', cluster: 'prod-green' },
    { argocd: 'https://kubernetes.default.svc', cluster: 'prod-blue' },
    { argocd: 'in-cluster', instance: 'green', cluster: 'prod-green' },
    { argocd: 'gone', cluster: 'no-such' },
    { argocd: 'two', cluster: 'dev' },
    { argocd: 'two', cluster: 'prod-blue' },
  ],
};

describe('joinCluster', () => {
  it.each([
    [{ server: 'https://blue.example.com' }, 'prod-blue', 'url'],
    [{ server: 'HTTPS://GREEN.example.com:6443/' }, 'prod-green', 'url'],
    [
      { server: 'https://rancher.example.com/k8s/clusters/a/' },
      'rancher-a',
      'url',
    ],
    [{ name: 'dev' }, 'dev', 'name'],
    [{ server: 'https://shared.example.com', name: 'dev-2' }, 'dev-2', 'name'],
    [{ name: 'green-eu' }, 'prod-green', 'alias'],
    [{ server: 'https://kubernetes.default.svc/' }, 'prod-blue', 'alias'],
  ])('joins %j', (destination, cluster, by) => {
    expect(
      joinCluster({ instance: 'blue', destination }, clusters, config),
    ).toEqual({
      joined: true,
      cluster,
      by,
    });
  });

  it.each([
    [{ server: 'https://other.example.com' }, 'has this address or name'],
    [
      { server: 'https://rancher.example.com/k8s/clusters/b' },
      'has this address or name',
    ],
    [{ server: 'http://blue.example.com' }, 'has this address or name'],
    [{ name: 'prod' }, 'has this address or name'],
    [{ server: 'https://shared.example.com' }, '2 clusters'],
    // The address of one cluster and the name of another: neither is believed.
    [{ server: 'https://shared.example.com', name: 'prod-blue' }, '2 clusters'],
    [{ name: 'gone' }, "says that it is 'no-such'"],
    [{ name: 'two' }, 'several clusters'],
    [{ server: 'not a url' }, 'has this address or name'],
    [{}, 'names no destination'],
  ])('does not guess at %j', (destination, why) => {
    expect(
      joinCluster({ instance: 'blue', destination }, clusters, config),
    ).toMatchObject({
      joined: false,
      destination: Object.values(destination)[0] ?? '',
      why: expect.stringContaining(why),
    });
  });

  it.each([
    [{ server: 'https://kubernetes.default.svc' }],
    [{ name: 'in-cluster' }],
    [{ server: 'https://kubernetes.default.svc', name: 'in-cluster' }],
  ])('knows the own cluster of each Argo CD, called %j', destination => {
    expect(
      joinCluster({ instance: 'green', destination }, clusters, config),
    ).toEqual({ joined: true, cluster: 'prod-green', by: 'alias' });
    expect(
      joinCluster({ instance: 'blue', destination }, clusters, config),
    ).toEqual({ joined: true, cluster: 'prod-blue', by: 'alias' });
  });

  it("does not take the portal's own cluster, or one called in-cluster, for Argo CD's", () => {
    for (const destination of [
      { server: 'https://kubernetes.default.svc' },
      { name: 'in-cluster' },
    ]) {
      expect(
        joinCluster(
          { instance: 'blue', destination },
          [...clusters, { name: 'in-cluster', url: 'https://x.example.com' }],
          { clusterAliases: [] },
        ),
      ).toMatchObject({
        joined: false,
        why: expect.stringContaining("the Argo CD 'blue' runs in"),
      });
    }
  });
});
