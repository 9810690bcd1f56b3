import fs from 'node:fs';
import path from 'node:path';
import { root } from '../launch/paths.mjs';

/** Every package of the project: its folder relative to the root, and its package.json. */
export function listPackages() {
  return ['packages', 'plugins'].flatMap(parent =>
    fs
      .readdirSync(path.join(root, parent))
      .filter(name =>
        fs.existsSync(path.join(root, parent, name, 'package.json')),
      )
      .map(name => {
        const folder = `${parent}/${name}`;
        return {
          folder,
          manifest: JSON.parse(
            fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
          ),
        };
      }),
  );
}
