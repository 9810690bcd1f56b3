import { createExecutor, Executor, ExecRequest, ExecSession } from '../exec';
import { KubernetesClient } from '../kubernetes/KubernetesClient';
import { SocketSession } from '../kubernetes/SocketSession';
import { DEFAULT_KUBERNETES_TIMINGS } from '../kubernetes/timings';
import { ShellPod, shellPods } from './shellPod';

const MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;

describe.each(shellPods('exec is'))(
  'a process in a container of %s',
  (_, open) => {
    let shell: ShellPod;
    let executor: Executor;

    beforeAll(async () => {
      shell = await open();
      executor = createExecutor({ fleet: shell.fleet });
    });
    afterAll(() => shell?.close());

    // A session that a failed test left open would keep the process from its end.
    let ending: AbortController;
    beforeEach(() => {
      ending = new AbortController();
    });
    afterEach(() => ending.abort());

    const start = (
      command: string[],
      change: Partial<ExecRequest> = {},
    ): Promise<ExecSession> =>
      executor.open({
        ...shell.place,
        command,
        signal: ending.signal,
        ...change,
      });

    /** A session in one version of the protocol: the portal offers both, and API servers take the newer. */
    async function startBy(
      protocol: string,
      command: string[],
      signal: AbortSignal,
    ): Promise<ExecSession> {
      const { namespace, pod, container } = shell.place;
      const client = new KubernetesClient({
        cluster: shell.cluster,
        timings: DEFAULT_KUBERNETES_TIMINGS,
      });
      const query = new URLSearchParams([
        ['container', container],
        ['stdin', 'true'],
        ['stdout', 'true'],
        ['tty', 'true'],
        ...command.map(word => ['command', word]),
      ]);
      const socket = await client.openWebSocket(
        `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`,
        { protocols: [protocol], limitBytes: MESSAGE_LIMIT_BYTES, signal },
      );
      expect(socket.protocol).toBe(protocol);
      return new SocketSession(socket, signal);
    }

    const outputOf = async (session: ExecSession) => {
      const texts = { stdout: '', stderr: '' };
      for await (const { stream, data } of session.output) {
        texts[stream] += data.toString('utf8');
      }
      return { ...texts, end: await session.ended };
    };
    const run = async (...command: string[]) => outputOf(await start(command));

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
      if (shell.runBy === 'none') {
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
      if (shell.runBy === 'none') {
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
      let isInterrupted = false;
      const interrupt = async () => {
        // Its echo comes before the program runs: what is typed then reaches nobody.
        while (!isInterrupted) {
          await session.write(Buffer.from('\u0003'));
          await session.write(Buffer.from('echo code $?\r'));
          await new Promise(resolve => setTimeout(resolve, 500));
        }
      };
      const interrupting = interrupt();
      await until(/code 130/);
      isInterrupted = true;
      await interrupting;
      await session.write(Buffer.from('exit 4\r'));
      for await (const piece of session.output) expect(piece).toBeDefined();
      expect(await session.ended).toEqual({ by: 'exit', exitCode: 4 });
    });

    it('gives a lot of output whole to one who reads slowly', async () => {
      if (shell.runBy === 'none') {
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

    it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
      'is the same by %s: size, code, and an end from here',
      async protocol => {
        if (shell.runBy === 'none') {
          await expectNoContainer();
          return;
        }
        const { signal } = ending;
        const session = await startBy(protocol, ['sh'], signal);
        const until = reader(session);
        session.resize({ columns: 93, rows: 17 });
        await session.write(Buffer.from('stty size\r'));
        await until(/17 93/);
        await session.write(Buffer.from('exit 5\r'));
        const { end } = await outputOf(session);
        expect(end).toEqual({ by: 'exit', exitCode: 5 });

        const other = await startBy(protocol, ['sh'], signal);
        await other.write(Buffer.from('echo here\r'));
        await reader(other)(/here/);
        other.close();
        expect(await other.ended).toEqual({ by: 'connection' });
      },
    );

    it('ends with the signal', async () => {
      if (shell.runBy === 'none') {
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
  },
);
