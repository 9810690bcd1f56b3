// What `npm start` does when things are not as they should be, and what it leaves behind: nothing.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../../../scripts/launch/checks.mjs';
import { root } from '../../../scripts/launch/paths.mjs';
import { tokenOf } from '../../../scripts/launch/token.mjs';
import { startPortal, until } from '../../../scripts/testing/portal.mjs';

const node = process.env.SWITCHYARD_NODE ?? process.execPath;
const startScript = path.join(root, 'scripts/start.mjs');

function runStart(args: string[], env: Record<string, string> = {}) {
  return spawnSync(node, [startScript, ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, npm_config_user_agent: 'npm', ...env },
  });
}

/** Processes that have the marker in their environment: everything that one start has begotten. */
function processesMarked(marker: string): string[] {
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(marker);
      } catch {
        return false;
      }
    })
    .map(pid => {
      try {
        return `${pid} ${fs
          .readFileSync(`/proc/${pid}/cmdline`, 'utf8')
          .replaceAll('\0', ' ')}`;
      } catch {
        return pid;
      }
    })
    .filter(line => line.includes(' '));
}

const noProc = fs.existsSync('/proc/self/environ')
  ? false
  : 'there is no /proc to look for processes in';

describe('the launcher', () => {
  test('a port in use: one sentence that names it and another one', async () => {
    const server = http.createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { status, stderr } = runStart(['--port', String(port)]);
    server.close();
    assert.equal(status, 1);
    assert.match(
      stderr,
      new RegExp(`^Port ${port} is in use\\. .*--port \\d+`, 'm'),
    );
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test('an option that is not one, and a value that cannot be: what would be right', () => {
    assert.match(
      runStart(['--prot', '7007']).stderr,
      /'--prot' is not an option[\s\S]*--port N/,
    );
    assert.match(
      runStart(['--port', 'x']).stderr,
      /--port takes a whole number from 1 to 65535, not 'x'/,
    );
  });

  test('an old Node: one sentence', () => {
    const entry = fs.readFileSync(startScript, 'utf8');
    const folder = fs.mkdtempSync(
      path.join(os.tmpdir(), 'switchyard-old-node-'),
    );
    fs.writeFileSync(
      path.join(folder, 'start.mjs'),
      entry
        .replaceAll('process.versions.node', '"18.20.0"')
        .replaceAll('process.version ', '"v18.20.0" '),
    );
    const { status, stderr } = spawnSync(
      node,
      [path.join(folder, 'start.mjs')],
      { encoding: 'utf8' },
    );
    fs.rmSync(folder, { recursive: true });
    assert.equal(status, 1);
    assert.match(stderr, /needs Node\.js 20 or newer/);
  });

  test(
    'a folder that may not be written: one sentence',
    {
      skip:
        process.getuid?.() === 0 && !fs.existsSync('/usr/bin/setpriv')
          ? 'root may write everywhere, and setpriv is not installed'
          : false,
    },
    async () => {
      // A copy of the launcher alone, owned by somebody else.
      const folder = fs.mkdtempSync(
        path.join(os.tmpdir(), 'switchyard-readonly-'),
      );
      fs.cpSync(path.join(root, 'scripts'), path.join(folder, 'scripts'), {
        recursive: true,
      });
      for (const name of ['package.json', 'yarn.lock', '.yarnrc.yml'])
        fs.copyFileSync(path.join(root, name), path.join(folder, name));
      for (const name of ['packages', 'plugins'])
        fs.mkdirSync(path.join(folder, name));
      fs.chmodSync(folder, 0o555);
      const args = [
        path.join(folder, 'scripts/start.mjs'),
        '--port',
        String(await freePort()),
      ];
      const isRoot = process.getuid?.() === 0;
      // A Node.js that everybody may run: root's own tools lie where nobody else can reach them.
      const publicNode = isRoot
        ? execFileSync(
            '/bin/sh',
            ['-c', 'PATH=/usr/local/bin:/usr/bin:/bin command -v node'],
            { encoding: 'utf8' },
          ).trim()
        : node;
      const { status, stderr } = isRoot
        ? spawnSync(
            '/usr/bin/setpriv',
            [
              '--reuid=65534',
              '--regid=65534',
              '--clear-groups',
              publicNode,
              ...args,
            ],
            {
              encoding: 'utf8',
              env: { npm_config_user_agent: 'npm', PATH: process.env.PATH! },
            },
          )
        : spawnSync(publicNode, args, { encoding: 'utf8' });
      fs.chmodSync(folder, 0o755);
      fs.rmSync(folder, { recursive: true });
      assert.equal(status, 1);
      assert.match(stderr, /^No permission to write /m);
      assert.doesNotMatch(stderr, /\n\s+at /);
    },
  );

  describe('a running portal', { skip: noProc }, () => {
    const marker = `SWITCHYARD_TEST_MARKER=${process.pid}`;
    let portal: Awaited<ReturnType<typeof startPortal>>;
    before(async () => {
      const [name, value] = marker.split('=');
      portal = await startPortal({ env: { [name]: value } });
    });
    after(() => portal?.stop());

    test('takes the very first web socket of signals', async () => {
      const socket = new WebSocket(
        `${portal.url.replace('http', 'ws')}/api/signals`,
        [await tokenOf(portal.url, 'dana')],
      );
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error('It did not open'));
      });
      socket.close();
    });

    test('npm run token prints a token for a person and refuses others', () => {
      const token = (person: string) =>
        spawnSync(node, [path.join(root, 'scripts/run.mjs'), 'token', person], {
          encoding: 'utf8',
          env: { ...process.env, SWITCHYARD_RUN_FILE: portal.runFile },
        });
      assert.match(token('dana').stdout, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/m);
      const nobody = token('nobody');
      assert.equal(nobody.status, 1);
      assert.match(nobody.stderr, /'nobody' cannot sign in/);
    });

    test('is bound to this machine only', () => {
      const port = Number(new URL(portal.url).port);
      const listening = fs
        .readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .filter(
          line =>
            line.includes(
              `:${port.toString(16).toUpperCase().padStart(4, '0')}`,
            ) && line.includes(' 0A '),
        );
      assert.ok(listening.length > 0);
      for (const line of listening) assert.match(line, /^\s*\d+: 0100007F:/);
    });

    test('SIGTERM ends it with all it has started; a world with a name is kept', async () => {
      assert.ok(
        processesMarked(marker).length >= 4,
        'launcher, sandbox, database and backend run',
      );
      const { dir } = portal.sandbox;
      assert.ok(fs.existsSync(dir));
      portal.process.kill('SIGTERM');
      const code = await new Promise(resolve =>
        portal.process.once('exit', resolve),
      );
      assert.equal(code, 0);
      assert.deepEqual(processesMarked(marker), []);
      assert.ok(fs.existsSync(dir));
    });
  });

  test(
    'a killed launcher leaves no child behind',
    { skip: noProc },
    async () => {
      const marker = `SWITCHYARD_TEST_MARKER=killed-${process.pid}`;
      const [name, value] = marker.split('=');
      const portal = await startPortal({ env: { [name]: value } });
      portal.process.kill('SIGKILL');
      await until(() => processesMarked(marker).length === 0, 30_000, 200);
      await portal.stop();
    },
  );

  test(
    'a second start needs no network, and takes its world away in the end',
    { skip: canCutTheNetwork() },
    async () => {
      const port = await freePort();
      const folder = fs.mkdtempSync(
        path.join(os.tmpdir(), 'switchyard-offline-'),
      );
      // Where we are root the database runs as somebody else, who must be able to reach it.
      fs.chmodSync(folder, 0o711);
      const child = spawn(
        'unshare',
        [
          '--net',
          'sh',
          '-c',
          `ip link set lo up && exec "${node}" "${startScript}" --port ${port}`,
        ],
        {
          cwd: root,
          env: {
            ...process.env,
            npm_config_user_agent: 'npm',
            TMPDIR: folder,
            SWITCHYARD_RUN_FILE: path.join(folder, 'run.json'),
          },
        },
      );
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', text => (output += text));
      const ended = new Promise(resolve => child.once('exit', resolve));
      try {
        await until(() => {
          assert.equal(child.exitCode, null, output);
          return output.includes('Switchyard is ready');
        }, 120_000);
      } finally {
        child.kill('SIGTERM');
        await ended;
        const left = fs
          .readdirSync(folder)
          .filter(name => name.startsWith('switchyard-'));
        assert.deepEqual(left, []);
        fs.rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

/** A network namespace of its own has loopback and nothing else. */
function canCutTheNetwork(): string | false {
  const { status } = spawnSync('unshare', [
    '--net',
    'sh',
    '-c',
    'ip link set lo up',
  ]);
  return status === 0
    ? false
    : 'this user may not make a network namespace (needs root, unshare and ip)';
}
