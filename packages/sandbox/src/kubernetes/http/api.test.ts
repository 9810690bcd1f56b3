import { request as httpRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { ApiCall, callApi } from '../tests/callApi';
import {
  deployment,
  startTestCluster,
  TEST_TOKEN,
  TestCluster,
} from '../tests/startTestCluster';
import { KubernetesObject } from '../types';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster();
});
afterEach(() => cluster.close());

const call = (path: string, options?: ApiCall) =>
  callApi(cluster, path, options);

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PODS = '/api/v1/namespaces/storefront/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/storefront/deployments';
const CONFIG_MAPS = '/api/v1/namespaces/storefront/configmaps';

function addMap(
  name: string,
  labels: Record<string, string> = {},
  data: Record<string, string> = {},
): KubernetesObject {
  return cluster.add(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'storefront', labels },
      data,
    },
    { manager: 'test' },
  );
}

function rollOut(replicas = 3) {
  cluster.store.apply(deployment({ replicas }), { manager: 'test' });
  cluster.clock.advance(60_000);
}

describe('who asks', () => {
  it('must have the token', async () => {
    expect(await call('/version', { token: 'other' })).toMatchObject({
      status: 401,
      body: { kind: 'Status', reason: 'Unauthorized', code: 401 },
    });
    const { status, body } = await call('/version');
    expect([status, body.gitVersion]).toEqual([200, 'v1.34.2']);
  });

  it('is told what it may do', async () => {
    const review = (resource: string, group: string) =>
      call('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        method: 'POST',
        body: {
          spec: { resourceAttributes: { resource, group, verb: 'list' } },
        },
      });
    cluster.faults.set({ forbiddenKinds: ['deployments.apps'] });
    expect((await review('pods', '')).body.status.allowed).toBe(true);
    expect((await review('deployments', 'apps')).body.status.allowed).toBe(
      false,
    );
  });
});

describe('discovery', () => {
  it('tells the same in both forms', async () => {
    const legacy = (await call('/apis/apps/v1')).body;
    const all = (
      await call('/apis', {
        accept:
          'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      })
    ).body;
    const apps = all.items.find((item: any) => item.metadata.name === 'apps')
      .versions[0].resources;
    const plain = legacy.resources.filter(
      (each: any) => !each.name.includes('/'),
    );
    expect(apps.map((each: any) => [each.resource, each.verbs])).toEqual(
      plain.map((each: any) => [each.name, each.verbs]),
    );
    const policies = await call('/apis/networking.k8s.io/v1');
    expect(
      policies.body.resources.find(
        (each: any) => each.name === 'networkpolicies',
      ).verbs,
    ).toEqual(['get', 'list', 'watch']);
  });

  it('lists every kind that the Kubernetes tab fetches', async () => {
    for (const path of [
      '/api/v1/pods',
      '/api/v1/services',
      '/api/v1/configmaps',
      '/api/v1/limitranges',
      '/api/v1/resourcequotas',
      '/apis/apps/v1/deployments',
      '/apis/apps/v1/replicasets',
      '/apis/apps/v1/statefulsets',
      '/apis/apps/v1/daemonsets',
      '/apis/autoscaling/v2/horizontalpodautoscalers',
      '/apis/autoscaling/v1/horizontalpodautoscalers',
      '/apis/batch/v1/jobs',
      '/apis/batch/v1/cronjobs',
      '/apis/networking.k8s.io/v1/ingresses',
    ]) {
      const { status, body } = await call(
        `${path}?labelSelector=backstage.io%2Fkubernetes-id%3Dorders`,
      );
      expect({ path, status, items: Array.isArray(body.items) }).toEqual({
        path,
        status: 200,
        items: true,
      });
    }
    expect(cluster.unimplemented).toEqual([]);
  });

  it('describes types so that kubectl can check and merge manifests', async () => {
    const index = (await call('/openapi/v3')).body;
    const document = (await call(index.paths['apis/apps/v1'].serverRelativeURL))
      .body;
    const patch =
      document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']
        .patch;
    expect(patch['x-kubernetes-group-version-kind']).toEqual({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
    });
    expect(patch.parameters.map((each: any) => each.name)).toContain(
      'fieldValidation',
    );
    const spec = document.components.schemas['io.k8s.api.core.v1.PodSpec'];
    expect(spec.properties.containers).toMatchObject({
      'x-kubernetes-patch-merge-key': 'name',
    });
  });
});

describe('what is not there', () => {
  it('is 404 where Kubernetes would say so', async () => {
    expect(await call(`${DEPLOYMENTS}/nothing`)).toMatchObject({
      status: 404,
      body: {
        reason: 'NotFound',
        message: 'deployments.apps "nothing" not found',
        details: { name: 'nothing', group: 'apps', kind: 'deployments' },
      },
    });
    expect((await call('/apis/argoproj.io/v1alpha1/applications')).status).toBe(
      404,
    );
    expect(cluster.unimplemented).toEqual([]);
  });

  it.each([
    [
      'GET',
      '/apis/scheduling.k8s.io/v1/priorityclasses',
      'kubernetes GET priorityclasses.scheduling.k8s.io/v1',
      'application/json',
    ],
    [
      'POST',
      '/apis/networking.k8s.io/v1/namespaces/storefront/networkpolicies',
      'kubernetes create networkpolicies.networking.k8s.io',
      'application/json',
    ],
    [
      'POST',
      `${PODS}/a/attach`,
      'kubernetes POST pods/attach',
      'application/json',
    ],
    [
      'PATCH',
      `${DEPLOYMENTS}/orders/scale`,
      'kubernetes server-side apply deployments.apps/scale',
      'application/apply-patch+yaml',
    ],
  ])(
    'is 501 and counted where the sandbox lacks it: %s %s',
    async (method, path, verb, type) => {
      const { status, body } = await call(path, {
        method,
        type,
        body: method === 'GET' ? undefined : { metadata: { name: 'a' } },
      });
      expect([status, body.reason]).toEqual([501, 'NotImplemented']);
      expect(cluster.unimplemented).toEqual([verb]);
    },
  );
});

describe('list', () => {
  it('goes by pages that all show the same moment', async () => {
    for (let index = 0; index < 7; index += 1) {
      addMap(`m${index}`, { part: 'yes' });
    }
    const query = 'labelSelector=part%3Dyes&limit=3';
    const first = (await call(`${CONFIG_MAPS}?${query}`)).body;
    addMap('m1b', { part: 'yes' });
    cluster.store.delete({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'storefront',
      name: 'm5',
    });
    const names = first.items.map((item: any) => item.metadata.name);
    let { metadata } = first;
    while (metadata.continue) {
      const page = (
        await call(`${CONFIG_MAPS}?${query}&continue=${metadata.continue}`)
      ).body;
      expect(page.metadata.resourceVersion).toBe(
        first.metadata.resourceVersion,
      );
      names.push(...page.items.map((item: any) => item.metadata.name));
      metadata = page.metadata;
    }
    expect(names).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']);
    // Items of a list carry neither kind nor apiVersion.
    expect(first.items[0]).not.toHaveProperty('kind');
    expect(
      (
        await call(
          `${CONFIG_MAPS}?continue=${Buffer.from('{"id":"99"}').toString(
            'base64url',
          )}`,
        )
      ).status,
    ).toBe(410);
    expect((await call(`${CONFIG_MAPS}?continue=nonsense`)).status).toBe(400);
  });

  it('refuses a version that was never given out', async () => {
    expect(await call(`${CONFIG_MAPS}?resourceVersion=99999999`)).toMatchObject(
      {
        status: 504,
        body: {
          reason: 'Timeout',
          details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
        },
      },
    );
  });

  it('selects by labels and fields', async () => {
    rollOut();
    const [pod] = cluster.pods();
    const query = `labelSelector=app.kubernetes.io%2Fname%3Dorders&fieldSelector=spec.nodeName%3D${pod.spec.nodeName}`;
    expect((await call(`/api/v1/pods?${query}`)).body.items).toHaveLength(1);
    expect(
      (await call(`/api/v1/pods?fieldSelector=spec.colour%3Dred`)).status,
    ).toBe(400);
    expect((await call(`/api/v1/pods?labelSelector=a%20b`)).status).toBe(400);
  });

  it('prints tables as kubectl shows them', async () => {
    rollOut();
    cluster.clock.advance(600_000);
    const cells = async (path: string) => {
      const { body } = await call(path, { accept: TABLE });
      expect(body.kind).toBe('Table');
      const shown = body.columnDefinitions.map((column: any, index: number) =>
        column.priority === 0 ? index : -1,
      );
      const wanted = shown.filter((index: number) => index >= 0);
      return [
        wanted.map((index: number) => body.columnDefinitions[index].name),
        ...body.rows.map((row: any) =>
          wanted.map((index: number) => row.cells[index]),
        ),
      ];
    };
    const pods = await cells(PODS);
    expect(pods[0]).toEqual(['Name', 'Ready', 'Status', 'Restarts', 'Age']);
    expect(pods[1].slice(1)).toEqual(['1/1', 'Running', '0', '11m']);
    expect(await cells(DEPLOYMENTS)).toEqual([
      ['Name', 'Ready', 'Up-to-date', 'Available', 'Age'],
      ['orders', '3/3', 3, 3, '11m'],
    ]);
    expect((await cells('/api/v1/nodes'))[1].slice(1)).toEqual([
      'Ready',
      '<none>',
      '11m',
      'v1.34.2',
    ]);
    expect((await cells('/api/v1/namespaces/storefront/events'))[0]).toEqual([
      'Last Seen',
      'Type',
      'Reason',
      'Object',
      'Message',
    ]);
    expect((await cells('/api/v1/namespaces/default/services'))[1]).toEqual([
      'kubernetes',
      'ClusterIP',
      '10.96.0.1',
      '<none>',
      '443/TCP',
      '11m',
    ]);
    expect((await cells(CONFIG_MAPS))[1]).toEqual([
      'kube-root-ca.crt',
      1,
      '11m',
    ]);
  });

  it('gives metadata alone when asked', async () => {
    addMap('secretive', {}, { value: 'canary' });
    const accept =
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    const { body } = await call(CONFIG_MAPS, { accept });
    expect(body.kind).toBe('PartialObjectMetadataList');
    expect(JSON.stringify(body)).not.toContain('canary');
    const one = await call(`${CONFIG_MAPS}/secretive`, {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    });
    expect(one.body).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { name: 'secretive' },
    });
    expect(one.body).not.toHaveProperty('data');
  });

  it('compresses what is large, for those who take it', async () => {
    addMap('large', {}, { text: 'x'.repeat(200_000) });
    const bytes = await new Promise<{ encoding?: string; body: Buffer }>(
      (resolve, reject) => {
        httpRequest(
          `${cluster.url}${CONFIG_MAPS}`,
          {
            headers: {
              Authorization: `Bearer ${TEST_TOKEN}`,
              'Accept-Encoding': 'gzip',
            },
          },
          response => {
            const chunks: Buffer[] = [];
            response.on('data', chunk => chunks.push(chunk));
            response.on('end', () =>
              resolve({
                encoding: response.headers['content-encoding'],
                body: Buffer.concat(chunks),
              }),
            );
          },
        )
          .on('error', reject)
          .end();
      },
    );
    expect(bytes.encoding).toBe('gzip');
    expect(bytes.body.length).toBeLessThan(20_000);
    expect(JSON.parse(gunzipSync(bytes.body).toString()).items.length).toBe(2);
  });

  it('shows events in both groups', async () => {
    rollOut(1);
    const core = (
      await call(
        '/api/v1/namespaces/storefront/events?fieldSelector=reason%3DPulling',
      )
    ).body.items[0];
    const newer = (
      await call(
        '/apis/events.k8s.io/v1/namespaces/storefront/events?fieldSelector=reason%3DPulling',
      )
    ).body.items[0];
    expect(newer).toMatchObject({
      note: core.message,
      regarding: core.involvedObject,
      reportingController: 'kubelet',
      deprecatedCount: core.count,
    });
  });
});

describe('faults', () => {
  it('cuts connections, answers late, forbids, refuses the token, asks for patience', async () => {
    cluster.faults.set({ down: true });
    await expect(call('/version')).rejects.toThrow();
    expect(cluster.store.reachable).toBe(false);
    cluster.faults.set({ down: false, latencyMs: 300 });
    const before = performance.now();
    expect((await call('/version')).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(290);
    cluster.faults.set({ latencyMs: 0, forbiddenKinds: ['pods'] });
    expect(await call(PODS)).toMatchObject({
      status: 403,
      body: {
        reason: 'Forbidden',
        message:
          'pods is forbidden: User "kubernetes-admin" cannot list resource "pods" in API group "" in the namespace "storefront"',
      },
    });
    expect((await call(DEPLOYMENTS)).status).toBe(200);
    cluster.faults.set({ forbiddenKinds: [], expiredToken: true });
    expect((await call(PODS)).status).toBe(401);
    cluster.faults.set({ expiredToken: false, tooManyRequests: 1 });
    const busy = await call(PODS);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await call(PODS)).status).toBe(200);
  });

  it('carries a patch out, and holds its answer back or loses it', async () => {
    const path = `${CONFIG_MAPS}/patched`;
    addMap('patched', { patched: 'no' });
    const label = async () => (await call(path)).body.metadata.labels.patched;
    const patch = (patched: string) =>
      call(path, {
        method: 'PATCH',
        type: 'application/merge-patch+json',
        body: { metadata: { labels: { patched } } },
      });
    cluster.faults.set({ droppedPatches: 1 });
    await expect(patch('lost')).rejects.toThrow();
    expect(await label()).toBe('lost');
    cluster.faults.set({ heldPatchMs: 1_000 });
    let isAnswered = false;
    const held = patch('held').finally(() => (isAnswered = true));
    while ((await label()) !== 'held')
      await new Promise(resolve => setTimeout(resolve, 5));
    expect(isAnswered).toBe(false);
    expect((await held).status).toBe(200);
    cluster.faults.clear();
    expect((await patch('again')).status).toBe(200);
  });

  it('hangs until it is over', async () => {
    cluster.faults.set({ hang: true });
    let isOver = false;
    const answer = call('/version').then(
      () => 'answered',
      () => 'cut',
    );
    void answer.then(() => (isOver = true));
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(isOver).toBe(false);
    cluster.faults.clear();
    expect(await answer).toBe('cut');
    expect((await call('/version')).status).toBe(200);
  });
});
