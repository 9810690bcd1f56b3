import { WebSocket } from 'ws';
import {
  deployment,
  startTestCluster,
  TEST_TOKEN,
  TestCluster,
} from '../tests/startTestCluster';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster();
  cluster.add(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'orders', namespace: 'storefront' },
      data: { PASSWORD: Buffer.from('canary-1').toString('base64') },
    },
    { manager: 'test' },
  );
  cluster.store.apply(
    deployment({
      replicas: 1,
      container: {
        envFrom: [{ secretRef: { name: 'orders' } }],
        env: [
          {
            name: 'NODE',
            valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } },
          },
        ],
      },
    }),
    { manager: 'test' },
  );
  cluster.clock.advance(60_000);
});
afterEach(() => cluster.close());

interface Session {
  socket: WebSocket;
  out(): string;
  error(): string;
  send(channel: number, text: string): void;
  status: Promise<any>;
}

function open(
  query: string,
  options: { protocol?: string; path?: string; token?: string } = {},
): Promise<Session | { status: number; message: string }> {
  const pod = options.path ?? cluster.pods()[0].metadata.name;
  const socket = new WebSocket(
    `${cluster.url.replace(
      'http',
      'ws',
    )}/api/v1/namespaces/storefront/pods/${pod}/exec?stdout=1&stderr=1&${query}`,
    options.protocol ?? 'v5.channel.k8s.io',
    { headers: { authorization: `Bearer ${options.token ?? TEST_TOKEN}` } },
  );
  const texts: Record<number, string> = { 1: '', 2: '', 3: '' };
  socket.on('message', (data: Buffer) => {
    texts[data[0]] += data.subarray(1).toString('utf8');
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', piece => (body += piece));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          message: JSON.parse(body).message,
        }),
      );
    });
    socket.on('open', () =>
      resolve({
        socket,
        out: () => texts[1],
        error: () => texts[2],
        send: (channel, text) =>
          socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)])),
        status: new Promise(ended =>
          socket.on('close', () => ended(texts[3] && JSON.parse(texts[3]))),
        ),
      }),
    );
  });
}

async function run(...command: string[]) {
  const session = (await open(
    command.map(word => `command=${encodeURIComponent(word)}`).join('&'),
  )) as Session;
  const status = await session.status;
  return { status, out: session.out(), error: session.error() };
}

async function eventually(check: () => void): Promise<void> {
  for (let round = 0; ; round += 1) {
    try {
      check();
      return;
    } catch (error) {
      if (round > 200) throw error;
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }
}

const exitCode = (code: number) => ({
  status: 'Failure',
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
});

it('runs a program and says how it ended', async () => {
  expect(await run('echo', 'a', 'b c')).toEqual({
    status: { metadata: {}, status: 'Success' },
    out: 'a b c\n',
    error: '',
  });
  const { name } = cluster.pods()[0].metadata;
  expect((await run('cat', '/etc/hostname')).out).toBe(`${name}\n`);
  expect((await run('ls', '/app')).out).toBe(
    'dist\nnode_modules\npackage.json\n',
  );
  const environment = (await run('env')).out;
  expect(environment).toContain('PASSWORD=canary-1\n');
  expect(environment).toMatch(/^NODE=ip-10-/m);
  expect((await run('sh', '-c', 'echo x; exit 3')).status).toMatchObject(
    exitCode(3),
  );
  const unknown = await run('sh', '-c', 'nothing');
  expect(unknown.error).toBe('sh: nothing: not found\n');
  expect(unknown.status).toMatchObject(exitCode(127));
});

it('fails as the container runtime does for a program that the image does not have', async () => {
  expect((await run('bash')).status).toMatchObject({
    status: 'Failure',
    reason: 'InternalError',
    code: 500,
    message: expect.stringMatching(
      /^Internal error occurred: error executing command in container: .* exec: "bash": executable file not found in \$PATH: unknown$/,
    ),
  });
});

it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
  'is a terminal with echo, size, interrupt and end over %s',
  async protocol => {
    const session = (await open('tty=1&stdin=1&command=sh', {
      protocol,
    })) as Session;
    expect(session.socket.protocol).toBe(protocol);
    await eventually(() => expect(session.out()).toBe('/app $ '));
    session.send(4, JSON.stringify({ Width: 100, Height: 30 }));
    session.send(0, 'stty sizx\u007fe\r');
    await eventually(() =>
      expect(session.out()).toContain('stty sizx\b \be\r\n30 100\r\n/app $ '),
    );
    session.send(0, 'sleep 60\r');
    await eventually(() => expect(session.out()).toContain('sleep 60\r\n'));
    session.send(0, '\u0003');
    session.send(0, 'exit $?\r');
    expect(await session.status).toMatchObject(exitCode(130));
  },
);

it('reads its input to the end, and waits for a sleep in the time of the world', async () => {
  const session = (await open('stdin=1&command=sh')) as Session;
  session.send(0, 'sleep 60\necho done\n');
  session.socket.send(Buffer.of(255, 0));
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(session.out()).toBe('');
  cluster.clock.advance(60_000);
  expect(await session.status).toMatchObject({ status: 'Success' });
  expect(session.out()).toBe('done\n');
});

it('kills what runs when the pod is deleted, and cuts it when the API goes down', async () => {
  const first = (await open('tty=1&stdin=1&command=sh')) as Session;
  const { name } = cluster.pods()[0].metadata;
  cluster.faults.losePod('storefront', name);
  expect(await first.status).toMatchObject(exitCode(137));
  cluster.clock.advance(60_000);
  const second = (await open('tty=1&stdin=1&command=sh')) as Session;
  cluster.faults.set({ down: true });
  expect(await second.status).toBe('');
});

it('refuses in the words of the API server', async () => {
  const { name } = cluster.pods()[0].metadata;
  expect(await open('command=ls', { path: 'none' })).toEqual({
    status: 404,
    message: 'pods "none" not found',
  });
  expect(await open('command=ls&container=none')).toEqual({
    status: 400,
    message: `container none is not valid for pod ${name}`,
  });
  expect(await open('command=ls', { token: 'other' })).toMatchObject({
    status: 401,
  });
  cluster.faults.set({ forbiddenKinds: ['pods/exec'] });
  expect(await open('command=ls')).toEqual({
    status: 403,
    message: `pods "${name}" is forbidden: User "kubernetes-admin" cannot get resource "pods/exec" in API group "" in the namespace "storefront"`,
  });
});

it('says of a container that does not run that it was not found', async () => {
  cluster.store.apply(
    deployment({
      name: 'crash',
      replicas: 1,
      image: '127.0.0.1:5001/storefront/orders:v5.4.0-crash',
    }),
    { manager: 'test' },
  );
  cluster.clock.advance(40_000);
  const pod = cluster
    .pods()
    .find(each => each.metadata.name.startsWith('crash'))!;
  expect(pod.status.containerStatuses[0].state.running).toBeUndefined();
  const session = (await open('command=ls', {
    path: pod.metadata.name,
  })) as Session;
  expect(await session.status).toMatchObject({
    reason: 'InternalError',
    message:
      'Internal error occurred: unable to upgrade connection: container not found ("crash")',
  });
});
