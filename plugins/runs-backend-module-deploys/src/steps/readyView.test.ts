import { FleetReader, PodRow, WorkloadRow } from '@switchyard/fleet-node';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { workloadRow } from '../__testUtils__/workloads';
import { viewReady } from './readyView';

const WORKLOAD = {
  cluster: 'prod-blue',
  kind: 'Deployment',
  namespace: 'storefront',
  name: 'orders',
};
const CHANGED = { uid: 'uid-orders', generation: 3 };

function setRow(revision: number): WorkloadRow {
  return workloadRow({
    kind: 'ReplicaSet',
    name: `orders-${revision}`,
    revision,
    owner: { kind: 'Deployment', name: 'orders', uid: 'uid-orders' },
  });
}

function podRow(name: string, set: string, more: Partial<PodRow> = {}): PodRow {
  const { cluster, namespace, labels, createdAt } = workloadRow();
  return {
    ...{ cluster, namespace, labels, createdAt },
    apiVersion: 'v1',
    kind: 'Pod',
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    phase: 'Running',
    ready: true,
    containers: [],
    owner: { kind: 'ReplicaSet', name: set, uid: `uid-${set}` },
    ...more,
  };
}

function start(row: Partial<WorkloadRow> = {}) {
  const fleet = createTestFleet();
  fleet.workloads.push(workloadRow(row));
  fleet.replicaSets.push(setRow(1), setRow(2));
  return fleet;
}

const view = (fleet: { service: FleetReader }, kind = 'Deployment') =>
  viewReady({ ...WORKLOAD, kind }, { changed: CHANGED }, fleet.service);

it('is done when all pods are new and ready', () => {
  expect(view(start())).toMatchObject({
    done: true,
    text: 'Deployment orders: 3 of 3 pods ready',
  });
});

it('is not while this replica has not heard of the change', () => {
  expect(view(start({ generation: 2, observedGeneration: 2 }))).toMatchObject({
    done: false,
    text: 'Deployment orders: the change has not been seen yet',
  });
});

it('is not while old pods are left that nobody has told to go', () => {
  const fleet = start();
  fleet.pods.push(
    podRow('old', 'orders-1'),
    podRow('going', 'orders-1', { deletedAt: '2026-11-20T12:00:00Z' }),
  );
  expect(view(fleet)).toMatchObject({
    done: false,
    text: 'Deployment orders: 3 of 3 pods ready, 1 old',
  });
});

const CRASHED = {
  ready: false,
  containers: [
    {
      name: 'main',
      kind: 'container' as const,
      image: 'x',
      ready: false,
      restarts: 5,
      state: 'waiting' as const,
      reason: 'CrashLoopBackOff',
    },
  ],
};
const BROKEN = { updated: 1, ready: 0, available: 0, unavailable: 3 };

it.each([
  ['a Deployment', 'Deployment', { ...BROKEN, revision: 2 }],
  ['a StatefulSet', 'StatefulSet', BROKEN],
])(
  'tells the troubles of new pods of %s from those of before',
  (_, kind, row) => {
    const fleet = start({ ...row, kind });
    const podOf = (name: string, set: string, createdAt: string) =>
      podRow(name, set, {
        ...CRASHED,
        createdAt,
        labels: { 'controller-revision-hash': set },
        ...(kind === 'StatefulSet' && {
          owner: { kind, name: 'orders', uid: 'uid-orders' },
        }),
      });
    fleet.pods.push(podOf('old', 'orders-1', '2026-11-20T11:00:00Z'));
    expect(view(fleet, kind)).toMatchObject({ done: false, troubled: [] });
    fleet.pods.push(podOf('new', 'orders-2', '2026-11-20T12:00:00Z'));
    expect(view(fleet, kind).troubled).toMatchObject([
      { pod: { name: 'new' }, problem: { code: 'crash' } },
    ]);
  },
);

it('says why pods cannot be made', () => {
  const fleet = start({ updated: 1, ready: 1, available: 1, unavailable: 2 });
  fleet.events.push({
    ...podRow('event', 'orders-2'),
    type: 'Warning',
    reason: 'FailedCreate',
    message: 'Error creating: pods "orders-x" is forbidden: exceeded quota',
    count: 1,
    lastAt: '2026-11-20T12:00:00Z',
    about: {
      kind: 'ReplicaSet',
      namespace: 'storefront',
      name: 'orders-2',
      uid: 'uid-orders-2',
    },
  });
  expect(view(fleet)).toMatchObject({
    done: false,
    text: 'Deployment orders: 1 of 3 pods ready. FailedCreate: pods "orders-x" is forbidden: exceeded quota',
  });
});

it.each<[string, string | undefined, string, boolean]>([
  ['says that it is restarted', '2026-11-20T12:00:00Z', '12:00:05', true],
  ['says nothing yet', undefined, '12:00:05', false],
  ['has old pods', '2026-11-20T12:00:00Z', '11:59:59', false],
])('of a Rollout that %s', (_, restartedAt, createdAt, done) => {
  const fleet = start({ kind: 'Rollout', desired: 1 });
  fleet.objects.set('uid-orders', {
    spec: { restartAt: '2026-11-20T12:00:00Z' },
    status: restartedAt ? { restartedAt } : {},
  });
  fleet.pods.push(
    podRow('a', 'orders-2', { createdAt: `2026-11-20T${createdAt}Z` }),
  );
  expect(view(fleet, 'Rollout')).toMatchObject({ done });
});

describe('after a change of size', () => {
  const scaled = (replicas: number, pods: number) => {
    const fleet = start({ desired: 3, revision: 2 });
    for (let i = 0; i < pods; i += 1)
      fleet.pods.push(podRow(`new-${i}`, 'orders-2'));
    return viewReady(WORKLOAD, { changed: CHANGED, replicas }, fleet.service);
  };

  it('is done when there are as many pods as are wanted', () => {
    expect(scaled(3, 3)).toMatchObject({ done: true });
    expect(scaled(3, 4)).toMatchObject({
      done: false,
      text: 'Deployment orders: 3 of 3 pods ready, 1 too many',
    });
  });

  it('says that somebody has set it back', () => {
    expect(scaled(5, 3)).toMatchObject({
      done: false,
      givenUp: expect.stringMatching(
        /was set to 5 pods, and somebody has set it to 3 since/,
      ),
    });
  });
});

it('says that a workload is gone', () => {
  const fleet = start();
  fleet.workloads.length = 0;
  expect(view(fleet)).toMatchObject({
    done: false,
    text: 'Deployment orders is not there',
  });
});
