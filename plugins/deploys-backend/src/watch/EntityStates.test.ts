import { mockServices } from '@backstage/backend-test-utils';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import { FakeFleet } from '../tests/FakeFleet';
import {
  blank,
  clusterStatus,
  LIVE_VERSION,
  orders,
  ordersFleet,
  podRow,
  targetsConfig,
} from '../tests/ordersWorld';
import { Channels } from './Channels';
import { EntityStates } from './EntityStates';

const channels = new Channels({ secret: 'a secret of all replicas' });

function unready(index = 0) {
  return podRow('prod-blue', index, LIVE_VERSION, {
    ready: false,
    resourceVersion: '200000',
  });
}

describe('EntityStates', () => {
  let fleet: FakeFleet;
  let published: Array<{ channel: string; hash: string; atMs: number }>;
  let states: EntityStates;

  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-20T12:00:00Z') });
    fleet = ordersFleet({
      clusters: ['prod-blue', 'prod-green'],
      podsPerCluster: 5,
    });
    published = [];
    const startedAt = Date.now();
    states = EntityStates.create({
      fleet,
      config: targetsConfig,
      channels,
      publish: (channel, hash) =>
        published.push({ channel, hash, atMs: Date.now() - startedAt }),
      logger: mockServices.logger.mock(),
    });
  });

  afterEach(() => {
    states.stop();
    jest.useRealTimers();
  });

  function read(entity = orders): EntityDeploysState {
    return JSON.parse(states.render(entity).body);
  }

  it('answers everything of an entity, with an opaque channel, a hash and how far each source had come', () => {
    const state = read();
    expect(state).toMatchObject({
      entityRef: 'component:default/orders',
      asOf: '2026-11-20T10:00:00Z',
      versions: {
        'cluster:prod-blue/Pod': '184467',
        'cluster:prod-green/ReplicaSet': '184467',
        'argocd:main/argocd.orders-prod-blue': '99801',
      },
    });
    expect(state.deployments).toHaveLength(2);
    expect(state.channel).toMatch(/^deploys:[\w-]{22}$/);
    expect(state.channel).not.toContain('orders');
    expect(state.hash).toMatch(/^[\w-]{20}$/);
    expect(state.versions['cluster:prod-blue/Event']).toBeUndefined();
  });

  it('is at most 20 kB for 10 pods in two clusters', () => {
    expect(Buffer.byteLength(states.render(orders).body)).toBeLessThan(10_000);
  });

  it('gives all replicas the same channel and hash, and each entity its own', () => {
    const other = EntityStates.create({
      fleet: ordersFleet({
        clusters: ['prod-blue', 'prod-green'],
        podsPerCluster: 5,
      }),
      config: targetsConfig,
      channels: new Channels({ secret: 'a secret of all replicas' }),
      publish: () => {},
      logger: mockServices.logger.mock(),
    });
    const theirs = JSON.parse(other.render(orders).body);
    other.stop();
    expect(theirs.hash).toBe(read().hash);
    expect(theirs.channel).toBe(read().channel);
    expect(read(blank).channel).not.toBe(theirs.channel);
    expect(
      new Channels({ secret: 'another' }).of('component:default/orders'),
    ).not.toBe(theirs.channel);
  });

  it('computes nothing again while nothing has changed', () => {
    read();
    const ask = jest.spyOn(fleet, 'pods');
    read();
    read();
    expect(ask).not.toHaveBeenCalled();
  });

  it('rings within 50 ms of a change, once, with the hash that is served', () => {
    const before = read();
    jest.advanceTimersByTime(1000);
    fleet.putPod(unready());
    jest.advanceTimersByTime(5000);
    expect(published).toEqual([
      { channel: before.channel, hash: read().hash, atMs: expect.any(Number) },
    ]);
    expect(published[0].atMs - 1000).toBeLessThanOrEqual(50);
    expect(published[0].hash).not.toBe(before.hash);
  });

  it('makes one signal of a burst, and never more than one in 150 ms', () => {
    read();
    jest.advanceTimersByTime(1000);
    for (let change = 0; change < 100; change++) {
      const pod = unready(change % 5);
      fleet.putPod({
        ...pod,
        containers: pod.containers.map(each => ({ ...each, restarts: change })),
      });
      jest.advanceTimersByTime(10);
    }
    jest.advanceTimersByTime(1000);
    expect(published.length).toBeGreaterThan(3);
    expect(published.length).toBeLessThanOrEqual(9);
    for (let index = 1; index < published.length; index++) {
      expect(
        published[index].atMs - published[index - 1].atMs,
      ).toBeGreaterThanOrEqual(150);
    }
    expect(published.at(-1)?.hash).toBe(read().hash);
  });

  it('stays silent when what is shown did not change', () => {
    read();
    const [same] = fleet.podRows;
    fleet.putPod({ ...same });
    fleet.putCluster(
      clusterStatus('prod-blue', { asOf: '2026-11-20T12:00:00Z' }),
    );
    jest.advanceTimersByTime(1000);
    expect(published).toEqual([]);
  });

  it('looks at nothing again when only the version of a pod is another', () => {
    const before = read();
    jest.advanceTimersByTime(1000);
    const ask = jest.spyOn(fleet, 'pods');
    const [pod] = fleet.podRows;
    fleet.putPod({ ...pod, resourceVersion: '200000' }, { same: true });
    jest.advanceTimersByTime(1000);
    expect(ask).not.toHaveBeenCalled();
    expect(published).toEqual([]);
    expect(read().hash).toBe(before.hash);
  });

  it('stays silent about entities that nobody asked for, and about objects of others', () => {
    read(blank);
    fleet.putPod(unready());
    fleet.putPod(
      podRow('prod-blue', 7, 'v1', {
        labels: {},
        owner: undefined,
        uid: 'somebody-else',
      }),
    );
    jest.advanceTimersByTime(1000);
    expect(published).toEqual([]);
  });

  it('never serves what is older than a change, and then still rings for the others', () => {
    const before = read();
    fleet.putPod(unready());
    // Asked before the timer.
    const after = read();
    expect(after.hash).not.toBe(before.hash);
    expect(published.map(({ hash }) => hash)).toEqual([after.hash]);
    jest.advanceTimersByTime(1000);
    expect(published).toHaveLength(1);
  });

  it('rings when a cluster can no longer be reached, and when it is back', () => {
    read();
    fleet.putCluster(clusterStatus('prod-green', { state: 'unreachable' }));
    jest.advanceTimersByTime(1000);
    expect(read().summary.text).toBe(
      'prod-green cannot be reached, the last state is shown',
    );
    fleet.putCluster(clusterStatus('prod-green'));
    jest.advanceTimersByTime(1000);
    expect(published).toHaveLength(2);
    expect(read().summary.tone).toBe('ok');
  });

  it('looks at full Applications, and keeps the last deploy when the fleet has dropped them', () => {
    const deployOf = (state: EntityDeploysState) =>
      state.deployments[0].application?.lastDeploy?.at;
    expect(deployOf(read())).toBe('2026-11-20T09:00:20Z');
    expect(fleet.lookedAt.map(({ name }) => name)).toEqual([
      'orders-prod-blue',
      'orders-prod-green',
    ]);
    fleet.full.clear();
    fleet.putPod(unready());
    expect(deployOf(read())).toBe('2026-11-20T09:00:20Z');
  });

  it('shows of an Application what its full object says, of which the version is told', () => {
    const ref = 'argocd:main/argocd.orders-prod-blue';
    const shown = () => {
      const { deployments, versions } = read();
      const { application } = deployments.find(
        ({ cluster }) => cluster === 'prod-blue',
      )!;
      return {
        health: application?.health,
        phase: application?.operation?.phase,
        version: versions[ref],
      };
    };
    expect(shown()).toEqual({
      health: 'Healthy',
      phase: 'Succeeded',
      version: '99801',
    });
    // The row of a replica that has not heard of it yet.
    const full = structuredClone(fleet.full.get('orders-prod-blue')!);
    full.metadata.resourceVersion = '99900';
    full.status!.health!.status = 'Degraded';
    fleet.full.set('orders-prod-blue', full);
    fleet.ring({
      type: 'full-application',
      ref: { instance: 'main', namespace: 'argocd', name: 'orders-prod-blue' },
      deleted: false,
    });
    expect(shown()).toMatchObject({ health: 'Degraded', version: '99900' });

    // The stream of the full object has broken: that of the rows knows of a newer operation.
    const row = fleet.applicationRows.find(
      ({ name }) => name === 'orders-prod-blue',
    )!;
    const newer = {
      ...row,
      operation: {
        phase: 'Running',
        startedAt: '2026-11-20T11:59:00Z',
        revisions: [],
      },
    };
    fleet.applicationRows[fleet.applicationRows.indexOf(row)] = newer;
    fleet.ring({ type: 'application', row: newer, deleted: false });
    expect(shown()).toMatchObject({ health: 'Healthy', phase: 'Running' });
  });

  it('goes by the annotations that the entity has now', () => {
    expect(read().deployments).toHaveLength(2);
    const changed = {
      ...orders,
      metadata: {
        ...orders.metadata,
        annotations: {
          'argocd/app-name': 'orders-prod-blue',
          'backstage.io/kubernetes-cluster': 'prod-blue',
        },
      },
    };
    const rows = fleet.applicationRows;
    rows[1] = { ...rows[1], annotations: {} };
    expect(read(changed).deployments).toHaveLength(1);
  });

  it('forgets an entity ten minutes after the last question', () => {
    read();
    jest.advanceTimersByTime(9 * 60_000);
    fleet.putPod(unready());
    jest.advanceTimersByTime(1000);
    expect(published).toHaveLength(1);
    jest.advanceTimersByTime(3 * 60_000);
    fleet.putPod(podRow('prod-blue', 0, LIVE_VERSION));
    jest.advanceTimersByTime(1000);
    expect(published).toHaveLength(1);
  });

  it('keeps at most a thousand entities, dropping the one not asked for longest', () => {
    read();
    for (let index = 0; index < 1000; index++) {
      read({
        ...blank,
        metadata: { ...blank.metadata, name: `blank-${index}` },
      });
    }
    fleet.putPod(unready());
    jest.advanceTimersByTime(1000);
    expect(published).toEqual([]);
  });

  it('stops listening at the end', () => {
    read();
    fleet.putPod(unready());
    states.stop();
    jest.advanceTimersByTime(1000);
    expect(published).toEqual([]);
    expect(fleet.listenerCount).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
