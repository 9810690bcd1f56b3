import {
  deployment,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';
import { isReady } from './pods';

let cluster: TestCluster;

afterEach(() => cluster.close());

const SLOW = { startMs: 20_000, listenMs: 5_000 };
const apply = (change: Parameters<typeof deployment>[0]) =>
  cluster.store.apply(deployment(change), { manager: 'test' });
const orders = () => cluster.find('Deployment', 'orders');
const progressing = () =>
  orders().status.conditions.find((each: any) => each.type === 'Progressing');
const sets = () =>
  cluster.store.list({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    namespace: 'storefront',
  });
const active = () =>
  cluster.pods().filter(pod => !pod.metadata.deletionTimestamp);
const NEXT = '127.0.0.1:5001/storefront/orders:v5.3.25';

async function rolledOut(change: Parameters<typeof deployment>[0] = {}) {
  cluster = await startTestCluster({ behaviour: SLOW });
  apply(change);
  cluster.clock.advance(90_000);
  expect(orders().status).toMatchObject({
    readyReplicas: change.replicas ?? 4,
  });
}

describe('RollingUpdate', () => {
  it.each([
    { replicas: 4, maxSurge: 1, maxUnavailable: 0, most: 5, least: 4 },
    { replicas: 4, maxSurge: '25%', maxUnavailable: '25%', most: 5, least: 3 },
    {
      replicas: 10,
      maxSurge: '25%',
      maxUnavailable: '25%',
      most: 13,
      least: 8,
    },
    { replicas: 3, maxSurge: 0, maxUnavailable: 1, most: 3, least: 2 },
  ])(
    'never has more than $most or fewer than $least pods of $replicas',
    async row => {
      const { maxSurge, maxUnavailable, replicas } = row;
      const spec = {
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge, maxUnavailable },
        },
      };
      await rolledOut({ replicas, spec });
      apply({ replicas, spec, image: NEXT });
      let most = 0;
      let least = Infinity;
      cluster.watchFor(300, () => {
        most = Math.max(most, active().length);
        least = Math.min(least, active().filter(isReady).length);
      });
      expect({ most, least }).toEqual({ most: row.most, least: row.least });
      expect(active().every(pod => pod.spec.containers[0].image === NEXT)).toBe(
        true,
      );
      expect(orders().status).toEqual(
        expect.objectContaining({
          observedGeneration: 2,
          replicas,
          updatedReplicas: replicas,
          readyReplicas: replicas,
          availableReplicas: replicas,
        }),
      );
      expect(orders().status).not.toHaveProperty('unavailableReplicas');
      expect(progressing()).toMatchObject({
        status: 'True',
        reason: 'NewReplicaSetAvailable',
      });
    },
  );

  it('tells each step in events and numbers revisions', async () => {
    await rolledOut();
    expect(orders().metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '1',
    });
    const [first] = sets();
    apply({ image: NEXT });
    cluster.clock.advance(200_000);
    const second = sets().find(
      set => set !== first && set.metadata.name !== first.metadata.name,
    )!;
    expect(orders().metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '2',
    });
    expect(second.metadata.labels!['pod-template-hash']).toBe(
      second.metadata.name.slice('orders-'.length),
    );
    const messages = cluster
      .events('ScalingReplicaSet')
      .map(event => event.message);
    expect(messages).toContain(
      `Scaled up replica set ${first.metadata.name} from 0 to 4`,
    );
    expect(messages).toContain(
      `Scaled up replica set ${second.metadata.name} from 0 to 1`,
    );
    expect(messages).toContain(
      `Scaled down replica set ${first.metadata.name} from 1 to 0`,
    );
  });

  it('goes back to an old set under a new revision, and remembers as many as it is told', async () => {
    await rolledOut({ spec: { revisionHistoryLimit: 1 } });
    for (const version of ['v1', 'v2', 'v3']) {
      apply({
        image: `127.0.0.1:5001/storefront/orders:${version}`,
        spec: { revisionHistoryLimit: 1 },
      });
      cluster.clock.advance(300_000);
    }
    expect(sets()).toHaveLength(2);
    apply({
      image: '127.0.0.1:5001/storefront/orders:v2',
      spec: { revisionHistoryLimit: 1 },
    });
    cluster.clock.advance(300_000);
    const current = sets().find(set => set.spec.replicas === 4)!;
    expect(current.spec.template.spec.containers[0].image).toMatch(/:v2$/);
    expect(current.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '5',
      'deployment.kubernetes.io/revision-history': '3',
    });
  });

  it('waits with the next step until pods have been ready for minReadySeconds', async () => {
    const spec = {
      minReadySeconds: 30,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    };
    cluster = await startTestCluster({
      behaviour: { startMs: 1_000, listenMs: 500 },
    });
    apply({ spec, replicas: 2 });
    cluster.clock.advance(20_000);
    expect(orders().status).toMatchObject({ readyReplicas: 2 });
    expect(orders().status).not.toHaveProperty('availableReplicas');
    cluster.clock.advance(20_000);
    expect(orders().status).toMatchObject({
      readyReplicas: 2,
      availableReplicas: 2,
    });
  });

  it('says that it timed out when nothing progresses, and recovers by a new template', async () => {
    cluster = await startTestCluster({
      pullImage: image =>
        image.endsWith(':none')
          ? { found: false, message: `${image}: not found` }
          : { found: true, digest: `sha256:${'0a'.repeat(32)}` },
    });
    apply({ image: NEXT, spec: { progressDeadlineSeconds: 120 } });
    cluster.clock.advance(60_000);
    apply({
      image: '127.0.0.1:5001/storefront/orders:none',
      spec: { progressDeadlineSeconds: 120 },
    });
    cluster.clock.advance(110_000);
    expect(progressing()).toMatchObject({
      status: 'True',
      reason: 'ReplicaSetUpdated',
    });
    cluster.clock.advance(30_000);
    expect(progressing()).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
    expect(progressing().message).toMatch(
      /^ReplicaSet "orders-\w+" has timed out progressing\.$/,
    );
    apply({ image: NEXT, spec: { progressDeadlineSeconds: 120 } });
    cluster.clock.advance(60_000);
    expect(progressing()).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
    });
  });

  it('stops while it is paused, and goes on', async () => {
    await rolledOut();
    apply({ image: NEXT, spec: { paused: true } });
    cluster.clock.advance(60_000);
    expect(progressing()).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
    });
    expect(active().some(pod => pod.spec.containers[0].image === NEXT)).toBe(
      false,
    );
    apply({ image: NEXT, spec: { paused: false } });
    cluster.clock.advance(200_000);
    expect(active().every(pod => pod.spec.containers[0].image === NEXT)).toBe(
      true,
    );
  });

  it('spreads a new size over both sets in the middle of a rollout', async () => {
    await rolledOut({ replicas: 10 });
    apply({ replicas: 10, image: NEXT });
    cluster.clock.advance(3_000);
    const before = sets().map(set => set.spec.replicas);
    expect(before.every(size => size > 0)).toBe(true);
    apply({ replicas: 20, image: NEXT });
    cluster.clock.advance(300);
    const after = sets().map(set => set.spec.replicas);
    expect(after.every((size, index) => size > before[index])).toBe(true);
    expect(after[0] + after[1]).toBe(25);
    cluster.clock.advance(300_000);
    expect(orders().status).toMatchObject({
      replicas: 20,
      updatedReplicas: 20,
      availableReplicas: 20,
    });
  });
});

describe('Recreate', () => {
  it('starts no new pod before the last old one is gone', async () => {
    const spec = { strategy: { type: 'Recreate' } };
    await rolledOut({
      replicas: 2,
      spec,
      container: { lifecycle: { preStop: { sleep: { seconds: 10 } } } },
    });
    apply({ replicas: 2, spec, image: NEXT });
    let mixed = 0;
    cluster.watchFor(120, () => {
      const images = new Set(
        cluster.pods().map(pod => pod.spec.containers[0].image),
      );
      mixed = Math.max(mixed, images.size);
    });
    expect(mixed).toBe(1);
    expect(active().map(pod => pod.spec.containers[0].image)).toEqual([
      NEXT,
      NEXT,
    ]);
  });
});

describe('ReplicaSet', () => {
  it('replaces a pod that is deleted or lost', async () => {
    await rolledOut({ replicas: 2 });
    const [first, second] = cluster.pods().map(pod => pod.metadata.name);
    cluster.store.delete({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'storefront',
      name: first,
    });
    cluster.faults.losePod('storefront', second);
    cluster.clock.advance(60_000);
    const names = cluster.pods().map(pod => pod.metadata.name);
    expect(names).toHaveLength(2);
    expect(names).not.toContain(first);
    expect(names).not.toContain(second);
  });

  it('takes pods that are not ready first when it shrinks', async () => {
    await rolledOut({ replicas: 2 });
    apply({ replicas: 4 });
    cluster.clock.advance(8_000);
    const ready = active()
      .filter(isReady)
      .map(pod => pod.metadata.name);
    expect(ready).toHaveLength(2);
    apply({ replicas: 2 });
    cluster.clock.advance(60_000);
    expect(
      active()
        .map(pod => pod.metadata.name)
        .sort(),
    ).toEqual(ready.sort());
  });

  it('says why it cannot make pods', async () => {
    await rolledOut({ replicas: 1 });
    cluster.store.delete({
      apiVersion: 'v1',
      kind: 'Namespace',
      name: 'storefront',
    });
    cluster.clock.advance(60_000);
    expect(
      cluster.store.get({
        apiVersion: 'v1',
        kind: 'Namespace',
        name: 'storefront',
      }),
    ).toBeUndefined();
    expect(cluster.pods()).toEqual([]);
    expect(() => apply({})).toThrow(expect.objectContaining({ code: 404 }));
  });
});

describe('nodes', () => {
  it('spreads pods over zones', async () => {
    await rolledOut({ replicas: 6 });
    const counts = new Map<string, number>();
    active().forEach(pod =>
      counts.set(pod.spec.nodeName, (counts.get(pod.spec.nodeName) ?? 0) + 1),
    );
    expect([...counts.values()]).toEqual([2, 2, 2]);
  });

  it('evicts the pods of a lost node after their toleration and takes it back', async () => {
    await rolledOut({ replicas: 3 });
    const { nodeName } = active()[0].spec;
    expect(cluster.faults.loseNode(nodeName)).toBe(true);
    expect(cluster.faults.loseNode('nothing')).toBe(false);
    cluster.clock.advance(45_000);
    expect(cluster.find('Node', nodeName).status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
      }),
    );
    expect(orders().status).toMatchObject({
      readyReplicas: 2,
      unavailableReplicas: 1,
    });
    cluster.clock.advance(400_000);
    expect(orders().status).toMatchObject({ readyReplicas: 3 });
    const stuck = cluster.pods().filter(pod => pod.metadata.deletionTimestamp);
    expect(stuck.map(pod => pod.spec.nodeName)).toEqual([nodeName]);
    cluster.faults.restoreNode(nodeName);
    cluster.clock.advance(90_000);
    expect(cluster.pods()).toHaveLength(3);
    expect(cluster.find('Node', nodeName).spec).not.toHaveProperty('taints');
  });
});
