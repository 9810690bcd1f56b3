import { randomBytes } from 'node:crypto';
import { mockServices } from '@backstage/backend-test-utils';
import { AppsV1Api, CoreV1Api, V1Deployment } from '@kubernetes/client-node';
import { DefaultFleet } from '../service/DefaultFleet';
import { ClusterWorld, clusterWorlds } from './clusterWorlds';
import { eventually } from './eventually';

const IN_TIME = { timeoutMs: 60_000 };
const REPLICAS = 2;

describe.each(clusterWorlds('the fleet is'))('the fleet and %s', (_, open) => {
  const namespace = `switchyard-contract-${randomBytes(4).toString('hex')}`;
  let world: ClusterWorld;
  let fleet: DefaultFleet;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  const deployment = (image: string): V1Deployment => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'contract', namespace, labels: { team: 'contract' } },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: { app: 'contract' } },
      template: {
        metadata: { labels: { app: 'contract' } },
        spec: { containers: [{ name: 'main', image }] },
      },
    },
  });
  const workload = () =>
    fleet.workloads({
      cluster: world.cluster.name,
      namespace,
      name: 'contract',
    })[0];
  const readyPods = (image: string) =>
    fleet
      .pods({
        cluster: world.cluster.name,
        namespace,
        labels: { app: 'contract' },
      })
      .filter(pod => pod.ready && !pod.deletedAt)
      .filter(pod => pod.containers[0].image === image);

  beforeAll(async () => {
    world = await open();
    core = world.cluster.kubeConfig.makeApiClient(CoreV1Api);
    apps = world.cluster.kubeConfig.makeApiClient(AppsV1Api);
    const logger = mockServices.logger.mock();
    fleet = DefaultFleet.create({
      argo: [],
      logger: mockServices.logger.mock({ child: () => logger }),
    });
    fleet.setClusterSource(async () => [world.cluster]);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
  });
  afterAll(async () => {
    fleet?.stop();
    await core?.deleteNamespace({ name: namespace });
    await world?.close();
  });

  it('gets live, and says which kinds it watches', async () => {
    const stateOf = (kind: string) =>
      fleet.clusters()[0]?.kinds.find(each => each.kind === kind)?.state;
    // The cluster does not wait for all kinds.
    for (const kind of ['Pod', 'Deployment', 'ReplicaSet', 'Job', 'Event']) {
      await eventually(() => stateOf(kind) === 'live', IN_TIME);
    }
    expect(fleet.clusters()[0].state).toBe('live');
  });

  it('sees a Deployment, its ReplicaSet and its pods get ready', async () => {
    const [image] = world.images;
    await apps.createNamespacedDeployment({
      namespace,
      body: deployment(image),
    });
    await eventually(() => readyPods(image).length === REPLICAS, IN_TIME);
    await eventually(() => workload()?.ready === REPLICAS, IN_TIME);
    expect(workload()).toMatchObject({
      kind: 'Deployment',
      desired: REPLICAS,
      containers: [{ name: 'main', image }],
      labels: { team: 'contract' },
    });
    const [pod] = readyPods(image);
    expect(pod).toMatchObject({
      phase: 'Running',
      node: expect.any(String),
      owner: { kind: 'ReplicaSet' },
    });
    const [replicaSet] = fleet.replicaSets({ uid: pod.owner!.uid });
    expect(replicaSet.owner).toMatchObject({ name: 'contract' });
  });

  it('gives the object as the API server does, without what only the API server needs', async () => {
    const [pod] = readyPods(world.images[0]);
    const live = await core.readNamespacedPod({ namespace, name: pod.name });
    const held = fleet.object({
      cluster: world.cluster.name,
      uid: pod.uid,
    }) as any;
    expect(held.metadata.uid).toBe(live.metadata!.uid);
    expect(held.spec.nodeName).toBe(live.spec!.nodeName);
    expect(held.metadata.managedFields).toBeUndefined();
  });

  it('sees a new image roll out', async () => {
    const [before, after] = world.images;
    await apps.replaceNamespacedDeployment({
      name: 'contract',
      namespace,
      body: deployment(after),
    });
    await eventually(
      () =>
        readyPods(after).length === REPLICAS && readyPods(before).length === 0,
      IN_TIME,
    );
    await eventually(
      () =>
        workload().observedGeneration === workload().generation &&
        workload().updated === REPLICAS,
      IN_TIME,
    );
    expect(workload().revision).toBe(2);
  });

  it('sees why a pod cannot be scheduled, and its event', async () => {
    await core.createNamespacedPod({
      namespace,
      body: {
        metadata: { name: 'nowhere' },
        spec: {
          nodeSelector: { 'switchyard.contract/nowhere': 'true' },
          containers: [{ name: 'main', image: world.images[0] }],
        },
      },
    });
    const nowhere = () =>
      fleet.pods({
        cluster: world.cluster.name,
        namespace,
        name: 'nowhere',
      })[0];
    await eventually(() => nowhere()?.reason === 'Unschedulable', IN_TIME);
    expect(nowhere().message).toMatch(/0\/\d+ nodes are available/);
    await eventually(
      () =>
        fleet
          .eventsAbout({ cluster: world.cluster.name, uid: nowhere().uid })
          .some(event => event.reason === 'FailedScheduling'),
      IN_TIME,
    );
  });

  it('forgets what was deleted', async () => {
    await apps.deleteNamespacedDeployment({
      name: 'contract',
      namespace,
      body: { propagationPolicy: 'Background' },
    });
    await eventually(
      () =>
        workload() === undefined &&
        fleet.pods({
          cluster: world.cluster.name,
          namespace,
          labels: { app: 'contract' },
        }).length === 0,
      IN_TIME,
    );
    expect(workload()).toBeUndefined();
  });
});
