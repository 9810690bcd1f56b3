import fs from 'node:fs';
import path from 'node:path';
import { run } from './commands.mjs';
import { root } from './paths.mjs';
import { PlainError } from './plainError.mjs';

/**
 * Builds every package that is published and packs it as it would be, into a folder. Prints what to write into the root `package.json` of the Backstage
 * that shall use them.
 */
export async function packAll([folder], toolchain) {
  if (!folder) {
    throw new PlainError(
      'Where to? For example: npm run pack:all -- ../switchyard-packages',
    );
  }
  const target = path.resolve(folder);
  fs.mkdirSync(target, { recursive: true });
  const bin = name => path.join(root, 'node_modules', '.bin', name);
  const lines = [
    [bin('tsc'), '--incremental', 'false'],
    [bin('backstage-cli'), 'repo', 'build'],
    [
      toolchain.yarn,
      'workspaces',
      'foreach',
      '--all',
      '--no-private',
      'pack',
      '--out',
      path.join(target, '%s.tgz'),
    ],
  ];
  for (const line of lines) {
    const code = await run(toolchain, line);
    if (code !== 0) return code;
  }
  const resolutions = Object.fromEntries(
    publishedPackages().map(name => [
      name,
      `file:${path.join(target, `${name.replace('/', '-')}.tgz`)}`,
    ]),
  );
  console.log(JSON.stringify({ resolutions }, null, 2));
  return 0;
}

function publishedPackages() {
  return ['packages', 'plugins']
    .flatMap(group =>
      fs
        .readdirSync(path.join(root, group))
        .map(name => path.join(root, group, name, 'package.json')),
    )
    .filter(file => fs.existsSync(file))
    .map(file => JSON.parse(fs.readFileSync(file, 'utf8')))
    .filter(manifest => !manifest.private)
    .map(({ name }) => name);
}
