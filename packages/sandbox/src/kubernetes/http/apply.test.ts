import { callApi } from '../tests/callApi';
import {
  deployment,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';
import { Json } from '../json';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const DEPLOYMENTS = '/apis/apps/v1/namespaces/storefront/deployments';
const CONFIG_MAPS = '/api/v1/namespaces/storefront/configmaps';

interface Apply {
  manager?: string;
  force?: boolean;
  query?: string;
}

function apply(path: string, body: unknown, options: Apply = {}) {
  const { manager = 'one', force = false, query = '' } = options;
  return callApi(
    cluster,
    `${path}?fieldManager=${manager}${force ? '&force=true' : ''}${query}`,
    { method: 'PATCH', type: 'application/apply-patch+yaml', body },
  );
}

function edit(path: string, body: unknown, manager = 'editor') {
  return callApi(cluster, `${path}?fieldManager=${manager}`, {
    method: 'PATCH',
    type: 'application/strategic-merge-patch+json',
    body,
  });
}

function configMap(data: Json | undefined, metadata: Json = {}): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** `one Apply f:data.f:a`: who owns what. */
function owners(object: any): string[] {
  return (object.metadata.managedFields as any[]).map(
    ({ manager, operation, subresource, fieldsV1 }) =>
      `${manager} ${operation}${
        subresource ? ` ${subresource}` : ''
      } ${Object.keys(fieldsV1['f:data'] ?? fieldsV1['f:status'] ?? {})
        .filter(key => key !== '.')
        .sort()
        .join()}`,
  );
}

describe('a server-side apply', () => {
  it('makes an object that is not there, and owns what it names', async () => {
    const body = deployment({ name: 'first' });
    const made = await apply(`${DEPLOYMENTS}/first`, body);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      metadata: { generation: 1 },
      // Defaults are the server's, and nobody's.
      spec: { progressDeadlineSeconds: 600 },
    });
    expect(made.body.metadata.managedFields).toEqual([
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: '2026-11-20T12:00:01Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"first"}': {
                    '.': {},
                    'f:args': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': {
                      'k:{"containerPort":8080,"protocol":"TCP"}': {
                        '.': {},
                        'f:containerPort': {},
                        'f:name': {},
                      },
                    },
                    'f:readinessProbe': {
                      'f:httpGet': { 'f:path': {}, 'f:port': {} },
                      'f:periodSeconds': {},
                    },
                  },
                },
              },
            },
          },
        },
      },
    ]);
    const again = await apply(`${DEPLOYMENTS}/first`, body);
    expect([again.status, again.body.metadata.resourceVersion]).toEqual([
      200,
      made.body.metadata.resourceVersion,
    ]);
  });

  it.each<{
    rule: string;
    steps: Array<[data: Json | undefined, options?: Apply]>;
    data: Json | undefined;
    owned: string[];
  }>([
    {
      rule: 'what a manager applies no more goes',
      steps: [[{ a: '1', b: '1' }], [{ b: '1' }]],
      data: { b: '1' },
      owned: ['one Apply f:b'],
    },
    {
      rule: 'what another applies too stays',
      steps: [
        [{ a: '1', b: '1' }],
        [{ a: '1' }, { manager: 'two' }],
        [{ b: '1' }],
      ],
      data: { a: '1', b: '1' },
      owned: ['two Apply f:a', 'one Apply f:b'],
    },
    {
      rule: 'what another has besides is not touched',
      steps: [[{ a: '1' }, { manager: 'two' }], [{ b: '1' }], [{}]],
      data: { a: '1' },
      owned: ['two Apply f:a', 'one Apply '],
    },
    {
      rule: 'force takes a field from its owner',
      steps: [
        [{ a: '1', b: '1' }, { manager: 'two' }],
        [{ a: '2' }, { force: true }],
      ],
      data: { a: '2', b: '1' },
      owned: ['two Apply f:b', 'one Apply f:a'],
    },
    {
      rule: 'nothing is left when its only owner applies nothing',
      steps: [[{ a: '1' }], [undefined]],
      data: undefined,
      owned: [],
    },
  ])('$rule', async ({ rule, steps, data, owned }) => {
    const path = `${CONFIG_MAPS}/${rule.replace(/\W+/g, '-')}`;
    let last: any;
    for (const [given, options] of steps) {
      last = await apply(path, configMap(given), options);
      expect([200, 201]).toContain(last.status);
    }
    expect(last.body.data).toEqual(data);
    expect(last.body.metadata.managedFields ? owners(last.body) : []).toEqual(
      owned,
    );
  });

  it('refuses what somebody else has written differently, in the words of the API server', async () => {
    const path = `${DEPLOYMENTS}/disputed`;
    const body = deployment({ name: 'disputed' });
    await apply(path, body);
    cluster.clock.advance(1_000);
    await edit(path, {
      spec: {
        template: {
          spec: { containers: [{ name: 'disputed', image: 'other:v2' }] },
        },
      },
    });
    const time = cluster.find('Deployment', 'disputed').metadata
      .managedFields as any[];
    const at = time.find(({ manager }) => manager === 'editor').time;
    const image = '.spec.template.spec.containers[name="disputed"].image';
    const one = await apply(path, body);
    expect(one.status).toBe(409);
    expect(one.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `Apply failed with 1 conflict: conflict with "editor" using apps/v1 at ${at}: ${image}`,
      reason: 'Conflict',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: `conflict with "editor" using apps/v1 at ${at}`,
            field: image,
          },
        ],
      },
      code: 409,
    });
    await callApi(cluster, `${path}/scale?fieldManager=scaler`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { spec: { replicas: 7 } },
    });
    const two = await apply(path, body);
    expect(two.body.message).toMatch(
      new RegExp(
        `^Apply failed with 2 conflicts: conflicts with "editor" using apps/v1 at \\S+:\n- ${image.replace(
          /[.[\]]/g,
          '\\$&',
        )}\nconflicts with "scaler" with subresource "scale" using apps/v1 at \\S+:\n- \\.spec\\.replicas$`,
      ),
    );
    // The same value is no conflict, and then has two owners.
    const agreed = await apply(
      path,
      deployment({ name: 'disputed', image: 'other:v2', replicas: 7 }),
    );
    expect(agreed.status).toBe(200);
    const forced = await apply(path, body, { force: true });
    expect(forced.body.spec.replicas).toBe(4);
    expect(
      forced.body.metadata.managedFields.map(({ manager }: any) => manager),
    ).toEqual(['one', 'kube-controller-manager']);
  });

  it('keeps a list in the order in which it is applied, with what others put between', async () => {
    const path = `${DEPLOYMENTS}/ordered`;
    const variables = (...names: string[]) =>
      deployment({
        name: 'ordered',
        container: { env: names.map(name => ({ name, value: name })) },
      });
    await apply(path, variables('A', 'B', 'C'));
    await edit(path, {
      spec: {
        template: {
          spec: {
            containers: [{ name: 'ordered', env: [{ name: 'X', value: 'X' }] }],
            $setElementOrder: undefined,
          },
        },
      },
    });
    const { body } = await apply(path, variables('C', 'B', 'D'));
    const { env } = body.spec.template.spec.containers[0];
    expect(env.map(({ name }: any) => name).sort()).toEqual([
      'B',
      'C',
      'D',
      'X',
    ]);
    expect(
      env.map(({ name }: any) => name).filter((name: string) => name !== 'X'),
    ).toEqual(['C', 'B', 'D']);
  });

  it('leaves the status alone, and the rest to an apply of the status', async () => {
    const path = `${DEPLOYMENTS}/reported`;
    await apply(path, {
      ...deployment({ name: 'reported' }),
      status: { replicas: 9 },
    });
    const status = { conditions: [{ type: 'Tested', status: 'True' }] };
    const reported = await apply(
      `${path}/status`,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        spec: { replicas: 1 },
        status,
      },
      { manager: 'reporter' },
    );
    expect(reported.body.spec.replicas).toBe(4);
    expect(reported.body.status.conditions).toContainEqual(
      status.conditions[0],
    );
    expect(reported.body.status.replicas ?? 0).not.toBe(9);
    expect(owners(reported.body)).toContain(
      'reporter Apply status f:conditions',
    );
  });

  it('takes over what kubectl applied on the client side, and keeps its note up to date', async () => {
    const path = `${CONFIG_MAPS}/taken-over`;
    const name = 'taken-over';
    cluster.store.apply(
      configMap({ a: '1' }, { name, namespace: 'storefront' }) as any,
      { manager: 'kubectl-client-side-apply' },
    );
    const changed = await apply(
      path,
      configMap({ a: '2' }, { name, namespace: 'storefront' }),
      {
        manager: 'kubectl',
      },
    );
    expect([changed.status, changed.body.data]).toEqual([200, { a: '2' }]);
    expect(
      JSON.parse(
        changed.body.metadata.annotations[
          'kubectl.kubernetes.io/last-applied-configuration'
        ],
      ).data,
    ).toEqual({ a: '2' });
  });

  it('by Argo CD takes fields from others, and changes nothing the second time', async () => {
    const named = { name: 'synced', namespace: 'storefront' };
    await apply(`${CONFIG_MAPS}/synced`, configMap({ a: '1', b: '1' }, named));
    const sync = () =>
      cluster.store.apply(configMap({ a: '2' }, named) as never, {
        manager: 'argocd-controller',
        serverSide: true,
      });
    const { object, changed } = sync();
    expect([changed, object.data]).toEqual([true, { a: '2', b: '1' }]);
    expect(owners(object)).toEqual([
      'one Apply f:b',
      'argocd-controller Apply f:a',
    ]);
    expect(sync().changed).toBe(false);
  });

  it('divides a custom resource by its members, and takes its lists as a whole', async () => {
    const definition = await callApi(
      cluster,
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      {
        method: 'POST',
        body: {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'gadgets.example.org' },
          spec: {
            group: 'example.org',
            scope: 'Namespaced',
            names: { kind: 'Gadget', plural: 'gadgets' },
            versions: [{ name: 'v1', served: true, storage: true, schema: {} }],
          },
        },
      },
    );
    expect(definition.status).toBe(201);
    cluster.clock.advance(2_000);
    const path = '/apis/example.org/v1/namespaces/storefront/gadgets/one';
    const gadget = (spec: Json) => ({
      apiVersion: 'example.org/v1',
      kind: 'Gadget',
      spec,
    });
    await apply(path, gadget({ size: { width: 1 }, parts: ['a'] }));
    const second = await apply(path, gadget({ size: { height: 2 } }), {
      manager: 'two',
    });
    expect(second.body.spec).toEqual({
      size: { width: 1, height: 2 },
      parts: ['a'],
    });
    const third = await apply(path, gadget({ parts: ['b'] }), {
      manager: 'two',
    });
    expect(third.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.parts',
    );
  });

  it('stores nothing of a dry run', async () => {
    const made = await apply(`${CONFIG_MAPS}/dry`, configMap({ a: '1' }), {
      query: '&dryRun=All',
    });
    expect(made.status).toBe(201);
    expect((await callApi(cluster, `${CONFIG_MAPS}/dry`)).status).toBe(404);
  });

  it.each<[string, string, unknown, number, string]>([
    [
      'without a manager',
      '',
      configMap({}),
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      'without a kind',
      '?fieldManager=one',
      { data: {} },
      400,
      'invalid object type: /, Kind=',
    ],
    [
      'of another kind',
      '?fieldManager=one',
      { apiVersion: 'v1', kind: 'Secret' },
      400,
      'the API version in the data (v1, Kind=Secret) does not match the expected API version (v1, Kind=ConfigMap)',
    ],
    [
      'with managers of its own',
      '?fieldManager=one',
      configMap({}, { managedFields: [{}] }),
      400,
      'metadata.managedFields must be nil',
    ],
    [
      'under another name',
      '?fieldManager=one',
      configMap({}, { name: 'b' }),
      400,
      'the name of the object (b) does not match the name on the URL (refused)',
    ],
    [
      'with a field that is not there',
      '?fieldManager=one&fieldValidation=Ignore',
      { ...configMap({}), dta: {} },
      500,
      'failed to create typed patch object (storefront/refused; v1, Kind=ConfigMap): .dta: field not declared in schema',
    ],
    [
      'of an object with a uid that is gone',
      '?fieldManager=one',
      configMap({}, { uid: 'gone' }),
      409,
      'Operation cannot be fulfilled on configmaps "refused": uid mismatch: the provided object specified uid gone, and no existing object was found',
    ],
  ])('is refused %s', async (_, query, body, status, message) => {
    const answer = await callApi(cluster, `${CONFIG_MAPS}/refused${query}`, {
      method: 'PATCH',
      type: 'application/apply-patch+yaml',
      body,
    });
    expect([answer.status, answer.body.message]).toEqual([status, message]);
  });

  it('alone may be forced', async () => {
    await apply(`${CONFIG_MAPS}/plain`, configMap({ a: '1' }));
    const answer = await callApi(cluster, `${CONFIG_MAPS}/plain?force=true`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { data: {} },
    });
    expect([answer.status, answer.body.message]).toEqual([
      422,
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    ]);
  });
});

it('lets a client move fields from one manager to another, and forget them', async () => {
  const path = `${CONFIG_MAPS}/moved`;
  const { body } = await apply(path, configMap({ a: '1' }));
  const [entry] = body.metadata.managedFields;
  const patch = (value: unknown) =>
    callApi(cluster, path, {
      method: 'PATCH',
      type: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/metadata/managedFields', value }],
    });
  const moved = await patch([{ ...entry, manager: 'two' }]);
  expect(owners(moved.body)).toEqual(['two Apply f:a']);
  expect(moved.body.data).toEqual({ a: '1' });
  const forgotten = await patch([{}]);
  expect(forgotten.body.metadata).not.toHaveProperty('managedFields');
  const applied = await apply(path, configMap({ a: '2' }));
  expect(applied.body.message).toMatch(
    /^Apply failed with 1 conflict: conflict with "before-first-apply" using v1 at \S+: \.data\.a$/,
  );
});
