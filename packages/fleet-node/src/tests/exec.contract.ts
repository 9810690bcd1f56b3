import { randomBytes } from 'node:crypto';
import { mockServices } from '@backstage/backend-test-utils';
import { CoreV1Api } from '@kubernetes/client-node';
import {
  ContractCluster,
  openSandboxWorld,
  realCluster,
} from '@switchyard/contract-worlds';
import { createExecutor, Executor, ExecRequest, ExecSession } from '../exec';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from './eventually';

const IN_TIME = { timeoutMs: 60_000 };

interface World {
  cluster: ContractCluster;
  image: string;
  /** Whether its nodes run containers; simulated nodes do not. */
  runsContainers: boolean;
  close(): Promise<void>;
}

const worlds: Array<[string, () => Promise<World>]> = [
  [
    'the sandbox',
    async () => {
      const { clusters, image, versions, close } = await openSandboxWorld();
      return {
        cluster: clusters[0],
        image: `${image}:${versions[0]}`,
        runsContainers: true,
        close,
      };
    },
  ],
];
const real = realCluster();
if (real)
  worlds.push([
    'a real API server',
    async () => ({
      cluster: real,
      image: 'registry.k8s.io/e2e-test-images/busybox:1.29-4',
      runsContainers: process.env.SWITCHYARD_CONTRACT_EXEC === 'true',
      close: async () => undefined,
    }),
  ]);
else
  console.log(
    'No SWITCHYARD_CONTRACT_KUBECONFIG: exec is held to the sandbox only.',
  );

describe.each(worlds)('a process in a container of %s', (_, open) => {
  const namespace = `switchyard-contract-${randomBytes(4).toString('hex')}`;
  let world: World;
  let fleet: DefaultFleet;
  let core: CoreV1Api;
  let executor: Executor;

  beforeAll(async () => {
    world = await open();
    core = world.cluster.kubeConfig.makeApiClient(CoreV1Api);
    const logger = mockServices.logger.mock();
    fleet = DefaultFleet.create({
      argo: [],
      logger: mockServices.logger.mock({ child: () => logger }),
    });
    fleet.setClusterSource(async () => [world.cluster]);
    executor = createExecutor({ fleet });
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await core.createNamespacedPod({
      namespace,
      body: {
        metadata: { name: 'shell' },
        spec: {
          containers: [
            {
              name: 'main',
              image: world.image,
              command: ['sh', '-c', 'sleep infinity'],
              env: [{ name: 'COLOUR', value: 'red' }],
            },
          ],
        },
      },
    });
    const pod = () =>
      fleet.pods({ cluster: world.cluster.name, namespace, name: 'shell' })[0];
    await eventually(() => pod()?.phase === 'Running', IN_TIME);
  });
  afterAll(async () => {
    fleet?.stop();
    await core?.deleteNamespace({ name: namespace });
    await world?.close();
  });

  const start = (
    command: string[],
    change: Partial<ExecRequest> = {},
  ): Promise<ExecSession> =>
    executor.open({
      cluster: world.cluster.name,
      namespace,
      pod: 'shell',
      container: 'main',
      command,
      signal: new AbortController().signal,
      ...change,
    });

  async function run(...command: string[]) {
    const session = await start(command);
    const texts = { stdout: '', stderr: '' };
    for await (const { stream, data } of session.output) {
      texts[stream] += data.toString('utf8');
    }
    return { ...texts, end: await session.ended };
  }

  /** Reads until the text is there, and goes on from there the next time. */
  function reader(session: ExecSession) {
    let text = '';
    const output = session.output[Symbol.asyncIterator]();
    return async (wanted: RegExp) => {
      while (!wanted.test(text)) {
        const { done, value } = await output.next();
        if (done) throw new Error(`It ended with ${JSON.stringify(text)}`);
        text += value.data.toString('utf8');
      }
      text = text.replace(wanted, '');
    };
  }

  it('refuses what is not there', async () => {
    await expect(start(['ls'], { pod: 'none' })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
    await expect(start(['ls'], { container: 'none' })).rejects.toMatchObject({
      name: 'ConflictError',
      message: 'container none is not valid for pod shell',
    });
    await expect(start(['ls'], { cluster: 'none' })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  /** Nodes without containers: the API server takes the socket and finds no kubelet, or one without containers, behind it. */
  async function expectNoContainer() {
    const end = await start(['ls']).then(
      session => session.ended,
      error => ({ by: 'error', name: error.name }),
    );
    expect(['not-started', 'error']).toContain(end.by);
  }

  it('writes, and ends with its code', async () => {
    if (!world.runsContainers) {
      await expectNoContainer();
      return;
    }

    expect(await run('echo', 'a', 'b')).toEqual({
      stdout: 'a b\n',
      stderr: '',
      end: { by: 'exit', exitCode: 0 },
    });
    const failing = await run('sh', '-c', 'echo $COLOUR; nothing; exit 3');
    expect(failing).toMatchObject({
      stdout: 'red\n',
      stderr: expect.stringContaining('nothing: not found'),
      end: { by: 'exit', exitCode: 3 },
    });
    expect((await run('no-such-program')).end).toEqual({
      by: 'not-started',
      reason: 'no-program',
    });
  });

  it('has a terminal that knows its size and is interrupted', async () => {
    if (!world.runsContainers) {
      await expectNoContainer();
      return;
    }

    const session = await start(['sh'], {
      terminal: { columns: 80, rows: 24 },
    });
    const until = reader(session);
    session.resize({ columns: 101, rows: 31 });
    await session.write(Buffer.from('stty size\r'));
    await until(/31 101/);
    await session.write(Buffer.from('sleep 600\r'));
    await until(/sleep 600/);
    await session.write(Buffer.from('\u0003'));
    await session.write(Buffer.from('echo code $?\r'));
    await until(/code 130/);
    await session.write(Buffer.from('exit 4\r'));
    for await (const piece of session.output) expect(piece).toBeDefined();
    expect(await session.ended).toEqual({ by: 'exit', exitCode: 4 });
  });

  it('gives a lot of output whole to one who reads slowly', async () => {
    if (!world.runsContainers) {
      await expectNoContainer();
      return;
    }

    const session = await start(['seq', '1', '200000']);
    let bytes = 0;
    let last = '';
    for await (const { data } of session.output) {
      bytes += data.length;
      last = data.toString('utf8');
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(last.endsWith('200000\n')).toBe(true);
    expect(bytes).toBe(1_288_895);
  });

  it('ends with the signal', async () => {
    if (!world.runsContainers) {
      await expectNoContainer();
      return;
    }

    const controller = new AbortController();
    const session = await start(['sh'], {
      terminal: { columns: 80, rows: 24 },
      signal: controller.signal,
    });
    controller.abort();
    expect(await session.ended).toEqual({ by: 'connection' });
  });
});
