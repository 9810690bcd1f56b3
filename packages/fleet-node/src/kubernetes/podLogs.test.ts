import { mockServices } from '@backstage/backend-test-utils';
import { DefaultFleet } from '../service/DefaultFleet';
import { FakeApiServer } from '../tests/FakeApiServer';
import { eventually } from '../tests/eventually';
import { PodLogsRequest } from '../types';

const LOG_PATH = '/api/v1/namespaces/storefront/pods/orders-1/log';

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
      timings: { kubernetes: { heartbeatTimeoutMs: 300 } },
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
    { sinceSeconds: -5 },
  ])('ask nothing for %j', async request => {
    const before = server.requests.length;
    await expect(read(request)).rejects.toMatchObject({ name: 'InputError' });
    expect(
      server.requests.slice(before).filter(path => path.includes('/log')),
    ).toEqual([]);
  });

  it('begin where they are asked to', async () => {
    answer(200, '');
    await read({ sinceSeconds: 300 });
    expect(asked.get('sinceSeconds')).toBe('300');
    await read({ sinceTime: '2026-11-21T08:00:05Z' });
    expect(asked.get('sinceTime')).toBe('2026-11-21T08:00:05Z');
    expect(asked.has('sinceSeconds')).toBe(false);
  });

  it('cut a line of 1 MB and say so, and go on after it', async () => {
    answer(200, `first\n${'ä'.repeat(500_000)}\nlast`);
    const [first, long, last] = await read();
    expect([first, last]).toEqual(['first', 'last']);
    expect(long).toMatch(/^ä+ … \[cut here: the line has 1,000,000 bytes\]$/);
    expect(Buffer.byteLength(long)).toBeLessThan(70_000);
  });

  it('take what is no text for what it is', async () => {
    server.handlers.set(LOG_PATH, (_, response) => {
      response.end(Buffer.from([0x61, 0xff, 0xfe, 0x00, 0x0a, 0x62]));
    });
    await expect(read()).resolves.toEqual(['a\uFFFD\uFFFD\u0000', 'b']);
    server.handlers.delete(LOG_PATH);
  });

  it('do not read on while nobody takes their lines, and leave no socket', async () => {
    let written = 0;
    let closed = false;
    server.handlers.set(LOG_PATH, (_, response) => {
      response.on('close', () => {
        closed = true;
      });
      const line = `${'x'.repeat(1000)}\n`;
      const write = () => {
        while (!response.destroyed && response.write(line)) written += 1;
        response.once('drain', write);
      };
      write();
    });
    const controller = new AbortController();
    const lines = await fleet.podLogs({
      cluster: 'prod-blue',
      namespace: 'storefront',
      pod: 'orders-1',
      container: 'app',
      follow: true,
      signal: controller.signal,
    });
    for await (const line of lines) {
      expect(line).toHaveLength(1000);
      break;
    }
    await eventually(() => closed);
    // What fits into the buffers of two sockets, and no more.
    expect(written).toBeLessThan(20_000);
    server.handlers.delete(LOG_PATH);
  });

  it('are followed while there is not even a header, and told from a cluster that hangs', async () => {
    let speak = () => {};
    server.handlers.set(LOG_PATH, (_, response) => {
      // As kubelets do: nothing at all before the first line.
      speak = () => response.end('at last\n');
    });
    const { signal } = new AbortController();
    const request = {
      cluster: 'prod-blue',
      namespace: 'storefront',
      pod: 'orders-1',
      container: 'app',
      follow: true,
      signal,
    };
    const lines = await fleet.podLogs(request);
    speak();
    const all: string[] = [];
    for await (const line of lines) all.push(line);
    expect(all).toEqual(['at last']);
    server.handlers.delete(LOG_PATH);

    server.hangs = true;
    await expect(fleet.podLogs(request)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: 'Cluster prod-blue does not answer',
    });
    server.hangs = false;
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
