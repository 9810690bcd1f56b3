import { ApplicationSet } from './ApplicationSetController';
import { newApplication } from './newApplication';
import { chartOf } from './render/charts';
import { settled } from './tests/observed';
import { GIT_URL, TestArgocd } from './tests/startTestArgocd';

/** Applications that are made of others, or of several sources. */
const REPOSITORY = `${GIT_URL}/deploy.git`;
const CHARTS = 'https://charts.test';
const child = (name: string, more = '') => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
  namespace: argocd
  finalizers: [resources-finalizer.argocd.argoproj.io]
spec:
  project: storefront
  source: {repoURL: '${REPOSITORY}', path: apps/orders, targetRevision: main}
  destination: {name: test, namespace: ${name}}
  syncPolicy: {automated: {prune: true}}
${more}`;
const set: ApplicationSet = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'regions', namespace: 'argocd', uid: 'set-1' },
  spec: {
    generators: [{ list: { elements: [{ region: 'eu' }, { region: 'us' }] } }],
    template: {
      metadata: { name: 'orders-{{region}}' },
      spec: {
        project: 'storefront',
        source: {
          repoURL: REPOSITORY,
          path: 'apps/orders',
          targetRevision: 'main',
        },
        destination: { name: 'test', namespace: 'orders-{{region}}' },
      },
    },
  },
};
const application = (name: string, spec: object, namespace?: string) =>
  newApplication(
    {
      metadata: { name, namespace },
      spec: {
        project: 'storefront',
        destination: { name: 'test', namespace: name },
        ...spec,
      },
    },
    new Date('2026-11-01T00:00:00Z'),
  );
const parent = application('parent', {
  source: { repoURL: REPOSITORY, path: 'children', targetRevision: 'main' },
  destination: {
    server: 'https://kubernetes.default.svc',
    namespace: 'argocd',
  },
  syncPolicy: { automated: { prune: true, selfHeal: true } },
});
const several = application('several', {
  sources: [
    {
      repoURL: CHARTS,
      chart: 'site',
      targetRevision: '1.0.0',
      helm: { valueFiles: ['$values/values/several.yaml'] },
    },
    { repoURL: REPOSITORY, targetRevision: 'main', ref: 'values' },
  ],
});
const elsewhere = application(
  'manual',
  {
    source: {
      repoURL: REPOSITORY,
      path: 'apps/orders',
      targetRevision: 'main',
    },
    destination: { name: 'test', namespace: 'elsewhere' },
  },
  'teams',
);
const nowhere = application('nowhere', {
  source: { repoURL: REPOSITORY, path: 'apps/orders', targetRevision: 'main' },
  destination: { name: 'lost', namespace: 'x' },
});

let argocd: TestArgocd;
const get = async (path: string) => (await argocd.get(path)).json;
const admin = () => ({ token: argocd.tokenOf('admin') });

async function stop(): Promise<void> {
  await argocd.stop();
  expect(argocd.errors).toEqual([]);
}

beforeEach(async () => {
  argocd = await TestArgocd.start({
    speed: 200,
    files: {
      'children/one.yaml': child('one'),
      'children/two.yaml': child('two'),
      'values/several.yaml': 'tag: v7\n',
    },
    applications: [parent, several, elsewhere, nowhere],
    applicationSets: [set],
    sessionSeconds: 2,
  });
  const files = Object.entries({
    'site/Chart.yaml':
      'name: site\nversion: 1.0.0\ndescription: A site\nhome: https://home\nmaintainers: [{name: Inge, email: i@x}]\n',
    'site/values.yaml': 'tag: none\n',
    'site/templates/a.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: '{{ .Release.Name }}'}
spec:
  replicas: 1
  template: {spec: {containers: [{name: site, image: 'registry/site:{{ .Values.tag }}'}]}}
---
apiVersion: v1
kind: Secret
metadata: {name: token}
data: {password: Y2FuYXJ5, same: c2FtZQ==}
`,
  }).map(([path, text]): [string, Buffer] => [path, Buffer.from(text)]);
  argocd.charts.add(CHARTS, chartOf(new Map(files), 'site'));
});
afterEach(stop);

it('an Application deploys Applications, heals their specs, and is as well as they are', async () => {
  await argocd.until('one', settled);
  const above = await argocd.until('parent', settled);
  expect(above.status.resources).toEqual(
    ['one', 'two'].map(name =>
      expect.objectContaining({
        group: 'argoproj.io',
        kind: 'Application',
        name,
        status: 'Synced',
      }),
    ),
  );
  const tree = await get('/api/v1/applications/parent/resource-tree');
  expect(tree.nodes.map(({ name }: { name: string }) => name)).toEqual([
    'one',
    'two',
  ]);
  argocd.argocd.applications.update('one', draft => {
    draft.spec.source!.targetRevision = 'other';
  });
  await argocd.until('one', app => app.spec.source!.targetRevision === 'main');
  argocd.store.edit(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'two',
      name: 'orders',
    },
    draft => {
      draft.status.conditions = [
        { type: 'Progressing', reason: 'ProgressDeadlineExceeded' },
      ];
    },
  );
  await argocd.until('parent', app => app.status.health.status === 'Degraded');
});

it('what the parent no longer names goes, with its objects', async () => {
  await argocd.until('two', settled);
  await argocd.until('parent', settled);
  await argocd.repository.commit('main', [
    {
      author: { name: 'Dana', email: 'd@x' },
      message: 'only one',
      files: { 'children/two.yaml': '# gone\n' },
    },
  ]);
  await get('/api/v1/applications/parent?refresh=normal');
  const end = Date.now() + 5_000;
  while (argocd.application('two') && Date.now() < end) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  expect(argocd.application('two')).toBeUndefined();
  expect(
    argocd.store.list({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'two',
    }),
  ).toEqual([]);
  expect(argocd.application('one')).toBeDefined();
});

it('an ApplicationSet owns its children and takes back what is patched', async () => {
  const { metadata } = argocd.application('orders-eu');
  expect(metadata.ownerReferences).toMatchObject([
    { kind: 'ApplicationSet', name: 'regions', uid: 'set-1', controller: true },
  ]);
  const patched = await argocd.call('PATCH', '/api/v1/applications/orders-us', {
    ...admin(),
    body: JSON.stringify({
      patchType: 'merge',
      patch: JSON.stringify({ spec: { syncPolicy: { automated: {} } } }),
    }),
  });
  expect(patched.json.spec.syncPolicy).toEqual({ automated: {} });
  await argocd.until('orders-us', ({ spec }) => !spec.syncPolicy);
});

it('several sources are resolved, synced and remembered each for itself', async () => {
  const head = await argocd.repository.resolve('main');
  await argocd.until('several', ({ status }) => status.sync.revisions);
  const asked = await argocd.post('/api/v1/applications/several/sync', {});
  expect(asked.json.operation.sync).toEqual({
    revisions: ['1.0.0', head],
    sources: several.spec.sources,
  });
  const done = await argocd.until('several', settled);
  expect(done.status).toMatchObject({
    sync: { revisions: ['1.0.0', head], comparedTo: { sources: [{}, {}] } },
    sourceTypes: ['Helm'],
    history: [{ id: 0, revisions: ['1.0.0', head] }],
    operationState: { syncResult: { revisions: ['1.0.0', head] } },
  });
  expect(done.status.sync.revision).toBeUndefined();
  expect(
    argocd.store.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'several',
      name: 'several',
    })!.spec.template.spec.containers[0].image,
  ).toBe('registry/site:v7');
  const base = '/api/v1/applications/several/revisions';
  const metadata = await argocd.get(`${base}/1.0.0/metadata?sourceIndex=0`);
  expect([metadata.status, metadata.json.message]).toEqual([
    500,
    'revision 1.0.0 must be resolved',
  ]);
  expect(await get(`${base}/1.0.0/chartdetails?sourceIndex=0`)).toEqual({
    description: 'A site',
    home: 'https://home',
    maintainers: ['Inge <i@x>'],
  });
  expect((await argocd.get(`${base}/9.9.9/chartdetails`)).status).toBe(500);
  expect(
    await get(`${base}/${head}/metadata?sourceIndex=1&versionId=0`),
  ).toMatchObject({ message: expect.stringContaining('orders v1') });
});

it('managed-resources tells what lives, what is wanted and what would become of it; values of Secrets are hidden', async () => {
  await argocd.until('several', ({ status }) => status.sync.revisions);
  const path = '/api/v1/applications/several/managed-resources';
  const [missing] = (await get(`${path}?kind=Deployment`)).items;
  expect(missing).toMatchObject({ liveState: 'null', modified: true });
  await argocd.post('/api/v1/applications/several/sync', {});
  await argocd.until('several', settled);
  argocd.store.edit(
    { apiVersion: 'v1', kind: 'Secret', namespace: 'several', name: 'token' },
    draft => {
      draft.data.password = 'b3RoZXI=';
    },
  );
  const { text, json } = await argocd.get(path);
  expect(text).not.toMatch(/Y2FuYXJ5|b3RoZXI|c2FtZQ/);
  const secret = json.items.find(
    ({ kind }: { kind: string }) => kind === 'Secret',
  );
  const data = (state: string) => JSON.parse(secret[state]).data;
  expect(data('targetState')).toEqual({
    password: '++++++++',
    same: '++++++++',
  });
  expect(data('liveState')).toEqual({
    password: '++++++++++++',
    same: '++++++++',
  });
  expect(secret.modified).toBe(true);
  const deployment = json.items.find(
    ({ kind }: { kind: string }) => kind === 'Deployment',
  );
  expect(deployment.modified).toBeUndefined();
  expect(deployment.normalizedLiveState).toBe(deployment.predictedLiveState);
  const query =
    'namespace=several&resourceName=token&version=v1&kind=Secret&group=';
  const one = await get(`/api/v1/applications/several/resource?${query}`);
  expect(JSON.parse(one.manifest).data.password).toBe('++++++++');
  expect(
    (await argocd.get('/api/v1/applications/several/manifests')).text,
  ).not.toMatch(/Y2FuYXJ5/);
  const diff = await get('/api/v1/applications/several/server-side-diff');
  expect(diff.modified).toBe(true);
});

it('an Application in another namespace is another one, with rights of its own', async () => {
  await argocd.settle();
  const teams = await get(
    '/api/v1/applications/manual?appNamespace=teams&project=storefront',
  );
  expect(teams.metadata.namespace).toBe('teams');
  const synced = await argocd.post('/api/v1/applications/manual/sync', {
    appNamespace: 'teams',
  });
  expect(synced.json.metadata.namespace).toBe('teams');
  await argocd.until('teams_manual', settled);
  expect(argocd.application('manual').status.history).toHaveLength(1);
  const live = argocd.store.get({
    apiVersion: 'v1',
    kind: 'Service',
    namespace: 'elsewhere',
    name: 'orders',
  });
  expect(live!.metadata.annotations).toEqual({
    'argocd.argoproj.io/tracking-id': 'teams_manual:/Service:elsewhere/orders',
  });
  // A list by name alone has one of the two.
  const lists = ['', '&appNamespace=argocd', '&appNamespace=teams'].map(more =>
    get(`/api/v1/applications?name=manual${more}`),
  );
  const [any, ...certain] = await Promise.all(lists);
  expect(any.items).toHaveLength(1);
  expect(
    certain.map(({ items }) => items[0].metadata.namespace as string),
  ).toEqual(['argocd', 'teams']);
  const limited = { token: argocd.limitedToken };
  expect(
    (
      await argocd.get(
        '/api/v1/applications/manual?appNamespace=teams',
        limited,
      )
    ).status,
  ).toBe(403);
  expect(
    (await argocd.get('/api/v1/applications/manual', limited)).status,
  ).toBe(200);
});

it('a destination that is not known is a condition', async () => {
  const { status } = await argocd.until(
    'nowhere',
    app => app.status.conditions,
  );
  expect(status).toMatchObject({
    sync: { status: 'Unknown' },
    health: { status: 'Unknown' },
    conditions: [
      {
        type: 'InvalidSpecError',
        message: expect.stringContaining(
          'there are no clusters with this name: lost',
        ),
      },
    ],
  });
});

it('a patch is tried before it is stored, and acts at once', async () => {
  await argocd.settle();
  const patch = (body: object) =>
    argocd.call('PATCH', '/api/v1/applications/manual', {
      ...admin(),
      body: JSON.stringify(body),
    });
  expect(
    (await patch({ patch: '{}', patchType: 'strategic' })).json.message,
  ).toBe("Patch type 'strategic' is not supported");
  const wrong = await patch({
    patchType: 'merge',
    patch: '{"spec":{"source":{"path":"nowhere"}}}',
  });
  expect([wrong.status, wrong.json.code]).toEqual([400, 3]);
  const on = await patch({
    patch: '[{"op":"add","path":"/spec/syncPolicy","value":{"automated":{}}}]',
  });
  expect(on.json.spec.syncPolicy).toEqual({ automated: {} });
  const off = await patch({
    patchType: 'merge',
    patch: '{"spec":{"syncPolicy":{"automated":null}}}',
  });
  expect(off.json.spec.syncPolicy).toEqual({});
  const spec = { ...off.json.spec, revisionHistoryLimit: 3 };
  const put = await argocd.call('PUT', '/api/v1/applications/manual/spec', {
    ...admin(),
    body: JSON.stringify(spec),
  });
  expect(put.json).toEqual(spec);
  const limited = await argocd.call('PATCH', '/api/v1/applications/manual', {
    body: '{"patch":"[]"}',
  });
  expect(limited.status).toBe(403);
});

it('a log-in ends after the time that it is given', async () => {
  const { json } = await argocd.post('/api/v1/session', {
    username: 'portal',
    password: 'portal-password',
  });
  const ask = async () =>
    (await argocd.get('/api/v1/applications', { token: json.token })).status;
  expect(await ask()).toBe(200);
  const [, claims] = json.token.split('.');
  const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  expect(exp - iat).toBe(2);
  const end = Date.now() + 5_000;
  while ((await ask()) === 200 && Date.now() < end) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  expect(await ask()).toBe(401);
});
