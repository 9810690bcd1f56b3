import { mockServices } from '@backstage/backend-test-utils';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from '../tests/eventually';
import { FakeApiServer } from '../tests/FakeApiServer';

const PATH = '/apis/metrics.k8s.io/v1beta1/namespaces/storefront/pods';

/** As metrics-server 0.7 answers. */
const LIST = {
  kind: 'PodMetricsList',
  apiVersion: 'metrics.k8s.io/v1beta1',
  metadata: {},
  items: [
    {
      metadata: {
        name: 'orders-1',
        namespace: 'storefront',
        creationTimestamp: '2026-11-21T08:01:00Z',
      },
      timestamp: '2026-11-21T08:00:48Z',
      window: '15.033s',
      containers: [
        { name: 'app', usage: { cpu: '2546251n', memory: '98304Ki' } },
        { name: 'proxy', usage: { cpu: '1m', memory: '12Mi' } },
      ],
    },
  ],
};

describe('metrics of pods', () => {
  const server = new FakeApiServer();
  let fleet: DefaultFleet;

  beforeEach(async () => {
    await server.start();
    server.requests.length = 0;
    server.handlers.clear();
    fleet = DefaultFleet.create({
      argo: [],
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
    });
    fleet.setClusterSource(async () => [
      {
        name: 'prod-blue',
        url: server.url,
        credential: async () => ({ token: 'token-1' }),
      },
    ]);
    await eventually(() => fleet.clusters()[0]?.state === 'live');
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    fleet.stop();
    await server.stop();
  });

  const read = (signal = new AbortController().signal) =>
    fleet.podMetrics(
      { cluster: 'prod-blue', namespace: 'storefront' },
      { signal },
    );
  const asked = () => server.requests.filter(path => path === PATH).length;
  const answer = (status: number, body: unknown) =>
    server.handlers.set(PATH, (_, response) => {
      response.writeHead(status).end(JSON.stringify(body));
    });
  const later = (ms: number) => {
    const now = Date.now() + ms;
    jest.spyOn(Date, 'now').mockReturnValue(now);
  };

  it('are read as cores and bytes, once for all who ask, and again when they are old', async () => {
    answer(200, LIST);
    const answers = await Promise.all(Array.from({ length: 50 }, () => read()));
    expect(asked()).toBe(1);
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatchObject({ state: 'read' });
    expect(answers[0].pods.get('orders-1')).toEqual({
      at: '2026-11-21T08:00:48Z',
      containers: [
        {
          name: 'app',
          cpu: expect.closeTo(0.002546251, 9),
          memory: 98304 * 1024,
        },
        { name: 'proxy', cpu: 0.001, memory: 12 * 1024 * 1024 },
      ],
    });
    await read();
    expect(asked()).toBe(1);
    later(16_000);
    await read();
    expect(asked()).toBe(2);
  });

  it('tell a cluster without metrics from one where they may not be read, and do not ask again at once', async () => {
    answer(404, {
      message: 'the server could not find the requested resource',
    });
    expect(await read()).toMatchObject({
      state: 'none',
      why: 'Cluster prod-blue has no metrics API (metrics-server is not installed)',
    });
    later(60_000);
    await read();
    expect(asked()).toBe(1);
    later(70_000);
    answer(403, {
      reason: 'Forbidden',
      message: 'pods.metrics.k8s.io is forbidden: User "x" cannot list',
    });
    expect(await read()).toMatchObject({
      state: 'not-readable',
      why: expect.stringMatching(/^The portal's account may not read metrics/),
    });
    expect(asked()).toBe(2);
  });

  it('keep what was measured while the metrics server does not answer, but not for long', async () => {
    answer(200, LIST);
    const { asOf } = await read();
    later(20_000);
    answer(503, { message: 'the server is currently unable to handle it' });
    const failed = await read();
    expect(failed).toMatchObject({
      state: 'unavailable',
      why: 'The metrics API of cluster prod-blue does not answer (HTTP status 503)',
      asOf,
    });
    expect(failed.pods.size).toBe(1);
    later(125_000);
    expect((await read()).pods.size).toBe(0);
    later(20_000);
    answer(200, LIST);
    expect(await read()).toMatchObject({ state: 'read' });
  });

  it('name no host and fail nobody when the cluster cannot be reached or answers nonsense', async () => {
    server.handlers.set(PATH, (_, response) => {
      response.end('<html>');
    });
    expect((await read()).why).toBe(
      'The metrics API of cluster prod-blue gave an answer that cannot be read',
    );
    later(20_000);
    server.handlers.set(PATH, (_, response) => {
      response.destroy();
    });
    expect((await read()).why).toBe(
      'Cluster prod-blue broke the connection off',
    );
  });

  it('let one go who waits no longer, and serve the others', async () => {
    let reply = () => {};
    server.handlers.set(PATH, (_, response) => {
      reply = () => response.end(JSON.stringify(LIST));
    });
    const controller = new AbortController();
    const gone = read(controller.signal);
    const stays = read();
    await eventually(() => asked() === 1);
    controller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    reply();
    expect((await stays).pods.size).toBe(1);
  });

  it('ask nothing for a namespace that is none', async () => {
    await expect(
      fleet.podMetrics(
        { cluster: 'prod-blue', namespace: '../nodes' },
        { signal: new AbortController().signal },
      ),
    ).rejects.toMatchObject({ name: 'InputError' });
  });
});
