import { PassThrough } from 'node:stream';
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  V1Pod,
  Watch,
} from '@kubernetes/client-node';
import { LiveClock } from '../../world/clock';
import {
  deployment,
  job,
  startTestCluster,
  TEST_TOKEN,
  TestCluster,
} from './startTestCluster';

/** The portal's own client, in real time: so fast that a rollout takes a moment. */
const SPEED = 200;

let cluster: TestCluster<LiveClock>;
let clock: LiveClock;
let config: KubeConfig;
const errors: unknown[] = [];

beforeAll(async () => {
  clock = LiveClock.create({
    speed: SPEED,
    past: new Date(Date.now() - 60_000),
    onError: error => errors.push(error),
  });
  cluster = await startTestCluster({ clock });
  clock.goLive();
  config = new KubeConfig();
  // The client takes plain HTTP only where TLS is not verified anyway.
  config.loadFromClusterAndUser(
    { name: 'test', server: cluster.url, skipTLSVerify: true },
    { name: 'portal', token: TEST_TOKEN },
  );
});
afterAll(async () => {
  await cluster.close();
  clock.close();
  if (errors.length > 0) {
    throw errors[0];
  }
});

async function until<T>(
  read: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (let round = 0; round < 200; round += 1) {
    const value = await read();
    if (value !== undefined) {
      return value;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error('It did not come to that');
}

it('applies on the server side', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const objects = config.makeApiClient(KubernetesObjectApi);
  const settings = (value: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'applied', namespace: 'storefront' },
    data: { value },
  });
  const made = await core.patchNamespacedConfigMap(
    {
      namespace: 'storefront',
      name: 'applied',
      body: settings('1'),
      fieldManager: 'portal',
    },
    setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
  );
  expect(made.metadata?.managedFields).toMatchObject([
    { manager: 'portal', operation: 'Apply' },
  ]);
  const apply = (force: boolean) =>
    objects.patch(
      settings('2'),
      undefined,
      undefined,
      'other',
      force,
      PatchStrategy.ServerSideApply,
    );
  await expect(apply(false)).rejects.toMatchObject({
    code: 409,
    body: expect.stringContaining('conflict with \\"portal\\": .data.value'),
  });
  await expect(apply(true)).resolves.toMatchObject({ data: { value: '2' } });
});

it('creates, patches, reads and deletes', async () => {
  const apps = config.makeApiClient(AppsV1Api);
  const core = config.makeApiClient(CoreV1Api);
  const namespace = 'storefront';
  await apps.createNamespacedDeployment({
    namespace,
    body: deployment({ replicas: 3 }) as never,
  });
  const whole = await until(async () => {
    const { status } = await apps.readNamespacedDeployment({
      namespace,
      name: 'orders',
    });
    return status?.availableReplicas === 3 ? status : undefined;
  });
  expect(whole.conditions?.map(condition => condition.type).sort()).toEqual([
    'Available',
    'Progressing',
  ]);
  const patched = await apps.patchNamespacedDeployment(
    {
      namespace,
      name: 'orders',
      body: {
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: 'orders',
                  image: '127.0.0.1:5001/storefront/orders:v5.3.25',
                },
              ],
            },
          },
        },
      },
    },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  );
  expect(patched.spec?.template.spec?.containers[0]).toMatchObject({
    image: expect.stringMatching(/v5\.3\.25$/),
    args: ['serve'],
  });
  await until(async () => {
    const pods = await core.listNamespacedPod({
      namespace,
      labelSelector: 'app.kubernetes.io/name=orders',
    });
    const isDone =
      pods.items.length === 3 &&
      pods.items.every(pod =>
        /v5\.3\.25$/.test(pod.spec!.containers[0].image!),
      );
    return isDone || undefined;
  });
  await expect(
    apps.readNamespacedDeployment({ namespace, name: 'nothing' }),
  ).rejects.toMatchObject({ code: 404 });
  await apps.deleteNamespacedDeployment({
    namespace,
    name: 'orders',
    propagationPolicy: 'Background',
  });
  await until(async () =>
    (await core.listNamespacedPod({ namespace })).items.length === 0
      ? true
      : undefined,
  );
});

it('watches, and lists and watches as an informer', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const seen: string[] = [];
  const start = await core.listNamespacedConfigMap({ namespace: 'realtime' });
  const controller = await new Watch(config).watch(
    '/api/v1/namespaces/realtime/configmaps',
    {
      resourceVersion: start.metadata?.resourceVersion,
      allowWatchBookmarks: true,
    },
    (type, object) => seen.push(`${type} ${object.metadata.name}`),
    () => undefined,
  );
  const body = { metadata: { name: 'a' }, data: { k: 'v' } };
  await core.createNamespacedConfigMap({ namespace: 'realtime', body });
  await core.replaceNamespacedConfigMap({
    namespace: 'realtime',
    name: 'a',
    body: { ...body, data: { k: 'w' } },
  });
  await core.deleteNamespacedConfigMap({ namespace: 'realtime', name: 'a' });
  await until(() => (seen.length >= 3 ? true : undefined));
  expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  controller.abort();

  const phases = new Set<string>();
  const informer = makeInformer<V1Pod>(
    config,
    '/api/v1/namespaces/realtime/pods',
    () => core.listNamespacedPod({ namespace: 'realtime' }),
  );
  informer.on('update', pod => phases.add(pod.status?.phase ?? ''));
  informer.on('error', () => undefined);
  await informer.start();
  const pod = {
    metadata: { name: 'box' },
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'box', image: 'busybox', command: ['sh', '-c', 'echo done'] },
      ],
    },
  };
  await core.createNamespacedPod({ namespace: 'realtime', body: pod });
  await until(() => (phases.has('Succeeded') ? true : undefined));
  await informer.stop();
});

it('reads and follows logs', async () => {
  const batch = config.makeApiClient(BatchV1Api);
  const core = config.makeApiClient(CoreV1Api);
  await batch.createNamespacedJob({
    namespace: 'platform',
    body: { ...job({}), metadata: { name: 'migrate' } } as never,
  });
  const pod = await until(async () => {
    const [found] = (
      await core.listNamespacedPod({
        namespace: 'platform',
        labelSelector: 'job-name=migrate',
      })
    ).items;
    return found?.status?.phase === 'Succeeded' ? found : undefined;
  });
  const name = pod.metadata!.name!;
  const text = await core.readNamespacedPodLog({
    namespace: 'platform',
    name,
    timestamps: true,
  });
  const lines = text.trim().split('\n');
  expect(lines[0]).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z .*migrate: orders v5\.3\.25$/,
  );
  expect(lines[lines.length - 1]).toMatch(
    /migrate: schema is at version v5\.3\.25$/,
  );
  const tail = await core.readNamespacedPodLog({
    namespace: 'platform',
    name,
    tailLines: 1,
  });
  expect(tail.trim().split('\n')).toHaveLength(1);
  await expect(
    core.readNamespacedPodLog({ namespace: 'platform', name, previous: true }),
  ).rejects.toMatchObject({
    code: 400,
  });

  const serving = {
    metadata: { name: 'serving' },
    spec: {
      containers: [
        {
          name: 'main',
          image: '127.0.0.1:5001/storefront/orders:v5.3.24',
          args: ['serve'],
        },
      ],
    },
  };
  await core.createNamespacedPod({ namespace: 'platform', body: serving });
  await until(async () =>
    (
      await core.readNamespacedPod({ namespace: 'platform', name: 'serving' })
    ).status?.phase === 'Running'
      ? true
      : undefined,
  );
  const stream = new PassThrough();
  let followed = '';
  stream.on('data', chunk => (followed += chunk));
  let isOver = false;
  stream.on('end', () => (isOver = true));
  await new Log(config).log('platform', 'serving', 'main', stream, {
    follow: true,
  });
  await until(() => (/ready after/.test(followed) ? true : undefined));
  expect(isOver).toBe(false);
  await core.deleteNamespacedPod({
    namespace: 'platform',
    name: 'serving',
    gracePeriodSeconds: 0,
  });
  await until(() => (isOver ? true : undefined));
  expect(followed.match(/ready after/g)).toHaveLength(1);
});
