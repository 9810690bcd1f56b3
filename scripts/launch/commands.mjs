import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { checkFolder } from './checks.mjs';
import { ensureInstalled, isInstalled } from './install.mjs';
import { keep, root } from './paths.mjs';
import { packAll } from './pack.mjs';
import { PlainError } from './plainError.mjs';
import { printToken } from './token.mjs';
import { runTests } from './tests.mjs';
import { ensureToolchain } from './toolchain.mjs';

const bin = name => path.join(root, 'node_modules', '.bin', name);

/** What each command runs, by the project's Node.js, in order; the first that fails ends it. */
const COMMANDS = {
  tsc: args => [[bin('tsc'), ...args]],
  'lint:all': args => [[bin('backstage-cli'), 'repo', 'lint', ...args]],
  'build:all': args => [
    [bin('backstage-cli'), 'repo', 'build', '--all', ...args],
  ],
  'prettier:check': () => [[bin('prettier'), '--check', '.']],
};

/** Runs `npm run <command>` and exits with its code. */
export async function main([command, ...args]) {
  if (command === 'token') {
    await printToken(args);
    return;
  }
  checkFolder({ installed: isInstalled() });
  const toolchain = ensureToolchain();
  await ensureInstalled(toolchain);
  if (
    [
      'test',
      'test:unit',
      'test:contract',
      'test:e2e',
      'test:faults',
      'bench',
    ].includes(command)
  ) {
    process.exit(await runTests(command, args, toolchain));
  }
  if (command === 'pack:all') process.exit(await packAll(args, toolchain));
  const lines = COMMANDS[command]?.(args);
  if (!lines) throw new PlainError(`There is no command '${command}'.`);
  for (const line of lines) {
    const code = await run(toolchain, line);
    if (code !== 0) process.exit(code);
  }
}

/** Runs a program of node_modules by the project's Node.js, with the project's tools on the path. */
export function run(
  { node, yarn },
  [program, ...args],
  { cwd = root, env } = {},
) {
  const tools = path.join(keep, 'bin');
  fs.mkdirSync(tools, { recursive: true });
  if (process.platform !== 'win32') {
    writeTool(path.join(tools, 'node'), `#!/bin/sh\nexec '${node}' "$@"\n`);
    writeTool(
      path.join(tools, 'yarn'),
      `#!/bin/sh\nexec '${node}' '${yarn}' "$@"\n`,
    );
  }
  return new Promise((resolve, reject) => {
    const child = spawn(node, [program, ...args], {
      cwd,
      stdio: 'inherit',
      env: {
        ...process.env,
        ...env,
        PATH: [tools, path.dirname(node), process.env.PATH].join(
          path.delimiter,
        ),
      },
    });
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 1 : code));
  });
}

function writeTool(file, text) {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
  fs.writeFileSync(file, text, { mode: 0o755 });
}
