import http from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { mockServices } from '@backstage/backend-test-utils';
import { WebSocket, WebSocketServer } from 'ws';
import { createExecutor, ExecRequest, ExecSession } from '../exec';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from '../tests/eventually';

/** An API server that does what a test says when a process is to be started. */
class ExecServer {
  /** Answers instead of a web socket. */
  refusal: { status: number; body: string } | undefined;
  tokens = ['token-1'];
  asked: string[] = [];
  clients: WebSocket[] = [];
  readonly sockets = new Set<Socket>();
  #server!: http.Server;

  async start() {
    const webSockets = new WebSocketServer({ noServer: true });
    this.#server = http.createServer((_, response) =>
      response.writeHead(404).end('{}'),
    );
    this.#server.on('connection', socket => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const token = request.headers.authorization!.replace('Bearer ', '');
      this.asked.push(`${token} ${request.url}`);
      const { status, body } = !this.tokens.includes(token)
        ? { status: 401, body: '{"message":"Unauthorized"}' }
        : this.refusal ?? { status: 0, body: '' };
      if (status) {
        socket.end(
          `HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
        );
        return;
      }
      webSockets.handleUpgrade(request, socket, head, client =>
        this.clients.push(client),
      );
    });
    await new Promise<void>(resolve =>
      this.#server.listen(0, '127.0.0.1', resolve),
    );
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

describe('a process in a container', () => {
  let server: ExecServer;
  let fleet: DefaultFleet;

  beforeEach(async () => {
    server = new ExecServer();
    const url = await server.start();
    let credentials = 0;
    fleet = DefaultFleet.create({
      argo: [],
      logger: mockServices.logger.mock({
        child: () => mockServices.logger.mock(),
      }),
      timings: { kubernetes: { heartbeatMs: 60_000 } },
    });
    fleet.setClusterSource(async () => [
      {
        name: 'prod-blue',
        url,
        credential: async () => ({ token: `token-${(credentials += 1)}` }),
      },
    ]);
    await eventually(() => fleet.clusters().length === 1);
  });
  afterEach(async () => {
    fleet.stop();
    await server.stop();
  });

  const open = (change: Partial<ExecRequest> = {}): Promise<ExecSession> =>
    createExecutor({ fleet }).open({
      cluster: 'prod-blue',
      namespace: 'storefront',
      pod: 'orders-1',
      container: 'app',
      command: ['sh', '-c', 'a b&c'],
      signal: new AbortController().signal,
      ...change,
    });

  it('asks for exactly what was said, and with a new credential after a 401', async () => {
    server.tokens = ['token-2'];
    const session = await open();
    const address =
      '/api/v1/namespaces/storefront/pods/orders-1/exec?container=app&stdout=true&stderr=true&command=sh&command=-c&command=a+b%26c';
    expect(server.asked).toEqual([`token-1 ${address}`, `token-2 ${address}`]);
    expect(server.clients[0].protocol).toBe('v5.channel.k8s.io');
    session.close();
    expect(await session.ended).toEqual({ by: 'connection' });
  });

  it.each([
    [
      403,
      '{"message":"x is forbidden at 10.0.0.1"}',
      'ServiceUnavailableError',
      /^The portal's account may not start a process in a container in cluster prod-blue$/,
    ],
    [
      404,
      '{"message":"pods \\"x\\" not found"}',
      'NotFoundError',
      /does not have this pod/,
    ],
    [
      400,
      '{"message":"container x is not valid for pod y"}',
      'ConflictError',
      /^container x is not valid for pod y$/,
    ],
    // Of a kubelet, through version 4 of the protocol.
    [
      500,
      '{"message":"container not found (\\"app\\")"}',
      'ConflictError',
      /container not found/,
    ],
    [
      500,
      'dial tcp 10.0.0.1:10250',
      'ServiceUnavailableError',
      /^Cluster prod-blue answers with errors \(HTTP status 500\)$/,
    ],
    [302, '', 'ServiceUnavailableError', /HTTP status 302/],
  ])(
    'tells a refusal with %s without what is not for the caller',
    async (status, body, name, message) => {
      server.refusal = { status, body };
      await expect(open()).rejects.toMatchObject({
        name,
        message: expect.stringMatching(message),
      });
    },
  );

  it('reads no more from the API server than the caller takes', async () => {
    const session = await open();
    const [client] = server.clients;
    const piece = Buffer.concat([Buffer.of(1), Buffer.alloc(64 * 1024, 'x')]);
    const pieces = 2_000;
    for (let count = 0; count < pieces; count += 1) client.send(piece);
    client.send(
      Buffer.concat([Buffer.of(3), Buffer.from('{"status":"Success"}')]),
    );
    await new Promise(resolve => setTimeout(resolve, 200));
    // 128 MB were sent; what the system's buffers do not take waits at the sender.
    expect(client.bufferedAmount).toBeGreaterThan(64 * 1024 * 1024);
    let bytes = 0;
    for await (const { data } of session.output) {
      bytes += data.length;
      if (bytes === pieces * 64 * 1024) client.close();
    }
    expect(bytes).toBe(pieces * 64 * 1024);
    expect(await session.ended).toEqual({ by: 'exit', exitCode: 0 });
  });

  it.each([
    [
      '{"status":"Failure","message":"Internal error occurred: unable to upgrade connection: container not found (\\"app\\")"}',
      { by: 'not-started', reason: 'not-running' },
    ],
    [
      '{"status":"Failure","message":"exec: \\"bash\\": executable file not found in $PATH: unknown"}',
      { by: 'not-started', reason: 'no-program' },
    ],
    [
      '{"status":"Failure","message":"error dialing backend"}',
      { by: 'not-started', reason: 'other' },
    ],
    [
      '{"status":"Failure","details":{"causes":[{"reason":"ExitCode","message":"137"}]}}',
      { by: 'exit', exitCode: 137 },
    ],
    ['{', { by: 'connection' }],
  ])('understands the end %s', async (status, end) => {
    const session = await open();
    const [client] = server.clients;
    client.send(Buffer.concat([Buffer.of(3), Buffer.from(status)]));
    client.close();
    expect(await session.ended).toEqual(end);
  });

  it('is closed by either side, and leaves no socket', async () => {
    const before = server.sockets.size;
    const controller = new AbortController();
    const sessions = await Promise.all([
      open({ signal: controller.signal }),
      open(),
      open(),
    ]);
    controller.abort();
    sessions[1].close();
    server.clients.forEach(client => client.terminate());
    for (const session of sessions) {
      expect(await session.ended).toEqual({ by: 'connection' });
      await session.write(Buffer.from('into nothing'));
      session.resize({ columns: 1, rows: 1 });
    }
    await eventually(() => server.sockets.size <= before);
    controller.abort();
    await expect(open({ signal: controller.signal })).rejects.toBe(
      controller.signal.reason,
    );
  });

  it.each([
    [{ pod: '../secrets' }],
    [{ namespace: 'a/b' }],
    [{ container: 'A' }],
    [{ command: [] }],
  ])('does not ask for %j', async change => {
    await expect(open(change)).rejects.toMatchObject({ name: 'InputError' });
    expect(server.asked).toEqual([]);
  });
});
