import { callApi } from '../tests/callApi';
import {
  deployment,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';
import { KubernetesObject } from '../types';
import { allows } from './rules';
import { Attributes, PolicyRule, serviceAccountUser, userOf } from './types';

describe('a rule', () => {
  const read: PolicyRule = {
    verbs: ['get', 'list'],
    apiGroups: [''],
    resources: ['pods', 'pods/log'],
  };
  const named: PolicyRule = { ...read, resourceNames: ['a'] };
  const pods = { verb: 'list', group: '', resource: 'pods' };
  it.each<[string, PolicyRule, Attributes, boolean]>([
    ['names verb, group and resource', read, pods, true],
    ['is not about another verb', read, { ...pods, verb: 'watch' }, false],
    [
      'is not about another group',
      read,
      { ...pods, group: 'metrics.k8s.io' },
      false,
    ],
    [
      'names a subresource',
      read,
      { ...pods, verb: 'get', subresource: 'log' },
      true,
    ],
    [
      'is not about another subresource',
      read,
      { ...pods, verb: 'get', subresource: 'exec' },
      false,
    ],
    [
      'of all resources is about subresources too',
      { ...read, resources: ['*'] },
      { ...pods, verb: 'get', subresource: 'exec' },
      true,
    ],
    [
      'names a subresource of all',
      { ...read, resources: ['*/scale'] },
      { ...pods, verb: 'get', subresource: 'scale' },
      true,
    ],
    [
      'of all resources of one group stays in it',
      { ...read, resources: ['*'] },
      { ...pods, group: 'apps' },
      false,
    ],
    ['names objects', named, { ...pods, verb: 'get', name: 'a' }, true],
    [
      'is not about other objects',
      named,
      { ...pods, verb: 'get', name: 'b' },
      false,
    ],
    ['that names objects lists none', named, pods, false],
    [
      'of everything',
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { ...pods, verb: 'x', group: 'y' },
      true,
    ],
    [
      'of resources is not about paths',
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verb: 'get', path: '/api' },
      false,
    ],
    [
      'names a path',
      { verbs: ['get'], nonResourceURLs: ['/api'] },
      { verb: 'get', path: '/api' },
      true,
    ],
    [
      'names what lies under a path',
      { verbs: ['get'], nonResourceURLs: ['/api/*'] },
      { verb: 'get', path: '/api/v1' },
      true,
    ],
    [
      'names no path that only begins like it',
      { verbs: ['get'], nonResourceURLs: ['/api'] },
      { verb: 'get', path: '/apis' },
      false,
    ],
  ])('%s', (_, rule, wanted, allowed) => {
    expect(allows(rule, wanted)).toBe(allowed);
  });
});

describe('the API', () => {
  const users = {
    portal: serviceAccountUser('storefront', 'portal'),
    viewer: userOf('vera', 'viewers'),
    nobody: userOf('nobody'),
  };
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await startTestCluster({ users });
    cluster.store.apply(deployment({ replicas: 1 }), { manager: 'test' });
    cluster.clock.advance(60_000);
  });
  afterEach(() => cluster.close());

  const call = (
    token: keyof typeof users,
    path: string,
    options: Parameters<typeof callApi>[2] = {},
  ) => callApi(cluster, path, { ...options, token });
  const PODS = '/api/v1/namespaces/storefront/pods';

  function role(kind: string, rules: PolicyRule[], namespace?: string) {
    const metadata = { name: 'reads', ...(namespace ? { namespace } : {}) };
    add({ kind, metadata, rules });
  }

  function bind(
    kind: string,
    roleKind: string,
    subject: object,
    namespace?: string,
  ) {
    const metadata = { name: 'reads', ...(namespace ? { namespace } : {}) };
    add({
      kind,
      metadata,
      roleRef: { kind: roleKind, name: 'reads' },
      subjects: [subject],
    });
  }

  function add(object: Partial<KubernetesObject>) {
    cluster.add(
      { apiVersion: 'rbac.authorization.k8s.io/v1', ...object } as never,
      { manager: 'test' },
    );
  }

  const readPods: PolicyRule = {
    verbs: ['get', 'list'],
    apiGroups: [''],
    resources: ['pods'],
  };
  const portal = {
    kind: 'ServiceAccount',
    name: 'portal',
    namespace: 'storefront',
  };

  it.each<[string, string, string, string]>([
    [
      'a list of all',
      '/api/v1/pods',
      'GET',
      'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" at the cluster scope',
    ],
    [
      'a watch',
      '/apis/apps/v1/deployments?watch=1',
      'GET',
      'deployments.apps is forbidden: User "nobody" cannot watch resource "deployments" in API group "apps" at the cluster scope',
    ],
    [
      'a list in a namespace',
      PODS,
      'GET',
      'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "storefront"',
    ],
    [
      'an object',
      `${PODS}/a`,
      'GET',
      'pods "a" is forbidden: User "nobody" cannot get resource "pods" in API group "" in the namespace "storefront"',
    ],
    [
      'logs',
      `${PODS}/a/log`,
      'GET',
      'pods "a" is forbidden: User "nobody" cannot get resource "pods/log" in API group "" in the namespace "storefront"',
    ],
    [
      'a change',
      '/apis/apps/v1/namespaces/storefront/deployments/a/scale',
      'PATCH',
      'deployments.apps "a" is forbidden: User "nobody" cannot patch resource "deployments/scale" in API group "apps" in the namespace "storefront"',
    ],
    [
      'a deletion of all',
      PODS,
      'DELETE',
      'pods is forbidden: User "nobody" cannot deletecollection resource "pods" in API group "" in the namespace "storefront"',
    ],
    [
      'metrics',
      '/apis/metrics.k8s.io/v1beta1/nodes',
      'GET',
      'nodes.metrics.k8s.io is forbidden: User "nobody" cannot list resource "nodes" in API group "metrics.k8s.io" at the cluster scope',
    ],
    [
      'a namespace',
      '/api/v1/namespaces/storefront',
      'GET',
      'namespaces "storefront" is forbidden: User "nobody" cannot get resource "namespaces" in API group "" in the namespace "storefront"',
    ],
  ])(
    'refuses %s in the words of Kubernetes',
    async (_, path, method, message) => {
      const { status, body } = await call('nobody', path, {
        method,
        body: method === 'PATCH' ? {} : undefined,
      });
      expect([status, body.reason, body.message]).toEqual([
        403,
        'Forbidden',
        message,
      ]);
      expect(cluster.refused).toHaveLength(1);
    },
  );

  it('tells everybody with a token what there is, and nobody without', async () => {
    for (const path of [
      '/version',
      '/api',
      '/apis',
      '/apis/apps/v1',
      '/openapi/v3',
    ]) {
      expect((await call('nobody', path)).status).toBe(200);
      expect((await callApi(cluster, path, { token: 'made-up' })).status).toBe(
        401,
      );
    }
  });

  it('gives what a Role gives only in its namespace', async () => {
    role('Role', [readPods], 'storefront');
    bind('RoleBinding', 'Role', portal, 'storefront');
    expect((await call('portal', PODS)).body.items).toHaveLength(1);
    expect((await call('portal', '/api/v1/pods')).status).toBe(403);
    expect(
      (await call('portal', '/api/v1/namespaces/realtime/pods')).status,
    ).toBe(403);
    expect((await call('viewer', PODS)).status).toBe(403);
  });

  it('gives what a ClusterRole gives in the namespace of its binding, or everywhere', async () => {
    role('ClusterRole', [readPods]);
    bind(
      'RoleBinding',
      'ClusterRole',
      { kind: 'Group', name: 'viewers' },
      'storefront',
    );
    bind('ClusterRoleBinding', 'ClusterRole', portal);
    expect((await call('viewer', PODS)).status).toBe(200);
    expect((await call('viewer', '/api/v1/pods')).status).toBe(403);
    expect((await call('portal', '/api/v1/pods')).status).toBe(200);
  });

  it('goes by the rules of the moment', async () => {
    role('ClusterRole', [readPods]);
    bind('ClusterRoleBinding', 'ClusterRole', { kind: 'User', name: 'vera' });
    expect((await call('viewer', PODS)).status).toBe(200);
    await callApi(
      cluster,
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/reads',
      {
        method: 'DELETE',
      },
    );
    expect((await call('viewer', PODS)).status).toBe(403);
    const changed = { kind: 'ClusterRole', name: 'cluster-admin' };
    bind('ClusterRoleBinding', 'ClusterRole', portal);
    const { body } = await callApi(
      cluster,
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/reads',
      {
        method: 'PATCH',
        type: 'application/merge-patch+json',
        body: { roleRef: changed },
      },
    );
    expect(body.message).toMatch(/cannot change roleRef$/);
  });

  it('lets an apply make an object only with the right to make it', async () => {
    role('ClusterRole', [
      { verbs: ['patch'], apiGroups: [''], resources: ['configmaps'] },
    ]);
    bind('ClusterRoleBinding', 'ClusterRole', portal);
    const apply = (name: string) =>
      call(
        'portal',
        `/api/v1/namespaces/storefront/configmaps/${name}?fieldManager=portal`,
        {
          method: 'PATCH',
          type: 'application/apply-patch+yaml',
          body: { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } },
        },
      );
    cluster.add(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'there', namespace: 'storefront' },
      },
      { manager: 'test' },
    );
    expect((await apply('there')).status).toBe(200);
    expect((await apply('new')).body.message).toBe(
      'configmaps "new" is forbidden: User "system:serviceaccount:storefront:portal" cannot create resource "configmaps" in API group "" in the namespace "storefront"',
    );
  });

  it('answers reviews from the same rules', async () => {
    role('ClusterRole', [
      readPods,
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ]);
    bind('RoleBinding', 'ClusterRole', portal, 'storefront');
    const group = '/apis/authorization.k8s.io/v1';
    const may = async (spec: object) =>
      (
        await call('portal', `${group}/selfsubjectaccessreviews`, {
          method: 'POST',
          body: { spec },
        })
      ).body.status;
    const list = { verb: 'list', resource: 'pods', namespace: 'storefront' };
    expect(await may({ resourceAttributes: list })).toEqual({
      allowed: true,
      reason:
        'RBAC: allowed by RoleBinding "reads/storefront" of ClusterRole "reads" to ServiceAccount "portal/storefront"',
    });
    expect(
      await may({ resourceAttributes: { ...list, subresource: 'exec' } }),
    ).toEqual({ allowed: false });
    expect(
      await may({ resourceAttributes: { ...list, namespace: 'realtime' } }),
    ).toEqual({ allowed: false });
    expect(
      await may({
        nonResourceAttributes: { verb: 'get', path: '/apis/apps/v1' },
      }),
    ).toMatchObject({ allowed: true });
    const rules = async (namespace: string) =>
      (
        await call('portal', `${group}/selfsubjectrulesreviews`, {
          method: 'POST',
          body: { spec: { namespace } },
        })
      ).body;
    expect((await rules('storefront')).status).toMatchObject({
      incomplete: false,
      resourceRules: expect.arrayContaining([readPods]),
      nonResourceRules: expect.arrayContaining([
        { verbs: ['get'], nonResourceURLs: ['/metrics'] },
      ]),
    });
    expect((await rules('realtime')).status.resourceRules).not.toContainEqual(
      readPods,
    );
    expect(
      (
        await callApi(cluster, `${group}/selfsubjectrulesreviews`, {
          method: 'POST',
          body: { spec: { namespace: 'default' } },
        })
      ).body.status.resourceRules,
    ).toEqual([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
  });
});
