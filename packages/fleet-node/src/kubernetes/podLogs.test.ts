import { mockServices } from '@backstage/backend-test-utils';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeApiServer } from '../tests/FakeApiServer';
import { eventually } from '../tests/eventually';
import { PodLogsRequest } from '../types';

describe('logs of pods', () => {
  const server = new FakeApiServer();
  let fleet: DefaultFleet;
  let asked: URLSearchParams;

  beforeAll(async () => {
    await server.start();
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
    await eventually(() => fleet.clusters().length === 1);
  });

  afterAll(async () => {
    fleet.stop();
    await server.stop();
  });

  async function read(request: Partial<PodLogsRequest> = {}) {
    const lines = await fleet.podLogs({
      cluster: 'prod-blue',
      namespace: 'storefront',
      pod: 'orders-1',
      container: 'app',
      signal: new AbortController().signal,
      ...request,
    });
    const all: string[] = [];
    for await (const line of lines) all.push(line);
    return all;
  }

  function answer(status: number, body: string) {
    server.log = query => {
      asked = query;
      return { status, body };
    };
  }

  it('are read line by line, blank ones too', async () => {
    answer(200, 'erste Zeile\n\nüber\nohne Ende');
    await expect(
      read({ previous: true, tailLines: 3, timestamps: true }),
    ).resolves.toEqual(['erste Zeile', '', 'über', 'ohne Ende']);
    expect(Object.fromEntries(asked)).toMatchObject({
      container: 'app',
      previous: 'true',
      tailLines: '3',
      timestamps: 'true',
    });
    expect(asked.has('follow')).toBe(false);
  });

  it.each([
    [
      404,
      'pods "orders-1" not found',
      'NotFoundError',
      'does not have this pod',
    ],
    [
      400,
      'container "app" in pod "orders-1" is waiting to start: ContainerCreating',
      'ConflictError',
      'is waiting to start: ContainerCreating',
    ],
    [403, 'no', 'ServiceUnavailableError', 'may not read logs'],
    [
      500,
      'Get "https://10.0.0.7:10250/": dial tcp',
      'ServiceUnavailableError',
      'answers with errors (HTTP status 500)',
    ],
  ])('answer %s as %s', async (status, message, name, words) => {
    answer(status, JSON.stringify({ message }));
    await expect(read()).rejects.toMatchObject({
      name,
      message: expect.stringContaining(words),
    });
  });

  it.each([
    { pod: '../../secrets/x' },
    { pod: 'a%2Fb' },
    { namespace: 'kube-system/pods' },
    { namespace: 'a.b' },
    { container: 'app&follow=true' },
    { tailLines: -1 },
    { tailLines: 1.5 },
  ])('ask nothing for %j', async request => {
    const before = server.requests.length;
    await expect(read(request)).rejects.toMatchObject({ name: 'InputError' });
    expect(
      server.requests.slice(before).filter(path => path.includes('/log')),
    ).toEqual([]);
  });

  it('say when a cluster is not watched', async () => {
    await expect(read({ cluster: 'else' })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  it('end when the reader stops', async () => {
    server.hangs = true;
    const controller = new AbortController();
    const reading = read({ signal: controller.signal, follow: true });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    server.hangs = false;
  });
});
