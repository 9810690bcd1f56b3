import { mockServices } from '@backstage/backend-test-utils';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeArgoCd } from '../tests/FakeArgoCd';
import { application } from '../tests/application';
import { eventually } from '../tests/eventually';
import { FleetChange } from '../types';
import { ArgoCdInstanceConfig } from './config';
import { ArgoCdTimings } from './timings';

const FAST: Partial<ArgoCdTimings> = {
  connectTimeoutMs: 300,
  answerTimeoutMs: 300,
  requestTimeoutMs: 400,
  listTimeoutMs: 400,
  streamSilenceMs: 2_000,
  relistMs: 60_000,
  settleMs: 30,
  backoffBaseMs: 20,
  backoffMaxMs: 60,
  refusedLoginMs: 60_000,
};

describe('Applications of the fleet', () => {
  let server: FakeArgoCd;
  let fleet: DefaultFleet;
  let changes: FleetChange[];

  beforeEach(async () => {
    server = new FakeArgoCd();
    await server.start();
    changes = [];
  });

  afterEach(async () => {
    fleet?.stop();
    await server.stop();
  });

  function start(
    timings: Partial<ArgoCdTimings> = {},
    account: ArgoCdInstanceConfig['account'] = { token: 'static-token' },
  ) {
    fleet = DefaultFleet.create({
      argo: [
        {
          name: 'main',
          url: server.url,
          uiUrl: 'https://argocd.example',
          account,
        },
      ],
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: { argocd: { ...FAST, ...timings } },
    });
    fleet.subscribe(change => changes.push(change));
  }

  const status = () => fleet.argoInstances()[0];
  const isLive = () => status().state === 'live';
  const ref = (name: string) => ({
    instance: 'main',
    namespace: 'argocd',
    name,
  });
  const row = (name: string) => fleet.application(ref(name));
  const lists = () =>
    server.requests.filter(({ path }) => path.startsWith('/applications?'));

  it('knows all Applications by one stream, and follows their changes', async () => {
    server.put(application('orders-blue'));
    server.put(application('orders-green', { sync: 'OutOfSync' }));
    start();
    await eventually(isLive);
    expect(status()).toMatchObject({
      name: 'main',
      url: 'https://argocd.example',
      applications: 2,
      asOf: expect.any(String),
    });
    expect(row('orders-blue')).toEqual({
      instance: 'main',
      namespace: 'argocd',
      name: 'orders-blue',
      project: 'storefront',
      labels: { 'backstage-name': 'orders' },
      annotations: { 'backstage.io/entity-ref': 'component:default/orders' },
      destination: { server: 'https://blue', namespace: 'storefront' },
      sources: [
        {
          repoURL: 'https://git/deploy-blue',
          path: 'apps/orders',
          targetRevision: 'main',
        },
      ],
      multiSource: false,
      autoSync: { enabled: true, prune: true, selfHeal: false },
      sync: { status: 'Synced', revisions: ['a'.repeat(40)] },
      health: { status: 'Healthy' },
      images: ['registry/orders:v1'],
      resources: [],
      url: 'https://argocd.example/applications/argocd/orders-blue',
      observedAt: expect.any(String),
    });

    changes.length = 0;
    server.put(application('orders-blue', { health: 'Progressing' }));
    await eventually(() => row('orders-blue')?.health.status === 'Progressing');
    server.remove('orders-green');
    await eventually(() => row('orders-green') === undefined);
    expect(
      changes
        .filter(change => change.type === 'application')
        .map(change => [change.row.name, change.deleted]),
    ).toEqual([
      ['orders-blue', false],
      ['orders-green', true],
    ]);
    const [stream] = server.requestsTo('/stream/applications');
    expect(stream.headers.accept).toBe('text/event-stream');
    expect(stream.path).not.toContain('resourceVersion');
    expect(server.requestsTo('/stream/applications')).toHaveLength(1);
  });

  it('finds Applications by label, entity, project and name', async () => {
    server.put(application('orders-blue'));
    server.put(
      application('search', {
        metadata: { labels: {}, annotations: {} },
        spec: { project: 'other' },
      }),
    );
    start();
    await eventually(isLive);
    const names = (query: Parameters<typeof fleet.applications>[0]) =>
      fleet.applications(query).map(({ name }) => name);
    expect(names({ labels: { 'backstage-name': 'orders' } })).toEqual([
      'orders-blue',
    ]);
    expect(names({ entityRef: 'component:default/orders' })).toEqual([
      'orders-blue',
    ]);
    expect(names({ project: 'other' })).toEqual(['search']);
    expect(names({ name: 'search', project: 'storefront' })).toEqual([]);
    expect(names({ instance: 'none' })).toEqual([]);
    expect(names({})).toHaveLength(2);
  });

  it('reads those that somebody waits for before all others, once, and only until all are known', async () => {
    server.put(application('orders-blue'));
    server.put(application('orders-green'));
    let list = () => {};
    const listed = new Promise<void>(resolve => (list = resolve));
    server.pace = ({ path }) =>
      path.startsWith('/applications?') && !path.includes('name=')
        ? listed
        : undefined;
    start();
    const wanted = {
      name: 'orders-green',
      labels: { 'backstage-name': 'orders' },
    };
    fleet.readApplicationsFirst([{ ...wanted, instance: 'other' }, wanted]);
    fleet.readApplicationsFirst([wanted]);
    await eventually(() => row('orders-green'));
    expect(status().state).toBe('connecting');
    expect(row('orders-blue')).toBeUndefined();
    expect(changes.filter(({ type }) => type === 'application')).toHaveLength(
      1,
    );
    // It was deleted before any stream could tell.
    server.remove('orders-green');
    list();
    await eventually(() => isLive() && row('orders-green') === undefined);
    fleet.readApplicationsFirst([{ name: 'orders-blue' }]);
    const asked = server
      .requestsTo('&fields=')
      .map(({ path }) => new URL(path, server.url).searchParams);
    expect(
      asked.map(query => [query.get('name'), query.get('selector')]),
    ).toEqual([['orders-green', 'backstage-name=orders']]);
  });

  it('takes null for no Applications, and a stream without even a header for a quiet one', async () => {
    start({ streamSilenceMs: 60 });
    await eventually(isLive);
    expect(fleet.applications({})).toEqual([]);
    // Silence alone is answered with a new stream, and is no trouble.
    await eventually(() => server.requestsTo('/stream/').length > 2);
    expect(isLive()).toBe(true);
    server.put(application('first'));
    await eventually(() => row('first'));
  });

  it('opens a new stream when signs of life are missing, and keeps one that gives them', async () => {
    server.put(application('orders-blue'));
    start({ streamSilenceMs: 150 });
    await eventually(isLive);
    for (let i = 0; i < 8; i += 1) {
      await new Promise(resolve => setTimeout(resolve, 50));
      server.keepAlive();
    }
    expect(server.requestsTo('/stream/')).toHaveLength(1);

    server.streamsAreSilent = true;
    server.put(application('orders-blue', { health: 'Degraded' }));
    server.streamsAreSilent = false;
    await eventually(() => row('orders-blue')?.health.status === 'Degraded');
    expect(server.requestsTo('/stream/')).toHaveLength(2);
  });

  it('finds out what was deleted while the stream was cut', async () => {
    server.put(application('stays'));
    server.put(application('goes'));
    start();
    await eventually(isLive);
    server.streamsAreSilent = true;
    server.remove('goes');
    server.streamsAreSilent = false;
    changes.length = 0;
    server.cutStreams();
    await eventually(() => row('goes') === undefined);
    await eventually(() => server.openStreams === 1);
    expect(isLive()).toBe(true);
    // What the new stream repeats is not told again.
    expect(changes).toEqual([
      { type: 'application', row: expect.anything(), deleted: true },
    ]);
  });

  it('opens a new stream when the list knows something that the stream kept to itself', async () => {
    server.put(application('orders-blue'));
    start({ relistMs: 60, streamSilenceMs: 60_000 });
    await eventually(isLive);
    server.streamsAreSilent = true;
    server.put(application('orders-blue', { sync: 'OutOfSync' }));
    server.streamsAreSilent = false;
    await eventually(() => row('orders-blue')?.sync.status === 'OutOfSync');
    expect(lists().length).toBeGreaterThan(1);
  });

  it('keeps what it knows of an Argo CD that is down, and says since when', async () => {
    server.put(application('orders-blue'));
    start();
    await eventually(isLive);
    await server.stop();
    await eventually(() => status().state === 'unreachable');
    expect(status().problem).toBe('Argo CD main refuses connections');
    expect(row('orders-blue')?.health.status).toBe('Healthy');
    const { since } = status();
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(status().since).toBe(since);

    server.applications.set(
      'orders-blue',
      application('orders-blue', { health: 'Degraded' }),
    );
    await server.start();
    await eventually(isLive);
    expect(row('orders-blue')?.health.status).toBe('Degraded');
    expect(status().problem).toBeUndefined();
    expect(changes).toContainEqual({ type: 'argo-instance', instance: 'main' });
  });

  it.each([
    [401, "Argo CD main does not accept the portal's account"],
    [403, "Argo CD main does not let the portal's account read Applications"],
  ])('is not readable when it answers %s', async (code, problem) => {
    server.fault = () => ({ status: code, body: '{"message":"no"}' });
    start();
    await eventually(() => status().state === 'not-readable');
    expect(status().problem).toBe(problem);
  });

  it.each([
    ['hangs', 'hang' as const, 'does not answer'],
    [
      'answers with errors',
      { status: 502, body: '<html>' },
      'answers with errors (HTTP status 502)',
    ],
    [
      'gives no JSON',
      { status: 200, body: '<html>' },
      'gives answers that make no sense',
    ],
  ])('is unreachable when it %s', async (_, fault, problem) => {
    server.fault = () => fault;
    start();
    await eventually(() => status().state === 'unreachable');
    expect(status().problem).toContain(problem);
    server.fault = () => undefined;
    server.put(application('orders-blue'));
    await eventually(() => row('orders-blue'));
    await eventually(isLive);
  });

  describe('with a user name and password', () => {
    const account = { username: 'portal', password: 'right' };

    it('logs in once for however many ask', async () => {
      server.put(application('orders-blue'));
      start({}, account);
      const { signal } = new AbortController();
      await Promise.all(
        Array.from({ length: 10 }, () =>
          fleet.argo('main').getApplication(ref('orders-blue'), { signal }),
        ),
      );
      await eventually(isLive);
      expect(server.logIns).toBe(1);
    });

    it('opens a new stream when the session was renewed, before the old one ends', async () => {
      server.put(application('orders-blue'));
      // 20 % before its end, but never sooner than after 10 s.
      server.sessionLifeMs = 12_600;
      jest.useFakeTimers({
        doNotFake: [
          'nextTick',
          'setImmediate',
          'setTimeout',
          'setInterval',
          'performance',
          'queueMicrotask',
          'clearTimeout',
          'clearInterval',
          'clearImmediate',
        ],
        now: Date.now(),
      });
      try {
        start({ relistMs: 40 }, account);
        await eventually(isLive);
        const [first] = server.streamTokens();
        jest.setSystemTime(Date.now() + 10_100);
        await eventually(() => {
          const [now] = server.streamTokens();
          return server.openStreams === 1 && now !== first;
        });
        expect(server.logIns).toBe(2);
      } finally {
        jest.useRealTimers();
      }
    });

    it('logs in again when the session is refused', async () => {
      server.put(application('orders-blue'));
      start({}, account);
      await eventually(isLive);
      server.tokens.clear();
      const { signal } = new AbortController();
      await expect(
        fleet.argo('main').getApplication(ref('orders-blue'), { signal }),
      ).resolves.toMatchObject({ metadata: { name: 'orders-blue' } });
      expect(server.logIns).toBe(2);
      // The stream that lived on the old session's rights is replaced too.
      await eventually(() =>
        server.streamTokens().every(t => server.tokens.has(t)),
      );
    });

    it('does not repeat a refused log-in: a few lock the account', async () => {
      start({}, { username: 'portal', password: 'wrong' });
      await eventually(() => status().state === 'not-readable');
      await new Promise(resolve => setTimeout(resolve, 200));
      expect(server.logIns).toBe(1);
      expect(status().problem).toBe(
        "Argo CD main does not accept the portal's account",
      );
    });
  });

  describe('full Applications', () => {
    const gets = () =>
      server.requests.filter(({ path }) =>
        path.startsWith('/applications/orders-blue?'),
      );

    it('are kept while somebody looks, with no request per look', async () => {
      server.put(application('orders-blue'));
      start();
      await eventually(isLive);
      expect(fleet.fullApplication(ref('orders-blue'))).toBeUndefined();
      expect(fleet.lookAt(ref('orders-blue'))).toBeUndefined();
      await eventually(() => fleet.lookAt(ref('orders-blue')));
      expect(changes).toContainEqual({
        type: 'full-application',
        ref: ref('orders-blue'),
        deleted: false,
      });
      server.put(
        application('orders-blue', {
          status: { history: [{ id: 0, deployedAt: '2026-11-21T08:00:00Z' }] },
        }),
      );
      await eventually(
        () =>
          fleet.fullApplication(ref('orders-blue'))?.status?.history?.length,
      );
      for (let i = 0; i < 50; i += 1) fleet.lookAt(ref('orders-blue'));
      expect(gets()).toHaveLength(1);
      expect(server.openStreams).toBe(2);
    });

    it('are dropped when nobody looks any more', async () => {
      server.put(application('orders-blue'));
      start({ unlookedMs: 50 });
      fleet.lookAt(ref('orders-blue'));
      await eventually(() => fleet.fullApplication(ref('orders-blue')));
      await eventually(() => !fleet.fullApplication(ref('orders-blue')));
      await eventually(() => server.openStreams === 1);
      expect(row('orders-blue')).toBeDefined();
    });

    it('are opened for a run, which waits on them until something holds', async () => {
      server.put(application('orders-blue'));
      start();
      const { signal } = new AbortController();
      const open = await fleet.openApplication(ref('orders-blue'), { signal });
      expect(open.current().status?.sync?.status).toBe('Synced');
      const degraded = open.until(
        each => (each.status?.health?.status === 'Degraded' ? each : undefined),
        { signal },
      );
      server.put(application('orders-blue', { health: 'Degraded' }));
      await expect(degraded).resolves.toMatchObject({
        status: { health: { status: 'Degraded' } },
      });

      const never = open.until(() => undefined, { signal });
      server.remove('orders-blue');
      await expect(never).rejects.toMatchObject({
        name: 'NotFoundError',
        message: 'The Application orders-blue was deleted in Argo CD main',
      });
      open.close();
      await expect(open.until(() => 1, { signal })).rejects.toThrow(/closed/);
    });

    it('are read anew for those who wait, should the stream have lost something', async () => {
      server.put(application('orders-blue'));
      start({ rereadMs: 40 });
      const { signal } = new AbortController();
      const open = await fleet.openApplication(ref('orders-blue'), { signal });
      const degraded = open.until(
        each => each.status?.health?.status === 'Degraded' || undefined,
        { signal },
      );
      server.streamsAreSilent = true;
      server.put(application('orders-blue', { health: 'Degraded' }));
      await expect(degraded).resolves.toBe(true);
      open.close();
    });

    it('outlive a stream that is cut, and an Argo CD that is down for a while', async () => {
      server.put(application('orders-blue'));
      start();
      const { signal } = new AbortController();
      const open = await fleet.openApplication(ref('orders-blue'), { signal });
      const degraded = open.until(
        each => each.status?.health?.status === 'Degraded' || undefined,
        { signal },
      );
      await server.stop();
      await new Promise(resolve => setTimeout(resolve, 60));
      server.applications.set(
        'orders-blue',
        application('orders-blue', { health: 'Degraded' }),
      );
      await server.start();
      await expect(degraded).resolves.toBe(true);
      open.close();
    });

    it('cannot be opened when Argo CD does not have them', async () => {
      start();
      await eventually(isLive);
      const { signal } = new AbortController();
      await expect(
        fleet.openApplication(ref('none'), { signal }),
      ).rejects.toMatchObject({ name: 'NotFoundError', kind: 'not-found' });
      const controller = new AbortController();
      server.fault = () => 'hang';
      const hanging = fleet.openApplication(ref('orders-blue'), {
        signal: controller.signal,
      });
      controller.abort(new Error('enough'));
      await expect(hanging).rejects.toThrow('enough');
    });
  });
});
