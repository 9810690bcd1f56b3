import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { keep } from './paths.mjs';

const STOP_GRACE_MS = 12_000;
const endWithParent = fileURLToPath(
  new URL('./endWithParent.cjs', import.meta.url),
);

/**
 * The child processes of one launcher. Each is in a process group of its own, so that Ctrl-C reaches only the launcher, which stops them
 * in order; and each holds a pipe to the launcher, so that it ends even where the launcher was killed.
 */
export class Processes {
  #running = new Set();
  stopping = false;

  /**
   * Starts a Node program with its output in `.switchyard/logs/<name>.log`.
   * The returned child has `ended`: a promise of `{ code, signal }`.
   */
  startNode(node, name, args, { env, cwd, onLine } = {}) {
    fs.mkdirSync(path.join(keep, 'logs'), { recursive: true });
    const logFile = path.join(keep, 'logs', `${name}.log`);
    const log = fs.createWriteStream(logFile, { flags: 'a' });
    log.write(`--- started ${new Date().toISOString()}\n`);
    const child = spawn(node, ['--require', endWithParent, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    child.stdin.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', chunk => {
        log.write(chunk);
        if (!onLine) return;
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) onLine(line);
      });
    }
    this.#running.add(child);
    const ended = new Promise(resolve => {
      child.once('error', error => {
        log.write(`${error}\n`);
        resolve({ code: 1, signal: null });
      });
      child.once('exit', (code, signal) => {
        this.#running.delete(child);
        log.end(
          `--- ended ${new Date().toISOString()} code ${code} signal ${signal}\n`,
        );
        resolve({ code, signal });
      });
    });
    return Object.assign(child, { logFile, ended });
  }

  /** Asks the child to end and waits; kills it when it does not within its grace. */
  async stop(child) {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await child.ended;
    clearTimeout(timer);
  }

  /** Kills whatever is left. */
  killAll() {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}
