import { mockServices } from '@backstage/backend-test-utils';
import { OpenHandles } from '@switchyard/sandbox';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeArgoCd } from '../tests/FakeArgoCd';
import { application } from '../tests/application';
import { eventually } from '../tests/eventually';
import { FleetChange } from '../types';
import { ArgoCdTimings } from './timings';

const FAST: Partial<ArgoCdTimings> = {
  connectTimeoutMs: 300,
  answerTimeoutMs: 300,
  requestTimeoutMs: 300,
  listTimeoutMs: 10_000,
  streamSilenceMs: 5_000,
  relistMs: 60_000,
  settleMs: 30,
  backoffBaseMs: 20,
  backoffMaxMs: 60,
};

describe('an Argo CD in trouble', () => {
  const handles = OpenHandles.watch();
  let server: FakeArgoCd;
  let other: FakeArgoCd;
  let fleet: DefaultFleet;
  let changes: FleetChange[];

  beforeEach(async () => {
    server = new FakeArgoCd();
    other = new FakeArgoCd();
    await server.start();
    await other.start();
    server.put(application('orders-blue'));
    other.put(application('elsewhere'));
    changes = [];
  });

  afterEach(async () => {
    fleet.stop();
    await server.stop();
    await other.stop();
    await handles.expectNothingLeft();
  });
  afterAll(() => handles.stop());

  function start(timings: Partial<ArgoCdTimings> = {}) {
    const account = { token: 'static-token' };
    const uiUrl = 'https://argocd.example';
    fleet = DefaultFleet.create({
      argo: [
        { name: 'main', url: server.url, uiUrl, account },
        { name: 'other', url: other.url, uiUrl, account },
      ],
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: { argocd: { ...FAST, ...timings } },
    });
    fleet.subscribe(change => changes.push(change));
  }

  const status = (name = 'main') =>
    fleet.argoInstances().find(each => each.name === name)!;
  const isLive = () => status().state === 'live';
  const ref = (name: string, instance = 'main') => ({
    instance,
    namespace: 'argocd',
    name,
  });
  const row = (name: string) => fleet.application(ref(name));
  const rings = (name: string) =>
    changes.filter(
      change => change.type === 'application' && change.row.name === name,
    ).length;
  const lists = () =>
    server.requests.filter(({ path }) => path.startsWith('/applications?'));

  async function expectOthersFresh() {
    const name = `o-${Math.random().toString(36).slice(2, 8)}`;
    other.put(application(name));
    await eventually(() => fleet.application(ref(name, 'other')));
    expect(status('other').state).toBe('live');
  }

  it('that restarts again and again keeps its rows, tells only of what changed, and is live again', async () => {
    start();
    await eventually(isLive);
    await eventually(() => fleet.lookAt(ref('orders-blue')));
    for (let round = 0; round < 3; round += 1) {
      await server.stop();
      await eventually(() => status().state === 'unreachable');
      expect(status().problem).toBe('Argo CD main refuses connections');
      expect(row('orders-blue')?.health.status).toBe('Healthy');
      await expectOthersFresh();
      await server.start();
      await eventually(isLive);
    }
    expect(rings('orders-blue')).toBe(1);
    server.put(application('orders-blue', { health: 'Degraded' }));
    await eventually(() => row('orders-blue')?.health.status === 'Degraded');
    await eventually(
      () =>
        fleet.fullApplication(ref('orders-blue'))?.status?.health?.status ===
        'Degraded',
    );
    expect(status().problem).toBeUndefined();
  });

  it('that streams an Application twice has it once, and tells of it once', async () => {
    const { opening } = server;
    server.opening = () => [...opening(), ...opening()];
    start();
    await eventually(isLive);
    server.repeat('orders-blue');
    server.repeat('orders-blue');
    server.put(application('after'));
    await eventually(() => row('after'));
    expect(fleet.applications({ instance: 'main' })).toHaveLength(2);
    expect(status().applications).toBe(2);
    expect(rings('orders-blue')).toBe(1);
    await eventually(() => fleet.lookAt(ref('orders-blue')));
    server.repeat('orders-blue');
    server.remove('orders-blue');
    await eventually(() => !row('orders-blue'));
    expect(rings('orders-blue')).toBe(2);
  });

  it('of which the stream of one Application loses a change is asked for it, once', async () => {
    start();
    await eventually(isLive);
    await eventually(() => fleet.lookAt(ref('orders-blue')));
    await eventually(() => server.openStreams === 2);
    server.singleStreamsLoseEvents = true;
    server.requests.length = 0;
    server.put(application('orders-blue', { health: 'Degraded' }));
    await eventually(
      () =>
        fleet.fullApplication(ref('orders-blue'))?.status?.health?.status ===
        'Degraded',
    );
    server.singleStreamsLoseEvents = false;
    server.put(application('orders-blue', { health: 'Healthy' }));
    server.put(application('after'));
    await eventually(() => row('after'));
    expect(
      fleet.fullApplication(ref('orders-blue'))?.status?.health?.status,
    ).toBe('Healthy');
    expect(server.requestsTo('/applications/orders-blue')).toHaveLength(1);
  });

  it('that forbids one project shows the others, and says of what is looked at that it may not be seen', async () => {
    server.put(application('secret', { spec: { project: 'payments' } }));
    start({ relistMs: 50, settleMs: 0 });
    await eventually(() => row('secret'));
    // From now on the account may not see that project.
    server.fault = ({ path }) =>
      /secret|payments/.test(path)
        ? { status: 403, body: '{"message":"permission denied"}' }
        : undefined;
    server.applications.delete('secret');
    await eventually(() => !row('secret'));
    expect(isLive()).toBe(true);
    expect(status().problem).toBeUndefined();
    expect(row('orders-blue')?.health.status).toBe('Healthy');
    const { signal } = new AbortController();
    await expect(
      fleet.openApplication(ref('secret'), { signal }),
    ).rejects.toMatchObject({
      kind: 'not-found',
      message:
        'Argo CD main does not have the Application secret, or does not let the portal see it',
    });
    await expect(
      fleet.argo('main').project('payments', { signal }),
    ).rejects.toMatchObject({
      kind: 'forbidden',
      message:
        "Argo CD main does not let the portal's account read the project payments",
    });
    await expectOthersFresh();
  });

  it('that is too busy is left alone for as long as it asks for', async () => {
    start();
    await eventually(isLive);
    server.fault = () => ({
      status: 429,
      body: '',
      headers: { 'retry-after': '1' },
    });
    server.requests.length = 0;
    server.cutStreams();
    await eventually(() => status().state === 'unreachable');
    expect(status().problem).toBe(
      'Argo CD main answers with errors (HTTP status 429)',
    );
    await expectOthersFresh();
    await expectOthersFresh();
    expect(lists()).toHaveLength(1);
    server.fault = () => undefined;
    server.put(application('after'));
    await eventually(() => row('after'));
    expect(isLive()).toBe(true);
  });

  it('that takes long to list is waited for, with the state so far, and listed once at a time', async () => {
    // Longer than any other request may take.
    const slow = 700;
    let listing = 0;
    let atOnce = 0;
    server.pace = async ({ path }) => {
      if (!path.startsWith('/applications?')) return;
      listing += 1;
      atOnce = Math.max(atOnce, listing);
      await new Promise(resolve => setTimeout(resolve, slow));
      listing -= 1;
    };
    start({ relistMs: 100, settleMs: 0 });
    await eventually(() => lists().length === 1);
    expect(status()).toMatchObject({ state: 'connecting', applications: 0 });
    await expectOthersFresh();
    await eventually(isLive);
    expect(row('orders-blue')?.health.status).toBe('Healthy');
    // Lists go on beside the stream, and hold nothing up.
    await eventually(() => lists().length === 3);
    server.put(application('meanwhile'));
    await eventually(() => row('meanwhile'));
    expect(isLive()).toBe(true);
    expect(atOnce).toBe(1);
  });
});
