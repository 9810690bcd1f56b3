import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkFolder, checkPort, freePort } from './checks.mjs';
import { ensureFrontend } from './frontend.mjs';
import { ensureInstalled, isInstalled } from './install.mjs';
import { readStartOptions, START_HELP } from './options.mjs';
import { keep, root, runFile } from './paths.mjs';
import { explainSystemError, PlainError } from './plainError.mjs';
import { POSTGRES_PASSWORD, POSTGRES_USER } from './postgres.mjs';
import { Processes } from './processes.mjs';
import { tokenOf } from './token.mjs';
import { ensureToolchain } from './toolchain.mjs';
import { overlayFor } from './worldConfig.mjs';

const READY_TIMEOUT_MS = 120_000;
const RESTART_DELAY_MS = 200;
/** A backend that dies this often before it was ready once is not started again. */
const MOST_FAILED_STARTS = 3;
/** The backend's own word for 'this cannot work with this configuration'. */
const EXIT_BAD_CONFIG = 78;

/** Port of the front end's development server. */
const DEVELOPMENT_PORT = 3000;

/** `npm start`. */
export async function main(args) {
  await startPortal(args, { develop: false });
}

/** Starts the whole portal and runs until it is told to end. */
export async function startPortal(args, { develop }) {
  const options = { ...readStartOptions(args), develop };
  if (options.help) {
    console.log(START_HELP);
    return;
  }
  for (const file of options.configs) {
    if (!fs.existsSync(file)) throw new PlainError(`There is no file ${file}.`);
  }
  const ports = Array.from(
    { length: options.replicas },
    (_, index) => options.port + index,
  );
  for (const port of [...ports, ...(develop ? [DEVELOPMENT_PORT] : [])])
    await checkPort(port);
  checkFolder({ installed: isInstalled() });
  const toolchain = ensureToolchain();
  await ensureInstalled(toolchain);
  if (!develop) await ensureFrontend(toolchain);
  await new Portal(options, toolchain, ports).run();
}

class Portal {
  #options;
  #toolchain;
  #ports;
  #processes = new Processes();
  #infrastructure = [];
  #backends = [];
  #folder;
  #folderIsTemporary = false;
  #end;
  #ended = new Promise(resolve => {
    this.#end = resolve;
  });

  constructor(options, toolchain, ports) {
    this.#options = options;
    this.#toolchain = toolchain;
    this.#ports = ports;
  }

  async run() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => this.#end(0));
    let code;
    try {
      code = await Promise.race([
        this.#start().then(
          () => this.#ended,
          // Whatever fails because everything is being stopped is no news.
          error =>
            this.#processes.stopping ? this.#ended : Promise.reject(error),
        ),
        this.#ended,
      ]);
    } catch (error) {
      const explained = explainSystemError(error, 'starting Switchyard');
      console.error(explained.plain ? explained.message : explained);
      code = 1;
    }
    await this.#stop();
    process.exit(code);
  }

  async #start() {
    this.#makeFolder();
    const sandbox =
      this.#options.configs.length === 0 ? this.#startSandbox() : undefined;
    const database = this.#needsDatabase() ? this.#startDatabase() : undefined;
    const [handle, connection] = await Promise.all([sandbox, database]);
    const worldConfigs = this.#ports.map((port, index) => {
      const file = path.join(
        this.#folder,
        `app-config.replica-${index + 1}.yaml`,
      );
      const worker = index > 0 || this.#options.worker;
      fs.writeFileSync(
        file,
        JSON.stringify(
          overlayFor({
            port,
            connection,
            handle,
            worker,
            folder: this.#folder,
            appPort: this.#options.develop ? DEVELOPMENT_PORT : port,
          }),
          null,
          2,
        ),
        { mode: 0o600 },
      );
      return file;
    });
    const configs = [
      path.join(root, 'app-config.yaml'),
      ...(handle ? [path.join(root, 'app-config.sandbox.yaml')] : []),
      ...this.#options.configs,
    ];
    // One after the other: the first makes the databases' tables.
    for (const [index, port] of this.#ports.entries()) {
      this.#startBackend({
        index,
        port,
        configs: [...configs, worldConfigs[index]],
      });
      await this.#waitUntilReady(port, handle);
    }
    if (this.#options.develop)
      this.#startFrontend([...configs, worldConfigs[0]]);
    this.#announce(handle);
  }

  #makeFolder() {
    if (this.#options.configs.length > 0) {
      this.#folder = path.join(keep, 'real');
      fs.mkdirSync(this.#folder, { recursive: true });
    } else if (this.#options.world) {
      this.#folder = this.#options.world;
      fs.mkdirSync(this.#folder, { recursive: true });
    } else {
      this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'switchyard-'));
      this.#folderIsTemporary = true;
    }
    // The database runs as a user of its own where we are root, and must be able to reach its folder.
    fs.chmodSync(this.#folder, 0o711);
  }

  #needsDatabase() {
    return !this.#options.configs.some(file =>
      /^\s{2,}client:\s*['"]?pg\b/m.test(fs.readFileSync(file, 'utf8')),
    );
  }

  async #startSandbox() {
    const readyFile = path.join(this.#folder, 'sandbox.json');
    fs.rmSync(readyFile, { force: true });
    const child = this.#processes.startNode(
      this.#toolchain.node,
      'sandbox',
      [
        '--require',
        '@backstage/cli/config/nodeTransform.cjs',
        path.join(root, 'packages/sandbox/src/main.ts'),
        '--dir',
        path.join(this.#folder, 'world'),
        '--ready-file',
        readyFile,
        ...(this.#options.speed ? ['--speed', this.#options.speed] : []),
        ...this.#options.scale,
      ],
      { cwd: path.join(root, 'packages/sandbox'), env: this.#nodeEnv() },
    );
    this.#infrastructure.push(child);
    this.#endIfItDies(child, 'The sandbox');
    await waitFor(
      () => fs.existsSync(readyFile),
      child,
      'The sandbox did not start',
    );
    return JSON.parse(fs.readFileSync(readyFile, 'utf8'));
  }

  async #startDatabase() {
    const portFile = path.join(this.#folder, 'postgres.port');
    const port = fs.existsSync(portFile)
      ? Number(fs.readFileSync(portFile, 'utf8'))
      : await freePort();
    fs.writeFileSync(portFile, String(port));
    await checkPort(port);
    let ready = false;
    const child = this.#processes.startNode(
      this.#toolchain.node,
      'postgres',
      [
        path.join(root, 'scripts/launch/postgres.mjs'),
        path.join(this.#folder, 'postgres'),
        String(port),
      ],
      {
        cwd: root,
        onLine: line => {
          if (line === 'ready') ready = true;
        },
      },
    );
    this.#infrastructure.push(child);
    this.#endIfItDies(child, 'The database');
    await waitFor(() => ready, child, 'The database did not start');
    return {
      host: '127.0.0.1',
      port,
      user: POSTGRES_USER,
      password: POSTGRES_PASSWORD,
    };
  }

  #startBackend(backend) {
    this.#backends[backend.index] = backend;
    backend.failedStarts ??= 0;
    const child = this.#processes.startNode(
      this.#toolchain.node,
      backend.index === 0 ? 'backend' : `backend-${backend.index + 1}`,
      [
        ...(this.#options.develop ? ['--watch'] : []),
        '--require',
        '@backstage/cli/config/nodeTransform.cjs',
        path.join(root, 'packages/backend/src/index.ts'),
        ...backend.configs.flatMap(file => ['--config', file]),
      ],
      {
        cwd: path.join(root, 'packages/backend'),
        env: {
          ...this.#nodeEnv(),
          NODE_ENV: this.#options.develop ? 'development' : 'production',
          LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
        },
        onLine: line => {
          if (line.startsWith('switchyard: '))
            console.error(line.slice('switchyard: '.length));
        },
      },
    );
    backend.child = child;
    backend.startedAt = Date.now();
    child.ended.then(({ code, signal }) =>
      this.#onBackendEnd(backend, code, signal),
    );
  }

  #startFrontend(configs) {
    const child = this.#processes.startNode(
      this.#toolchain.node,
      'frontend',
      [
        path.join(root, 'node_modules/@backstage/cli/bin/backstage-cli'),
        'package',
        'start',
        ...configs.flatMap(file => ['--config', file]),
      ],
      { cwd: path.join(root, 'packages/app') },
    );
    this.#infrastructure.push(child);
    this.#endIfItDies(child, "The front end's development server");
  }

  #onBackendEnd(backend, code, signal) {
    if (this.#processes.stopping) return;
    if (code === EXIT_BAD_CONFIG) {
      this.#end(1);
      return;
    }
    backend.failedStarts = backend.ready ? 0 : backend.failedStarts + 1;
    backend.ready = false;
    if (backend.failedStarts >= MOST_FAILED_STARTS) {
      console.error(
        `The backend ended ${MOST_FAILED_STARTS} times before it was ready. The end of ${
          backend.child.logFile
        }:\n${tail(backend.child.logFile)}`,
      );
      this.#end(1);
      return;
    }
    console.log(
      `The backend ended (${
        signal ?? `code ${code}`
      }); starting it again. World and database go on.`,
    );
    setTimeout(() => {
      if (this.#processes.stopping) return;
      this.#startBackend(backend);
      this.#waitUntilReady(backend.port).then(
        () =>
          console.log(
            `Switchyard is ready again: ${address(backend.port)} (backend pid ${
              backend.child.pid
            })`,
          ),
        error => {
          if (!this.#processes.stopping) console.error(error.message);
        },
      );
      this.#writeRunFile();
    }, RESTART_DELAY_MS);
  }

  async #waitUntilReady(port, handle) {
    const backend = this.#backends.find(candidate => candidate.port === port);
    await waitFor(
      async () => {
        const response = await fetch(
          `http://127.0.0.1:${port}/.backstage/health/v1/readiness`,
        ).catch(() => undefined);
        if (response?.status !== 200) return false;
        // The catalog has read the people and services once somebody can sign in.
        return (
          !handle ||
          tokenOf(address(port), handle.people[0].name).then(
            () => true,
            () => false,
          )
        );
      },
      undefined,
      `The backend did not get ready; see ${backend.child.logFile}`,
      () => this.#processes.stopping,
    );
    backend.ready = true;
  }

  #announce(handle) {
    this.#writeRunFile(handle);
    const [first, ...others] = this.#backends;
    if (this.#options.develop)
      console.log(`\nFront end with hot reload: ${address(DEVELOPMENT_PORT)}`);
    console.log(
      `\nSwitchyard is ready: ${address(first.port)} (backend pid ${
        first.child.pid
      })`,
    );
    for (const other of others)
      console.log(
        `  replica: ${address(other.port)} (backend pid ${other.child.pid})`,
      );
    if (handle) {
      console.log('\nSign in as:');
      for (const person of handle.people)
        console.log(`  ${person.name.padEnd(6)} ${person.about}`);
      console.log(`\nFaults and counts of the sandbox: ${handle.faults.url}`);
      console.log(
        'Start with the service orders: ' +
          `${address(first.port)}/catalog/default/component/orders`,
      );
    }
    console.log('Ctrl-C ends everything.');
  }

  #writeRunFile(handle) {
    this.#handle = handle ?? this.#handle;
    const content = {
      url: address(this.#ports[0]),
      replicas: this.#backends.map(({ port, child }) => ({
        url: address(port),
        pid: child.pid,
      })),
      sandbox: this.#handle,
      pid: process.pid,
    };
    fs.writeFileSync(
      process.env.SWITCHYARD_RUN_FILE ?? runFile,
      JSON.stringify(content, null, 2),
      { mode: 0o600 },
    );
  }
  #handle;

  #endIfItDies(child, what) {
    child.ended.then(() => {
      if (this.#processes.stopping) return;
      console.error(
        `${what} ended unexpectedly. The end of ${child.logFile}:\n${tail(
          child.logFile,
        )}`,
      );
      this.#end(1);
    });
  }

  async #stop() {
    if (this.#processes.stopping) return;
    this.#processes.stopping = true;
    console.log('Stopping…');
    await Promise.all(
      this.#backends.map(backend => this.#processes.stop(backend.child)),
    );
    await Promise.all(
      this.#infrastructure.map(child => this.#processes.stop(child)),
    );
    this.#processes.killAll();
    fs.rmSync(process.env.SWITCHYARD_RUN_FILE ?? runFile, { force: true });
    if (this.#folderIsTemporary)
      fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #nodeEnv() {
    return { NODE_COMPILE_CACHE: path.join(keep, 'compile-cache') };
  }
}

function address(port) {
  return `http://localhost:${port}`;
}

function tail(file) {
  return fs.readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
}

async function waitFor(condition, child, message, given = () => false) {
  const end = Date.now() + READY_TIMEOUT_MS;
  while (!(await condition())) {
    if (child && (child.exitCode !== null || child.signalCode !== null)) {
      throw new PlainError(
        `${message}. The end of ${child.logFile}:\n${tail(child.logFile)}`,
      );
    }
    if (given()) throw new PlainError('Stopped while starting.');
    if (Date.now() > end)
      throw new PlainError(`${message} within ${READY_TIMEOUT_MS / 1000} s.`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
