import { CoreV1Api } from '@kubernetes/client-node';
import { PodLogsRequest } from '../types';
import { eventually } from './eventually';
import { ShellPod, shellPods } from './shellPod';

const IN_TIME = { timeoutMs: 60_000 };
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z /;

describe.each(shellPods('reading logs is'))('logs of %s', (_, open) => {
  let shell: ShellPod;

  beforeAll(async () => {
    shell = await open();
  });
  afterAll(() => shell?.close());

  const openLog = (change: Partial<PodLogsRequest> = {}) =>
    shell.fleet.podLogs({
      ...shell.place,
      signal: new AbortController().signal,
      ...change,
    });
  async function read(change: Partial<PodLogsRequest> = {}) {
    const lines: string[] = [];
    for await (const line of await openLog(change)) lines.push(line);
    return lines;
  }

  it('are refused where there are none', async () => {
    await expect(read({ pod: 'none' })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
    await expect(read({ container: 'none' })).rejects.toMatchObject({
      name: 'ConflictError',
      message: 'container none is not valid for pod shell',
    });
    // It was never restarted.
    if (shell.runBy === 'none') return;
    await expect(read({ previous: true })).rejects.toMatchObject({
      name: 'ConflictError',
    });
  });

  it('are what was written so far, from where one asks', async () => {
    if (shell.runBy === 'none') return;

    await shell.speak();
    await shell.speak();
    await eventually(async () => (await read()).length >= 2, IN_TIME);
    const stamped = await read({ timestamps: true });
    for (const line of stamped) expect(line).toMatch(STAMP);
    const plain = await read();
    const shared = Math.min(plain.length, stamped.length);
    expect(plain.slice(0, shared)).toEqual(
      stamped.slice(0, shared).map(line => line.replace(STAMP, '')),
    );
    await expect(read({ tailLines: 1 })).resolves.toHaveLength(1);
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    await expect(read({ sinceTime: inAnHour })).resolves.toEqual([]);
  });

  it('are followed until one has enough', async () => {
    if (shell.runBy === 'none') return;

    const controller = new AbortController();
    const lines = (
      await openLog({ follow: true, tailLines: 0, signal: controller.signal })
    )[Symbol.asyncIterator]();
    for (let count = 0; count < 2; count += 1) {
      const next = lines.next();
      await shell.speak();
      await expect(next).resolves.toMatchObject({ done: false });
    }
    const next = lines.next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });

  it('end with the pod', async () => {
    // The log of a pod of kwok is a file, which stays.
    if (shell.runBy === 'none' || shell.runBy === 'kwok') return;

    const following = read({ follow: true, tailLines: 0 });
    const { namespace, pod } = shell.place;
    await shell.cluster.kubeConfig
      .makeApiClient(CoreV1Api)
      .deleteNamespacedPod({ namespace, name: pod });
    await expect(following).resolves.toEqual(expect.any(Array));
  });
});
