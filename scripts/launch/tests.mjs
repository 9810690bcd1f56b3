import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './checks.mjs';
import { run } from './commands.mjs';
import { keep, root } from './paths.mjs';
import { PlainError } from './plainError.mjs';
import { POSTGRES_PASSWORD, POSTGRES_USER } from './postgres.mjs';
import { Processes } from './processes.mjs';

const bin = name => path.join(root, 'node_modules', '.bin', name);
const reports = path.join(keep, 'reports');

/**
 * Runs a suite and prints a line for each of its parts and, last, `N passed, N failed`.
 *
 * @returns {Promise<number>} the exit code: 0 when nothing failed
 */
export async function runTests(command, args, toolchain) {
  fs.mkdirSync(reports, { recursive: true });
  if (command === 'bench') return bench(args, toolchain);
  const parts = SUITES[command];
  const results = [];
  for (const part of parts) {
    console.log(`\n=== ${part.title}`);
    results.push({ title: part.title, ...(await part.run(toolchain, args)) });
  }
  console.log('');
  for (const { title, passed, failed, skipped, note } of results) {
    console.log(
      `${
        failed > 0 ? 'FAIL' : 'ok  '
      } ${title}: ${passed} passed, ${failed} failed${
        skipped ? `, ${skipped} skipped` : ''
      }${note ? ` (${note})` : ''}`,
    );
  }
  const sum = key =>
    results.reduce((total, result) => total + (result[key] ?? 0), 0);
  console.log(
    `\n${sum('passed')} passed, ${sum('failed')} failed${
      sum('skipped') ? `, ${sum('skipped')} skipped` : ''
    }`,
  );
  return sum('failed') > 0 ? 1 : 0;
}

const typeCheck = {
  title: 'Type check',
  run: toolchain =>
    oneCheck(toolchain, [bin('tsc'), '--noEmit', '--incremental', 'false']),
};
const lint = {
  title: 'Lint',
  run: toolchain => oneCheck(toolchain, [bin('backstage-cli'), 'repo', 'lint']),
};
const format = {
  title: 'Format',
  run: toolchain => oneCheck(toolchain, [bin('prettier'), '--check', '.']),
};
const projectRules = {
  title: 'Project rules',
  run: toolchain =>
    nodeTests(
      toolchain,
      'rules',
      listFiles(path.join(root, 'scripts', 'checks'), '.test.mjs'),
    ),
};
const unit = {
  title: 'Unit and integration tests',
  run: (toolchain, args) =>
    withPostgres(toolchain, env =>
      jest(
        toolchain,
        'unit',
        [
          bin('backstage-cli'),
          'repo',
          'test',
          '--no-watch',
          // What packages set themselves is not read when all are tested at once. Waits in tests end sooner and say what did not come.
          '--testTimeout=60000',
          ...args,
        ],
        env,
      ),
    ),
};
const contract = {
  title: 'Contract tests',
  run: (toolchain, args) =>
    withPostgres(toolchain, env =>
      jest(
        toolchain,
        'contract',
        [
          bin('jest'),
          '--config',
          path.join(root, 'scripts', 'launch', 'jest.contract.config.cjs'),
          '--runInBand',
          ...args,
        ],
        { ...env, NODE_OPTIONS: '--experimental-vm-modules' },
      ),
    ),
};
const browser = {
  title: 'Browser tests',
  run: toolchain =>
    nodeTests(
      toolchain,
      'browser',
      listFiles(path.join(root, 'packages', 'app', 'e2e-tests'), '.test.ts'),
    ),
};
const faults = {
  title: 'Fault tests',
  run: toolchain =>
    nodeTests(
      toolchain,
      'faults',
      listFiles(
        path.join(root, 'packages', 'backend', 'fault-tests'),
        '.test.ts',
      ),
    ),
};

const SUITES = {
  test: [typeCheck, lint, format, projectRules, unit, contract],
  'test:unit': [unit],
  'test:contract': [contract],
  'test:e2e': [browser],
  'test:faults': [faults],
};

async function oneCheck(toolchain, line) {
  const code = await run(toolchain, line);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function jest(toolchain, name, line, env) {
  const output = path.join(reports, `${name}.json`);
  fs.rmSync(output, { force: true });
  await run(toolchain, [...line, '--json', `--outputFile=${output}`], { env });
  if (!fs.existsSync(output))
    return { passed: 0, failed: 1, note: 'the test runner itself failed' };
  const report = JSON.parse(fs.readFileSync(output, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests,
  };
}

async function nodeTests(toolchain, name, files) {
  if (files.length === 0)
    return { passed: 0, failed: 1, note: 'no test files' };
  const output = path.join(reports, `${name}.tap`);
  fs.rmSync(output, { force: true });
  await run(
    toolchain,
    [
      '--test',
      '--test-concurrency=1',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${output}`,
      ...files,
    ],
    {
      env: { SWITCHYARD_NODE: toolchain.node, NODE_NO_WARNINGS: '1' },
    },
  );
  const text = fs.existsSync(output) ? fs.readFileSync(output, 'utf8') : '';
  const count = key =>
    Number(new RegExp(`^# ${key} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);
  if (Number.isNaN(count('pass')))
    return { passed: 0, failed: 1, note: 'the test runner itself failed' };
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped'),
  };
}

/** Gives the tests a real PostgreSQL of their own. */
async function withPostgres(toolchain, work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'switchyard-test-db-'));
  fs.chmodSync(folder, 0o711);
  const port = await freePort();
  const processes = new Processes();
  let ready;
  const isReady = new Promise(resolve => {
    ready = resolve;
  });
  const server = processes.startNode(
    toolchain.node,
    'test-postgres',
    [
      path.join(root, 'scripts/launch/postgres.mjs'),
      path.join(folder, 'data'),
      String(port),
    ],
    {
      cwd: root,
      onLine: line => line === 'ready' && ready(true),
    },
  );
  try {
    const started = await Promise.race([
      isReady,
      server.ended.then(() => false),
    ]);
    if (!started)
      return {
        passed: 0,
        failed: 1,
        note: `PostgreSQL did not start; see ${server.logFile}`,
      };
    return await work({
      CI: '1',
      BACKSTAGE_TEST_DISABLE_DOCKER: '1',
      BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: `postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:${port}/postgres`,
    });
  } finally {
    await processes.stop(server);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function bench([name, ...args], toolchain) {
  const folder = path.join(root, 'packages', 'backend', 'bench');
  const names = listFiles(folder, '.bench.ts').map(file =>
    path.basename(file, '.bench.ts'),
  );
  if (!name || !names.includes(name))
    throw new PlainError(`Which bench? One of: ${names.join(', ')}`);
  return run(toolchain, [path.join(folder, `${name}.bench.ts`), ...args], {
    env: { SWITCHYARD_NODE: toolchain.node, NODE_NO_WARNINGS: '1' },
  });
}

function listFiles(folder, ending) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true })
    .filter(name => name.endsWith(ending))
    .map(name => path.join(folder, name))
    .sort();
}
