import { mockServices } from '@backstage/backend-test-utils';
import { createArgoCdWriter } from '../effects';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeArgoCd } from '../tests/FakeArgoCd';
import { application } from '../tests/application';
import { eventually } from '../tests/eventually';
import { ArgoCdReader, ArgoCdWriter } from './types';

/** A refusal as Argo CD words it. */
const answer = (status: number, message: string) => ({
  status,
  body: JSON.stringify({ error: message, code: 7, message }),
});

describe('the clients of Argo CD', () => {
  const server = new FakeArgoCd();
  const { signal } = new AbortController();
  const orders = { namespace: 'argocd', name: 'orders-blue' };
  let fleet: DefaultFleet;
  let reader: ArgoCdReader;
  let writer: ArgoCdWriter;

  beforeAll(async () => {
    await server.start();
    server.put(application('orders-blue'));
    fleet = DefaultFleet.create({
      argo: [
        {
          name: 'main',
          url: server.url,
          uiUrl: server.url,
          account: { token: 'static-token' },
        },
      ],
      logger: mockServices.logger.mock(),
      timings: {
        argocd: {
          // Long enough for a machine that has much else to do.
          connectTimeoutMs: 5_000,
          answerTimeoutMs: 1_000,
          requestTimeoutMs: 1_000,
          refreshTimeoutMs: 1_500,
          backoffBaseMs: 60_000,
          backoffMaxMs: 60_000,
        },
      },
    });
    // Its own watch shall not ask anything in between.
    await eventually(() => server.openStreams === 1);
    reader = fleet.argo('main');
    writer = createArgoCdWriter({ reader });
  });

  afterAll(async () => {
    fleet.stop();
    await server.stop();
  });

  beforeEach(() => {
    server.requests.length = 0;
    server.fault = () => undefined;
  });

  const last = () => server.requests[server.requests.length - 1];

  it('reads an Application, refreshed on request, below the path of its address', async () => {
    await expect(
      reader.getApplication(
        { ...orders, project: 'storefront' },
        { refresh: 'hard', signal },
      ),
    ).resolves.toMatchObject({ metadata: { name: 'orders-blue' } });
    expect(last().path).toBe(
      '/applications/orders-blue?appNamespace=argocd&project=storefront&refresh=hard',
    );
    expect(last().headers.authorization).toBe('Bearer static-token');
  });

  it('reads windows, tree and commits', async () => {
    await expect(reader.syncWindows(orders, { signal })).resolves.toEqual({
      canSync: false,
      activeWindows: [],
      assignedWindows: [],
    });
    await expect(reader.resourceTree(orders, { signal })).resolves.toEqual([
      expect.objectContaining({ kind: 'Pod', group: '', uid: 'u', images: [] }),
    ]);
    await expect(
      reader.revisionMetadata(orders, 'abcdef1', { signal }),
    ).resolves.toMatchObject({ author: 'dana', message: 'Ship it' });
  });

  it('reads manifests and the project', async () => {
    await expect(reader.managedResources(orders, { signal })).resolves.toEqual([
      {
        group: 'apps',
        kind: 'Deployment',
        namespace: 'ns',
        name: 'changed',
        hook: false,
        live: { kind: 'Deployment', spec: { replicas: 2 } },
        desired: { kind: 'Deployment', spec: {} },
      },
      expect.objectContaining({ name: 'new', live: undefined, desired: {} }),
    ]);
    await expect(reader.project('storefront', { signal })).resolves.toEqual({
      name: 'storefront',
      syncWindows: [{ kind: 'deny', schedule: '0 18 * * 5', duration: '62h' }],
    });
    server.fault = () => answer(403, 'permission denied');
    await expect(reader.project('storefront', { signal })).rejects.toThrow(
      "Argo CD main does not let the portal's account read the project storefront",
    );
    await expect(reader.project('../x', { signal })).rejects.toMatchObject({
      name: 'InputError',
    });
  });

  it.each(['{"items":[{"liveState":"{"}]}', '{"items":[null]}'])(
    'does not swallow manifests that make no sense: %s',
    async body => {
      server.fault = () => ({ status: 200, body });
      await expect(
        reader.managedResources(orders, { signal }),
      ).rejects.toMatchObject({ kind: 'unexpected' });
    },
  );

  it('asks for a commit once, however many want to know and when', async () => {
    const commit = 'c'.repeat(40);
    const gone = new AbortController();
    const left = reader.revisionMetadata(orders, commit, gone);
    gone.abort(new Error('enough'));
    const all = Array.from({ length: 30 }, () =>
      reader.revisionMetadata(orders, commit, { signal }),
    );
    await expect(left).rejects.toThrow('enough');
    await expect(Promise.all(all)).resolves.toHaveLength(30);
    await reader.revisionMetadata(orders, commit, { signal });
    expect(server.requestsTo(commit)).toHaveLength(1);

    // Nor is Git asked again by each who looks at one that is not there.
    const missing = 'd'.repeat(40);
    server.fault = () => answer(500, 'unknown revision');
    for (let time = 0; time < 3; time++) {
      await expect(
        reader.revisionMetadata(orders, missing, { signal }),
      ).rejects.toMatchObject({ kind: 'unreachable' });
    }
    expect(server.requestsTo(missing)).toHaveLength(1);
    // Another Application may have it; what is wrong with the first is not told of it.
    server.fault = () => undefined;
    server.put(application('search-blue'));
    const search = { ...orders, name: 'search-blue' };
    await expect(
      reader.revisionMetadata(search, missing, { signal }),
    ).resolves.toMatchObject({ author: expect.any(String) });
    await reader.revisionMetadata(orders, missing, { signal });
    expect(server.requestsTo(missing)).toHaveLength(2);
  });

  it('looks into eight things at once, and leaves the rest of Argo CD to others', async () => {
    server.fault = ({ path }) => (path.includes('tree') ? 'hang' : undefined);
    const controller = new AbortController();
    const looking = Array.from({ length: 20 }, () =>
      reader.resourceTree(orders, controller).catch(error => error.message),
    );
    await eventually(() => server.requestsTo('tree').length === 8);
    await expect(
      reader.getApplication(orders, { signal }),
    ).resolves.toMatchObject({ metadata: { name: 'orders-blue' } });
    expect(server.requestsTo('tree')).toHaveLength(8);
    controller.abort(new Error('enough'));
    await expect(Promise.all(looking)).resolves.toEqual(
      Array.from({ length: 20 }, () => 'enough'),
    );
    // Nobody who left keeps a place.
    server.fault = () => undefined;
    await expect(
      Promise.all(
        Array.from({ length: 20 }, () =>
          reader.resourceTree(orders, { signal }),
        ),
      ),
    ).resolves.toHaveLength(20);
  });

  it.each([
    ['../../session', 'argocd'],
    ['orders%2Fblue', 'argocd'],
    ['orders/blue', 'argocd'],
    ['orders?x=1', 'argocd'],
    ['orders,blue', 'argocd'],
    ['orders\nblue', 'argocd'],
    ['', 'argocd'],
    ['Orders', 'argocd'],
    ['orders..blue', 'argocd'],
    ['orders-blue', '../argocd'],
    ['a'.repeat(254), 'argocd'],
  ])('asks nothing for the name %j in %j', async (name, namespace) => {
    for (const ask of [
      () => reader.getApplication({ name, namespace }, { signal }),
      () => reader.syncWindows({ name, namespace }, { signal }),
      () => writer.sync({ name, namespace }, {}, { signal }),
      () => writer.terminate({ name, namespace }, { signal }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ name: 'InputError' });
    }
    await expect(
      reader.revisionMetadata(orders, '../x', { signal }),
    ).rejects.toMatchObject({ name: 'InputError' });
    expect(server.requests).toEqual([]);
  });

  it('syncs with everything that finds the operation again', async () => {
    await expect(
      writer.sync(
        orders,
        {
          revision: 'a'.repeat(40),
          prune: true,
          infos: [{ name: 'switchyard-run', value: '42' }],
        },
        { signal },
      ),
    ).resolves.toMatchObject({ operation: { sync: {} } });
    expect(last()).toMatchObject({
      method: 'POST',
      path: '/applications/orders-blue/sync',
    });
    expect(last().headers['content-type']).toBe('application/json');
    expect(JSON.parse(last().body)).toEqual({
      name: 'orders-blue',
      appNamespace: 'argocd',
      revision: 'a'.repeat(40),
      prune: true,
      infos: [{ name: 'switchyard-run', value: '42' }],
    });

    await writer.sync(orders, { revisions: ['b', 'c'] }, { signal });
    expect(JSON.parse(last().body)).toMatchObject({
      revisions: ['b', 'c'],
      sourcePositions: [1, 2],
      prune: false,
    });
  });

  it('terminates', async () => {
    await expect(writer.terminate(orders, { signal })).resolves.toBeUndefined();
    expect(last()).toMatchObject({
      method: 'DELETE',
      path: '/applications/orders-blue/operation?appNamespace=argocd',
    });
  });

  it.each([
    [403, 'cannot sync: blocked by sync window', 'refused', 'ConflictError'],
    [
      400,
      'another operation is already in progress',
      'refused',
      'ConflictError',
    ],
    [
      400,
      'Cannot sync to x: auto-sync currently set to main',
      'refused',
      'ConflictError',
    ],
    [
      403,
      'permission denied: applications, sync, p/a, sub: x',
      'forbidden',
      'ServiceUnavailableError',
    ],
    [403, 'permission denied', 'forbidden', 'ServiceUnavailableError'],
    [
      404,
      'applications.argoproj.io "x" not found',
      'not-found',
      'NotFoundError',
    ],
    [
      401,
      'no session information',
      'unauthenticated',
      'ServiceUnavailableError',
    ],
    [429, 'slow down', 'unreachable', 'ServiceUnavailableError'],
  ])(
    'a sync answered with %s %j was not done: %s',
    async (status, message, kind, name) => {
      server.fault = () => answer(status, message);
      await expect(writer.sync(orders, {}, { signal })).rejects.toMatchObject({
        kind,
        name,
        status,
        argoMessage: message,
        instance: 'main',
        outcome: 'not-done',
        ...(kind === 'refused' && { message }),
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  it.each([
    ['its answer is lost', 'destroy' as const],
    ['it never answers', 'hang' as const],
    ['something in between fails', { status: 502, body: '<html>' }],
    ['the answer is no JSON', { status: 200, body: '<html>' }],
  ])('a sync may have been done when %s', async (_, fault) => {
    server.fault = () => fault;
    await expect(writer.sync(orders, {}, { signal })).rejects.toMatchObject({
      outcome: 'unknown',
      name: 'ServiceUnavailableError',
    });
    // Never sent again by itself.
    expect(server.requests).toHaveLength(1);
  });

  it('a sync was not done when there was no connection', async () => {
    await server.stop();
    try {
      await expect(writer.sync(orders, {}, { signal })).rejects.toMatchObject({
        kind: 'unreachable',
        outcome: 'not-done',
        message: 'Argo CD main refuses connections',
      });
    } finally {
      await server.start();
    }
  });

  it('does not tell a missing Application from a forbidden one', async () => {
    const missing = { namespace: 'argocd', name: 'none' };
    for (const name of [missing, { ...missing, project: 'storefront' }]) {
      await expect(
        reader.getApplication(name, { signal }),
      ).rejects.toMatchObject({
        name: 'NotFoundError',
        message:
          'Argo CD main does not have the Application none, or does not let the portal see it',
      });
    }
  });

  it('names no host and no token in any message', async () => {
    const faults = [
      'hang' as const,
      'destroy' as const,
      { status: 500, body: 'dial tcp 10.0.0.1: static-token' },
      answer(401, 'static-token is revoked at 127.0.0.1'),
      { status: 302, body: 'see 127.0.0.1' },
    ];
    for (const fault of faults) {
      server.fault = () => fault;
      const error = await reader
        .getApplication(orders, { signal })
        .catch(caught => caught);
      expect(error.message).toMatch(/^Argo CD main /);
      expect(error.message).not.toMatch(
        /127\.0\.0\.1|10\.0\.0\.1|static-token/,
      );
      expect(error.cause).toBeUndefined();
    }
  });

  it('ends when its signal does', async () => {
    server.fault = () => 'hang';
    const controller = new AbortController();
    const asked = reader.getApplication(orders, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });

  it('makes no writer of a stranger', () => {
    expect(() =>
      createArgoCdWriter({ reader: { instance: 'x' } as ArgoCdReader }),
    ).toThrow(/not handed out by the fleet/);
    expect(() => fleet.argo('other')).toThrow(/No Argo CD instance other/);
  });
});
