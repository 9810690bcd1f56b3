import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the project. */
export const root = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
);

/** What the launcher keeps between starts: tools' paths, stamps, logs, caches. Safe to delete. */
export const keep = path.join(root, '.switchyard');

/** Where a running portal leaves its address, for `npm run token` and tests. */
export const runFile = path.join(keep, 'run.json');
