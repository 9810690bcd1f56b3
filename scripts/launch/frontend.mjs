import fs from 'node:fs';
import path from 'node:path';
import { PlainError } from './plainError.mjs';
import { runToLog } from './install.mjs';
import { keep, root } from './paths.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';

const app = path.join(root, 'packages', 'app');
const stampFile = path.join(app, 'dist', '.switchyard-build');

/** Builds the portal's front end when its sources changed since the last time. */
export async function ensureFrontend({ node }) {
  const hash = hashOf([
    app,
    ...frontendPackages(),
    path.join(root, 'yarn.lock'),
  ]);
  if (isStamped(stampFile, hash)) return;
  console.log(
    'Building the portal (about 20 seconds, only when its sources changed)…',
  );
  const log = path.join(keep, 'logs', 'build.log');
  const cli = path.join(
    root,
    'node_modules',
    '@backstage',
    'cli',
    'bin',
    'backstage-cli',
  );
  const code = await runToLog(
    node,
    [cli, 'package', 'build', '--config', path.join(root, 'app-config.yaml')],
    { cwd: app, env: { ...process.env, NODE_ENV: 'production' } },
    log,
  );
  if (code !== 0) {
    throw new PlainError(
      `Building the portal failed. The end of ${log}:\n${fs
        .readFileSync(log, 'utf8')
        .split('\n')
        .slice(-25)
        .join('\n')}`,
    );
  }
  stamp(stampFile, hash);
}

/** Folders of the packages that end up in the browser. */
function frontendPackages() {
  return fs
    .readdirSync(path.join(root, 'plugins'))
    .map(name => path.join(root, 'plugins', name))
    .filter(folder => {
      const manifest = path.join(folder, 'package.json');
      if (!fs.existsSync(manifest)) return false;
      const { backstage } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
      return ['frontend-plugin', 'web-library', 'common-library'].includes(
        backstage?.role,
      );
    });
}
