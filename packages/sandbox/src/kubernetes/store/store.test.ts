import { ApiError } from '../ApiError';
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

const map = (name: string, data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'storefront' },
  data,
});
const add = (object: KubernetesObject) =>
  cluster.add(object, { manager: 'test' });
const apply = (object: KubernetesObject, manager = 'argocd-controller') =>
  cluster.store.apply(object, { manager });
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function failure(act: () => unknown): ApiError {
  try {
    act();
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('It did not fail');
}

describe('create', () => {
  it('gives what a server gives: uid, version, time, defaults, status', () => {
    const created = add(deployment({}));
    expect(created.metadata).toMatchObject({
      uid: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      resourceVersion: expect.stringMatching(/^\d+$/),
      generation: 1,
      creationTimestamp: '2026-11-20T12:00:01Z',
    });
    expect(created.spec).toMatchObject({
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      },
    });
    expect(created.spec.template.spec).toMatchObject({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
    });
    expect(created.spec.template.spec.containers[0]).toMatchObject({
      imagePullPolicy: 'IfNotPresent',
      ports: [{ protocol: 'TCP' }],
      readinessProbe: { failureThreshold: 3, httpGet: { scheme: 'HTTP' } },
    });
  });

  it('refuses a name that is taken, a namespace that is not there', () => {
    add(map('a', {}));
    expect(failure(() => add(map('a', {}))).status).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
    });
    const elsewhere = {
      ...map('a', {}),
      metadata: { name: 'a', namespace: 'nowhere' },
    };
    expect(failure(() => add(elsewhere)).status).toMatchObject({
      code: 404,
      message: 'namespaces "nowhere" not found',
    });
  });

  it.each<[string, Parameters<typeof deployment>[0], string]>([
    [
      'labels that the selector does not match',
      { spec: { selector: { matchLabels: { app: 'other' } } } },
      'Deployment.apps "orders" is invalid: spec.template.metadata.labels: Invalid value: {"app.kubernetes.io/name":"orders"}: `selector` does not match template `labels`',
    ],
    [
      'no image',
      { container: { image: undefined } },
      'Deployment.apps "orders" is invalid: spec.template.spec.containers[0].image: Required value',
    ],
    [
      'less than no pods',
      { replicas: -1 },
      'Deployment.apps "orders" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'a volume that is not there',
      { container: { volumeMounts: [{ name: 'x', mountPath: '/x' }] } },
      'Deployment.apps "orders" is invalid: spec.template.spec.containers[0].volumeMounts[0].name: Not found: "x"',
    ],
    [
      'a strategy of the other kind',
      {
        spec: {
          strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } },
        },
      },
      'Deployment.apps "orders" is invalid: spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is \'Recreate\'',
    ],
  ])('refuses %s with 422', (_, change, message) => {
    expect(failure(() => add(deployment(change))).status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message,
    });
  });

  it('refuses a name that is none', () => {
    expect(failure(() => add(map('Not_A_Name', {}))).status).toMatchObject({
      code: 422,
      details: {
        causes: [{ field: 'metadata.name', reason: 'FieldValueInvalid' }],
      },
    });
  });

  it('says 501 for kinds that are only listed, and for others', () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'a', namespace: 'storefront' },
    };
    expect(failure(() => add(policy)).message).toBe(
      'The sandbox does not implement: create networkpolicies.networking.k8s.io',
    );
    expect(
      failure(() => add({ ...policy, apiVersion: 'x/v1', kind: 'Thing' })).code,
    ).toBe(501);
  });

  it('keeps the text of a secret as bytes', () => {
    const secret = add({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'storefront' },
      stringData: { key: 'value' },
    });
    expect(secret).toMatchObject({ type: 'Opaque', data: { key: 'dmFsdWU=' } });
    expect(secret).not.toHaveProperty('stringData');
  });
});

describe('apply', () => {
  it('notes what it applied, and a second time changes nothing', () => {
    const { object, changed } = apply(deployment({}));
    expect(changed).toBe(true);
    expect(
      JSON.parse(object.metadata.annotations![LAST_APPLIED]),
    ).toMatchObject(deployment({}));
    const again = apply(deployment({}));
    expect(again.changed).toBe(false);
    expect(again.object.metadata.resourceVersion).toBe(
      object.metadata.resourceVersion,
    );
  });

  it('counts a generation for a new spec, none for a label', () => {
    apply(deployment({}));
    const relabelled = deployment({});
    relabelled.metadata.labels = {
      ...relabelled.metadata.labels,
      team: 'storefront',
    };
    expect(apply(relabelled).object.metadata.generation).toBe(1);
    expect(
      apply(deployment({ image: 'orders:2' })).object.metadata.generation,
    ).toBe(2);
  });

  it('removes what it no longer sets and keeps what others set', () => {
    apply(map('a', { one: '1', two: '2' }));
    const live = cluster.find('ConfigMap', 'a');
    cluster.store.apply(
      { ...map('a', { one: '1', two: '2', three: '3' }) },
      { manager: 'other' },
    );
    const { object } = apply(map('a', { two: '2' }));
    expect(object.data).toEqual({ two: '2' });
    expect(object.metadata.uid).toBe(live.metadata.uid);
  });

  it('leaves a size alone that the manifest does not name', () => {
    const manifest = deployment({});
    delete manifest.spec.replicas;
    apply(manifest);
    const scaled = cluster.find('Deployment', 'orders');
    expect(scaled.spec.replicas).toBe(1);
    apply({ ...manifest, spec: { ...manifest.spec, paused: true } });
    expect(cluster.find('Deployment', 'orders').spec).toMatchObject({
      replicas: 1,
      paused: true,
    });
  });

  it('refuses to change what is fixed', () => {
    apply(deployment({}));
    const labels = { 'app.kubernetes.io/name': 'orders', more: 'x' };
    const changed = deployment({ spec: { selector: { matchLabels: labels } } });
    changed.spec.template.metadata.labels = labels;
    expect(failure(() => apply(changed)).message).toContain(
      'spec.selector: Invalid value',
    );
    expect(failure(() => apply(changed)).message).toContain(
      'field is immutable',
    );
  });

  it('knows whether it would change something', () => {
    expect(cluster.store.differs(deployment({}))).toBe(true);
    apply(deployment({}));
    cluster.clock.advance(60_000);
    expect(cluster.store.differs(deployment({}))).toBe(false);
    expect(cluster.store.differs(deployment({ image: 'orders:2' }))).toBe(true);
    const defaulted = deployment({
      spec: { revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
    });
    expect(cluster.store.differs(defaulted)).toBe(false);
  });

  it('sees that somebody else changed what the manifest sets', () => {
    apply(map('a', { one: '1' }));
    apply(map('b', { one: '1' }));
    cluster.store.apply(map('a', { one: 'changed' }), {
      manager: 'kubectl-edit',
    });
    expect(cluster.store.differs(map('a', { one: '1' }))).toBe(true);
    expect(cluster.store.differs(map('b', { one: '1' }))).toBe(false);
  });
});

describe('managedFields', () => {
  it('gives a field to whoever changed it last', () => {
    add(map('a', { one: '1', two: '2' }));
    apply(map('a', { two: 'x' }), 'second');
    const fields = cluster.find('ConfigMap', 'a').metadata
      .managedFields as any[];
    expect(fields.map(entry => entry.manager)).toEqual(['test', 'second']);
    expect(fields[0].fieldsV1['f:data']).toHaveProperty('f:one');
    expect(fields[0].fieldsV1['f:data']).not.toHaveProperty('f:two');
    expect(fields[1].fieldsV1['f:data']).toEqual({ 'f:two': {} });
    expect(fields[1]).toMatchObject({
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
    });
  });

  it('names items of lists by their keys', () => {
    const [entry] = add(
      deployment({ container: { env: [{ name: 'A', value: '1' }] } }),
    ).metadata.managedFields as any[];
    const container =
      entry.fieldsV1['f:spec']['f:template']['f:spec']['f:containers'][
        'k:{"name":"orders"}'
      ];
    expect(container).toMatchObject({
      '.': {},
      'f:image': {},
      'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:value': {} } },
      'f:ports': {
        'k:{"containerPort":8080,"protocol":"TCP"}': { 'f:name': {} },
      },
    });
  });
});

it('gives every change of the cluster its own, higher version', () => {
  const versions: number[] = [];
  const stop = cluster.store.watch(({ object }) =>
    versions.push(Number(object.metadata.resourceVersion)),
  );
  apply(deployment({}));
  cluster.clock.advance(60_000);
  stop();
  expect(versions.length).toBeGreaterThan(20);
  expect(
    versions.every(
      (version, index) => index === 0 || version === versions[index - 1] + 1,
    ),
  ).toBe(true);
});
