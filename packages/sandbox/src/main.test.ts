import { ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

jest.setTimeout(60_000);

const PACKAGE = dirname(require.resolve('@switchyard/sandbox/package.json'));
let folder: string;

function start(...options: string[]): {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
} {
  const child = spawn(
    process.execPath,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      'src/main.ts',
      ...options,
    ],
    {
      cwd: PACKAGE,
      env: { PATH: process.env.PATH, HOME: folder },
    },
  );
  let text = '';
  child.stdout.on('data', chunk => (text += chunk));
  child.stderr.on('data', chunk => (text += chunk));
  return {
    child,
    output: () => text,
    ended: new Promise(resolve => child.on('close', resolve)),
  };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-main-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each(['SIGTERM', 'SIGINT'] as const)(
  'writes its addresses, says that it is ready, and ends cleanly on %s',
  async signal => {
    const file = join(folder, 'ready.json');
    const sandbox = start(
      '--dir',
      join(folder, 'world'),
      '--ready-file',
      file,
      '--seed',
      '7',
    );
    const end = Date.now() + 50_000;
    while (!sandbox.output().includes('\n') && Date.now() < end) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(sandbox.output()).toMatch(
      /^The sandbox is ready after \d+ ms: faults and counts at http:\/\/127\.0\.0\.1:\d+\n$/,
    );
    const handle = JSON.parse(await readFile(file, 'utf8'));
    expect(
      handle.clusters.map((cluster: { name: string }) => cluster.name),
    ).toEqual(['prod-blue', 'prod-green', 'dev']);
    const counts = await fetch(`${handle.faults.url}/api/counts`);
    expect(counts.status).toBe(200);
    sandbox.child.kill(signal);
    expect(await sandbox.ended).toBe(0);
    expect(
      JSON.parse(await readFile(join(folder, 'world', 'sandbox.json'), 'utf8'))
        .seed,
    ).toBe(7);
  },
);

it('refuses what is no number with one sentence', async () => {
  const sandbox = start('--speed', 'fast');
  expect(await sandbox.ended).toBe(1);
  expect(sandbox.output()).toBe("--speed needs a number, not 'fast'\n");
});
