import { renameSync, writeFileSync } from 'node:fs';

/**
 * Writes a file so that the next start finds the old or the new one whole. It returns when it is written: the world may be killed right afterwards.
 */
export function writeFileAtomically(path: string, text: string): void {
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, text, { mode: 0o600 });
  renameSync(part, path);
}
