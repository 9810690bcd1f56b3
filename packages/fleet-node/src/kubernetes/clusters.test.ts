import { mockServices } from '@backstage/backend-test-utils';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeApiServer } from '../tests/FakeApiServer';
import { eventually } from '../tests/eventually';
import { deployment, event, node, pod } from '../tests/objects';
import { FleetChange, FleetCluster, UnwatchedCluster } from '../types';

const FAST = {
  connectTimeoutMs: 1_500,
  answerTimeoutMs: 1_500,
  bodyTimeoutMs: 1_500,
  watchIdleTimeoutMs: 60_000,
  backoffBaseMs: 20,
  backoffMaxMs: 60,
  notReadableRetryMs: 80,
  unknownKindRetryMs: 80,
  heartbeatMs: 30,
  heartbeatTimeoutMs: 1_000,
  clusterSourceMs: 30,
};

describe('clusters of the fleet', () => {
  let server: FakeApiServer;
  let fleet: DefaultFleet;
  let clusters: FleetCluster[];
  let token: string;
  let credentialsAsked: number;
  let changes: FleetChange[];

  beforeEach(async () => {
    server = new FakeApiServer();
    await server.start();
    token = 'token-1';
    credentialsAsked = 0;
    changes = [];
    clusters = [
      {
        name: 'prod-blue',
        url: server.url,
        credential: async () => {
          credentialsAsked += 1;
          return { token };
        },
      },
    ];
  });

  afterEach(async () => {
    fleet?.stop();
    await server.stop();
  });

  function start(
    timings: Partial<typeof FAST> = {},
    started?: Promise<void>,
    source: () => Promise<Array<FleetCluster | UnwatchedCluster>> = async () =>
      clusters,
  ) {
    fleet = DefaultFleet.create({
      argo: [],
      started,
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: { kubernetes: { ...FAST, ...timings } },
    });
    fleet.subscribe(change => changes.push(change));
    fleet.setClusterSource(source);
  }

  const state = () => fleet.clusters()[0]?.state;
  const isLive = () => state() === 'live';
  const podNames = () =>
    fleet
      .pods({})
      .map(({ name }) => name)
      .sort();
  const kindState = (kind: string) =>
    fleet.clusters()[0].kinds.find(each => each.kind === kind)?.state;

  it('knows what is there, follows changes and tells of them', async () => {
    server.put('Node', node('node-1', 'eu-1a'));
    server.put('Deployment', deployment('orders'));
    server.put('Pod', pod('orders-1'));
    start();
    await eventually(isLive);

    expect(fleet.clusters()).toEqual([
      expect.objectContaining({
        name: 'prod-blue',
        state: 'live',
        asOf: expect.any(String),
      }),
    ]);
    expect(fleet.workloads({ name: 'orders' })).toEqual([
      expect.objectContaining({
        kind: 'Deployment',
        apiVersion: 'apps/v1',
        cluster: 'prod-blue',
        desired: 3,
        ready: 3,
      }),
    ]);
    expect(
      fleet.pods({ labels: { 'app.kubernetes.io/name': 'orders' } }),
    ).toEqual([expect.objectContaining({ name: 'orders-1', ready: true })]);
    await eventually(() => fleet.pods({})[0].zone === 'eu-1a');

    changes.length = 0;
    const changed = server.put('Pod', pod('orders-1', { ready: false }));
    server.put('Pod', pod('orders-2'));
    await eventually(() => podNames().length === 2);
    expect(fleet.pods({ name: 'orders-1' })[0]).toMatchObject({
      ready: false,
      reason: 'ContainersNotReady',
      resourceVersion: changed.metadata.resourceVersion,
    });
    server.remove('Pod', 'uid-orders-2');
    await eventually(() => podNames().length === 1);
    expect(
      changes
        .filter(change => change.type === 'object')
        .map(({ kind, row, deleted }) => [kind, row.name, deleted]),
    ).toEqual([
      ['Pod', 'orders-1', false],
      ['Pod', 'orders-2', false],
      ['Pod', 'orders-2', true],
    ]);
  });

  it('tells a deletion with the version of the deletion, not of the last change before it', async () => {
    const { metadata } = server.put('Pod', pod('orders-1'));
    server.put('Pod', pod('orders-2'));
    start();
    await eventually(isLive);
    server.remove('Pod', 'uid-orders-1');
    await eventually(() => podNames().length === 1);
    const told = changes.flatMap(change =>
      change.type === 'object' && change.deleted ? [change.row] : [],
    );
    expect(told).toEqual([
      expect.objectContaining({
        name: 'orders-1',
        resourceVersion: String(Number(metadata.resourceVersion) + 2),
      }),
    ]);
  });

  it('says of a change whether any row shows it, and keeps the object in either case', async () => {
    server.put('Pod', pod('orders-1'));
    start();
    await eventually(isLive);
    const told = () =>
      changes.flatMap(change =>
        change.type === 'object' && change.kind === 'Pod' ? [change] : [],
      );
    changes.length = 0;
    const annotations = { 'example.com/seen': 'yes' };
    server.put('Pod', pod('orders-1', { metadata: { annotations } }));
    await eventually(() => told().length === 1);
    const [{ row, same }] = told();
    expect(same).toBe(true);
    const [held] = fleet.pods({});
    expect(held.resourceVersion).toBe(row.resourceVersion);
    expect(fleet.object({ cluster: 'prod-blue', uid: row.uid })).toMatchObject({
      metadata: { annotations },
    });
    server.put('Pod', pod('orders-1', { ready: false }));
    await eventually(() => told().length === 2);
    expect(told()[1].same).toBeUndefined();
    expect(fleet.pods({})[0].ready).toBe(false);
  });

  it('gives objects back without managedFields and last-applied, and what they said', async () => {
    server.put(
      'Deployment',
      deployment('orders', {
        uid: 'u',
        metadata: {
          annotations: {
            note: 'kept',
            'kubectl.kubernetes.io/last-applied-configuration':
              '{"apiVersion":"extensions/v1beta1","kind":"Deployment"}',
          },
          managedFields: [
            {
              manager: 'argocd-controller',
              operation: 'Update',
              apiVersion: 'apps/v1',
              time: '2026-11-21T08:00:00Z',
              fieldsV1: { 'f:spec': {} },
            },
          ],
        },
      }),
    );
    start();
    await eventually(isLive);

    const ref = { cluster: 'prod-blue', uid: 'u' };
    const object: any = fleet.object(ref);
    expect(object).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
    expect(object.spec).toEqual(deployment('orders').spec);
    expect(object.metadata.annotations).toEqual({ note: 'kept' });
    expect(object.metadata.managedFields).toBeUndefined();
    expect(fleet.origin(ref)).toEqual({
      managers: [
        {
          manager: 'argocd-controller',
          operation: 'Update',
          apiVersion: 'apps/v1',
          time: '2026-11-21T08:00:00Z',
        },
      ],
      lastAppliedApiVersion: 'extensions/v1beta1',
    });
    expect(fleet.object({ cluster: 'prod-blue', uid: 'none' })).toBeUndefined();
  });

  it('names its clusters at once, and leaves them alone until the backend has started', async () => {
    let goOn = () => {};
    const started = new Promise<void>(resolve => {
      goOn = resolve;
    });
    start({}, started);
    await eventually(() => state() === 'connecting');
    expect(server.requests).toEqual([]);
    goOn();
    await eventually(isLive);
  });

  it('lists in pages', async () => {
    for (let i = 0; i < 450; i += 1) server.put('Pod', pod(`p-${i}`));
    start();
    await eventually(isLive);
    expect(fleet.pods({})).toHaveLength(450);
    const lists = server
      .requestsTo('Pod')
      .filter(request => !request.includes('watch=true'));
    expect(lists).toHaveLength(3);
    expect(lists.every(each => each.includes('limit=200'))).toBe(true);
  });

  it('reads what somebody waits for before the rest, and ends with what is newest', async () => {
    let goOn = () => {};
    server.laterPages = new Promise(resolve => {
      goOn = resolve;
    });
    const wanted = (name: string) => ({
      ...pod(name),
      metadata: { ...pod(name).metadata, labels: { app: 'wanted' } },
    });
    // On the first page of the list.
    server.put('Pod', wanted('early'));
    for (let i = 0; i < 250; i += 1) server.put('Pod', pod(`p-${i}`));
    for (const name of ['kept', 'changed', 'gone']) {
      server.put('Pod', wanted(name));
    }
    start();
    await eventually(() => fleet.pods({}).length === 200);
    expect(state()).toBe('connecting');

    server.requests.length = 0;
    const labels = { app: 'wanted' };
    fleet.readFirst([{ labels, namespace: 'storefront' }]);
    await eventually(() => fleet.pods({ labels }).length === 4);
    expect(state()).toBe('connecting');
    expect(server.requests.filter(each => each.includes('wanted'))).toContain(
      '/api/v1/namespaces/storefront/pods?labelSelector=app%3Dwanted&limit=200',
    );
    fleet.readFirst([{ labels, namespace: 'storefront' }]);

    // What changes while the list goes on, which still shows how it was.
    server.put('Pod', wanted('changed'));
    server.put('Pod', wanted('new'));
    server.remove('Pod', 'uid-gone');
    const changedBack = server.put('Pod', wanted('changed'));
    fleet.readFirst([{ labels }]);
    await eventually(() => fleet.pods({ labels, name: 'new' }).length === 1);
    const read = changes.length;
    goOn();
    await eventually(isLive);
    await eventually(() => fleet.pods({ labels, name: 'gone' }).length === 0);
    expect(
      fleet
        .pods({ labels })
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['changed', 'early', 'kept', 'new']);
    expect(fleet.pods({ name: 'changed' })[0].resourceVersion).toBe(
      changedBack.metadata.resourceVersion,
    );
    expect(fleet.pods({})).toHaveLength(254);
    // Not once did an older one take the place of a newer.
    const versions = changes
      .slice(read)
      .flatMap(change =>
        change.type === 'object' &&
        change.row.name === 'changed' &&
        !change.deleted
          ? [Number(change.row.resourceVersion)]
          : [],
      );
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    const asked = server.requests.filter(
      each => each.includes('wanted') && each.includes('/pods'),
    );
    expect(asked).toHaveLength(2);

    server.requests.length = 0;
    fleet.readFirst([{ labels: { app: 'other' } }]);
    await eventually(() => server.requests.length > 2);
    expect(server.requests.filter(each => each.includes('other'))).toEqual([]);
  });

  it('resumes where it was when a watch ends', async () => {
    server.put('Pod', pod('a'));
    start();
    await eventually(isLive);
    const version = server.bookmark('Pod');
    const pods = () =>
      fleet.clusters()[0].kinds.find(({ kind }) => kind === 'Pod');
    await eventually(() => pods()?.resourceVersion === version);

    server.requests.length = 0;
    server.endWatches();
    await eventually(() => server.watchesOf('Pod') === 1);
    server.put('Pod', pod('b'));
    await eventually(() => podNames().includes('b'));
    expect(server.requestsTo('Pod')).toEqual([
      expect.stringContaining(`resourceVersion=${version}`),
    ]);
    expect(isLive()).toBe(true);
  });

  it('lists again after 410 and finds out what was deleted meanwhile', async () => {
    server.put('Pod', pod('stays'));
    server.put('Pod', pod('goes'));
    start();
    await eventually(isLive);
    changes.length = 0;

    await server.stop();
    server.remove('Pod', 'uid-goes');
    server.put('Pod', pod('comes'));
    server.compact();
    await server.start();

    await eventually(() => podNames().join() === 'comes,stays');
    await eventually(isLive);
    const { resourceVersion } = fleet
      .clusters()[0]
      .kinds.find(({ kind }) => kind === 'Pod')!;
    expect(changes).toContainEqual(
      expect.objectContaining({
        type: 'object',
        deleted: true,
        row: expect.objectContaining({ name: 'goes', resourceVersion }),
      }),
    );
    // What did not change is not told again.
    expect(
      changes.filter(
        change => change.type === 'object' && change.row.name === 'stays',
      ),
    ).toEqual([]);
  });

  it('keeps the last state of a cluster that is down, says since when, and comes back', async () => {
    server.put('Pod', pod('a'));
    start();
    await eventually(isLive);
    const before = Date.now();

    await server.stop();
    await eventually(() => state() === 'unreachable');
    expect(podNames()).toEqual(['a']);
    const [status] = fleet.clusters();
    expect(Date.parse(status.since)).toBeGreaterThanOrEqual(before);
    expect(status.problem).toMatch(
      /^prod-blue (does not answer|refuses connections)$/,
    );
    const { since } = status;
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(fleet.clusters()[0].since).toBe(since);

    server.put('Pod', pod('b'));
    await server.start();
    await eventually(() => podNames().join() === 'a,b');
    await eventually(isLive);
    await eventually(() => fleet.clusters()[0].problem === undefined);
    expect(changes).toContainEqual({ type: 'cluster', cluster: 'prod-blue' });
  });

  it('notices a cluster that hangs, though its connections are open, without slowing another', async () => {
    const other = new FakeApiServer();
    await other.start();
    try {
      clusters.push({
        name: 'prod-green',
        url: other.url,
        credential: async () => ({ token: 'token-1' }),
      });
      server.put('Pod', pod('a'));
      start();
      await eventually(
        () =>
          fleet.clusters().filter(each => each.state === 'live').length === 2,
      );

      server.hangs = true;
      await eventually(() => state() === 'unreachable');
      expect(fleet.clusters()[0]).toMatchObject({
        problem: 'prod-blue does not answer',
      });
      expect(kindState('Pod')).toBe('unreachable');
      other.put('Pod', pod('green-1'));
      await eventually(
        () => fleet.pods({ cluster: 'prod-green' }).length === 1,
        { timeoutMs: 500 },
      );
      expect(fleet.clusters()[1].state).toBe('live');

      server.hangs = false;
      server.put('Pod', pod('b'));
      await eventually(() => fleet.pods({ cluster: 'prod-blue' }).length === 2);
      await eventually(isLive);
    } finally {
      fleet.stop();
      await other.stop();
    }
  });

  it('is not held up by a cluster that hangs from the start', async () => {
    server.hangs = true;
    start();
    await eventually(() => state() === 'unreachable');
    expect(fleet.pods({})).toEqual([]);
  });

  it('asks for another credential when one is refused, once for all kinds', async () => {
    server.put('Pod', pod('a'));
    start();
    await eventually(isLive);
    const asked = credentialsAsked;
    expect(asked).toBe(1);

    server.tokens.clear();
    server.tokens.add('token-2');
    token = 'token-2';
    server.endWatches();
    server.put('Pod', pod('b'));
    await eventually(() => podNames().join() === 'a,b');
    await eventually(isLive);
    expect(credentialsAsked).toBe(asked + 1);
  });

  it('says so when no credential is accepted, or none can be had', async () => {
    server.tokens.clear();
    start();
    await eventually(() => state() === 'unreachable');
    expect(fleet.clusters()[0].problem).toBe(
      'prod-blue does not accept the credential',
    );
    clusters = [
      {
        ...clusters[0],
        credential: async () => {
          throw new Error('secret-token-in-message');
        },
      },
    ];
    await eventually(
      () =>
        fleet.clusters()[0].problem ===
        'prod-blue cannot be asked: no credential could be obtained',
    );
    // The heartbeat has no credential either: it must not call that silence of the server.
    const problems = new Set<string | undefined>();
    const end = Date.now() + 10 * FAST.heartbeatMs;
    await eventually(() => {
      problems.add(fleet.clusters()[0].problem);
      return Date.now() > end;
    });
    expect(Array.from(problems)).toEqual([
      'prod-blue cannot be asked: no credential could be obtained',
    ]);
  });

  it('says both of a cluster that is silent and has no credential', async () => {
    clusters[0].credential = async () => {
      throw new Error('secret-token-in-message');
    };
    await server.stop();
    start();
    await eventually(
      () =>
        fleet.clusters()[0]?.problem ===
        'prod-blue refuses connections, and no credential for it could be obtained',
    );
    clusters[0].credential = async () => ({ token });
    await server.start();
    await eventually(isLive);
    // Kinds that do not decide about the cluster are asked for again by themselves.
    await eventually(() => fleet.clusters()[0].problem === undefined);
  });

  it('knows clusters that it cannot watch, and watches them once it can', async () => {
    const [watched] = clusters;
    const unwatched = {
      name: 'people-only',
      title: 'People',
      url: server.url,
      notWatched: 'it needs the token of the person who looks',
    };
    const source = jest.fn(
      async (): Promise<Array<FleetCluster | UnwatchedCluster>> => [
        watched,
        unwatched,
      ],
    );
    start({}, undefined, source);
    await eventually(isLive);
    expect(fleet.clusters()[1]).toEqual({
      name: 'people-only',
      title: 'People',
      url: server.url,
      state: 'not-watched',
      since: expect.any(String),
      problem:
        'people-only is not watched: it needs the token of the person who looks',
      kinds: [],
    });
    // Told once, however often the source says it.
    const before = source.mock.calls.length;
    await eventually(() => source.mock.calls.length > before + 2);
    const told = changes.filter(
      change => change.type === 'cluster' && change.cluster === 'people-only',
    );
    expect(told).toHaveLength(1);

    source.mockResolvedValue([watched, { ...watched, name: 'people-only' }]);
    await eventually(() => fleet.clusters()[1]?.state === 'live');
    source.mockResolvedValue([watched]);
    await eventually(() => fleet.clusters().length === 1);
  });

  it('renews a credential before it ends', async () => {
    clusters[0].credential = async () => {
      credentialsAsked += 1;
      return { token: 'token-1', expiresAt: new Date(Date.now() + 200) };
    };
    start();
    await eventually(isLive);
    await eventually(() => credentialsAsked > 2);
    expect(isLive()).toBe(true);
  });

  it('tells not readable from empty, and reads once it may', async () => {
    const path = '/apis/batch/v1/jobs';
    server.refused.set(path, 403);
    start();
    await eventually(isLive);
    expect(kindState('Job')).toBe('not-readable');
    expect(fleet.clusters()[0].problem).toBe(
      "The portal's account may not list and watch Job in prod-blue",
    );

    server.refused.delete(path);
    await eventually(() => kindState('Job') === 'live');
    expect(fleet.clusters()[0].problem).toBeUndefined();
  });

  it('does without kinds that the server does not know', async () => {
    server.unknownPaths.add('/apis/batch/v1/cronjobs');
    start();
    await eventually(isLive);
    expect(kindState('CronJob')).toBeUndefined();
    expect(kindState('Pod')).toBe('live');
  });

  it('lists again when its place in history is refused for another reason', async () => {
    server.put('Pod', pod('a'));
    start();
    await eventually(isLive);
    server.refused.set('/api/v1/pods', 500);
    server.requests.length = 0;
    server.endWatches();
    await eventually(() => server.requestsTo('Pod').length > 2);
    expect(kindState('Pod')).toBe('unreachable');
    expect(podNames()).toEqual(['a']);
    expect(state()).toBe('unreachable');
    server.requests.length = 0;
    server.refused.clear();
    await eventually(isLive);
    expect(server.requestsTo('Pod').some(each => !each.includes('watch'))).toBe(
      true,
    );
  });

  it('keeps going when an answer makes no sense', async () => {
    start();
    await eventually(isLive);
    server.put('Pod', { ...pod('odd'), spec: null, status: null });
    server.put('Pod', pod('fine'));
    await eventually(() => podNames().includes('fine'));
    expect(fleet.pods({ name: 'odd' })[0]).toMatchObject({ ready: false });
  });

  it('keeps events that matter', async () => {
    const about = { kind: 'Pod', name: 'a', uid: 'uid-a' };
    const minutesAgo = (minutes: number) =>
      new Date(Date.now() - minutes * 60_000).toISOString();
    server.put(
      'Event',
      event('newer', { about, lastTimestamp: minutesAgo(1) }),
    );
    server.put(
      'Event',
      event('older', { about, lastTimestamp: minutesAgo(9) }),
    );
    server.put(
      'Event',
      event('gone', { about, lastTimestamp: minutesAgo(70) }),
    );
    server.put(
      'Event',
      event('dull', { about, type: 'Normal', reason: 'Scheduled' }),
    );
    server.put(
      'Event',
      event('else', { about: { kind: 'ConfigMap', name: 'c', uid: 'uid-a' } }),
    );
    start();
    await eventually(isLive);
    await eventually(
      () => fleet.eventsAbout({ cluster: 'prod-blue', uid: 'uid-a' }).length,
    );
    expect(
      fleet
        .eventsAbout({ cluster: 'prod-blue', uid: 'uid-a' })
        .map(({ name }) => name),
    ).toEqual(['older', 'newer']);
  });

  it('follows clusters that come and go', async () => {
    server.put('Pod', pod('a'));
    start();
    await eventually(isLive);
    clusters = [];
    await eventually(() => fleet.clusters().length === 0);
    expect(fleet.pods({})).toEqual([]);
    await eventually(() => server.watchesOf('Pod') === 0);
  });

  it('keeps what it knows when the source of clusters fails', async () => {
    server.put('Pod', pod('a'));
    let fails = false;
    fleet = DefaultFleet.create({
      argo: [],
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: { kubernetes: FAST },
    });
    let asked = 0;
    fleet.setClusterSource(async () => {
      asked += 1;
      if (fails) throw new Error('The catalog is down');
      return clusters;
    });
    await eventually(isLive);
    fails = true;
    const before = asked;
    await eventually(() => asked > before + 1);
    expect(podNames()).toEqual(['a']);
    expect(() => fleet.setClusterSource(async () => [])).toThrow(/set already/);
  });

  it('resolves until when the predicate holds, and rejects when aborted', async () => {
    start();
    const controller = new AbortController();
    const found = fleet.until(() => fleet.pods({ name: 'late' })[0], {
      signal: controller.signal,
    });
    await eventually(isLive);
    server.put('Pod', pod('late'));
    await expect(found).resolves.toMatchObject({ name: 'late' });

    const never = fleet.until(() => undefined, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(never).rejects.toThrow('enough');
  });
});
