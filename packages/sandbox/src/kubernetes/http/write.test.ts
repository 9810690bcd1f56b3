import { ApiCall, callApi } from '../tests/callApi';
import {
  deployment,
  startTestCluster,
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

describe('write', () => {
  beforeEach(() => {
    cluster.store.apply(deployment({}), { manager: 'test' });
  });

  const patch = (body: unknown, type: string, query = '') =>
    call(`${DEPLOYMENTS}/orders${query}`, { method: 'PATCH', type, body });
  const template = (container: object) => ({
    spec: { template: { spec: { containers: [container] } } },
  });
  const live = () => cluster.find('Deployment', 'orders');

  it('patches in three ways', async () => {
    const strategic = await patch(
      template({ name: 'orders', image: 'orders:2' }),
      'application/strategic-merge-patch+json',
    );
    expect(strategic.body.spec.template.spec.containers[0]).toMatchObject({
      image: 'orders:2',
      args: ['serve'],
    });
    const json = await patch(
      [{ op: 'replace', path: '/spec/replicas', value: 7 }],
      'application/json-patch+json',
    );
    expect(json.body.spec.replicas).toBe(7);
    const merge = await patch(
      { metadata: { annotations: { note: 'x' } } },
      'application/merge-patch+json',
    );
    expect(merge.body.metadata.annotations.note).toBe('x');
    expect((await patch({}, 'text/plain')).status).toBe(415);
    expect(live().metadata.generation).toBe(3);
  });

  it('refuses to overwrite what changed meanwhile', async () => {
    const seen = (await call(`${DEPLOYMENTS}/orders`)).body;
    await patch({ spec: { replicas: 5 } }, 'application/merge-patch+json');
    const late = await call(`${DEPLOYMENTS}/orders`, {
      method: 'PUT',
      body: { ...seen, spec: { ...seen.spec, replicas: 9 } },
    });
    expect(late).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on deployments.apps "orders": the object has been modified; please apply your changes to the latest version and try again',
      },
    });
    expect(
      (
        await patch(
          { metadata: { resourceVersion: '1' } },
          'application/merge-patch+json',
        )
      ).status,
    ).toBe(409);
    expect(live().spec.replicas).toBe(5);
  });

  it('does everything but store in a dry run', async () => {
    const { status, body } = await patch(
      { spec: { replicas: 9 } },
      'application/merge-patch+json',
      '?dryRun=All',
    );
    expect([status, body.spec.replicas]).toEqual([200, 9]);
    expect(live().spec.replicas).toBe(4);
    const created = await call(`${CONFIG_MAPS}?dryRun=All`, {
      method: 'POST',
      body: { metadata: { name: 'dry' } },
    });
    expect(created.status).toBe(201);
    expect((await call(`${CONFIG_MAPS}/dry`)).status).toBe(404);
    await call(`${DEPLOYMENTS}/orders?dryRun=All`, { method: 'DELETE' });
    expect(live()).toBeDefined();
    expect(
      (
        await patch(
          { spec: { replicas: -1 } },
          'application/merge-patch+json',
          '?dryRun=All',
        )
      ).status,
    ).toBe(422);
  });

  it('treats unknown fields as it is told', async () => {
    const body = template({ name: 'orders', imgae: 'x' });
    const type = 'application/strategic-merge-patch+json';
    const strict = await patch(body, type, '?fieldValidation=Strict');
    expect([strict.status, strict.body.message]).toEqual([
      400,
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].imgae"',
    ]);
    const warned = await patch(body, type, '?fieldValidation=Warn');
    expect(warned.headers.get('warning')).toBe(
      '299 - "unknown field \\"spec.template.spec.containers[0].imgae\\""',
    );
    expect(
      (await patch(body, type, '?fieldValidation=Ignore')).headers.get(
        'warning',
      ),
    ).toBeNull();
    expect(JSON.stringify(live())).not.toContain('imgae');
  });

  it('keeps spec and status apart', async () => {
    const before = live();
    const viaStatus = await call(`${DEPLOYMENTS}/orders/status`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { spec: { replicas: 9 }, status: { readyReplicas: 1 } },
    });
    expect([
      viaStatus.body.spec.replicas,
      viaStatus.body.status.readyReplicas,
    ]).toEqual([4, 1]);
    expect(viaStatus.body.metadata.generation).toBe(before.metadata.generation);
    const viaObject = await patch(
      { status: { readyReplicas: 99 } },
      'application/merge-patch+json',
    );
    expect(viaObject.body.status.readyReplicas).toBe(1);
  });

  it('scales through the subresource', async () => {
    const path = `${DEPLOYMENTS}/orders/scale`;
    const scale = (await call(path)).body;
    expect(scale).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 4 },
      status: { selector: 'app.kubernetes.io/name=orders' },
    });
    const put = await call(path, {
      method: 'PUT',
      body: { ...scale, spec: { replicas: 2 } },
    });
    expect([put.status, put.body.spec.replicas, live().spec.replicas]).toEqual([
      200, 2, 2,
    ]);
  });

  it('deletes what a selector finds', async () => {
    addMap('a', { gone: 'yes' });
    addMap('b', { gone: 'yes' });
    addMap('c');
    const { status } = await call(`${CONFIG_MAPS}?labelSelector=gone%3Dyes`, {
      method: 'DELETE',
    });
    expect(status).toBe(200);
    const left = (await call(CONFIG_MAPS)).body.items.map(
      (item: any) => item.metadata.name,
    );
    expect(left).toEqual(['c', 'kube-root-ca.crt']);
  });

  it('deletes only the object that was meant', async () => {
    const wrong = await call(`${DEPLOYMENTS}/orders`, {
      method: 'DELETE',
      body: { preconditions: { uid: 'other' } },
    });
    expect(wrong).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect(live()).toBeDefined();
  });
});
