import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file so that a reader, or the next start, finds either the old or the new one whole. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const write = () => writeFile(part, text, { mode: 0o600 });
  await write().catch(async error => {
    if (error.code !== 'ENOENT') {
      throw error;
    }
    await mkdir(dirname(path), { recursive: true });
    await write();
  });
  await rename(part, path);
}

/** The JSON in a file; undefined when there is no such file. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  return JSON.parse(text) as T;
}

/** A token or password of the world: the same for the same seed, so that a world is the same at every start. */
export function worldSecret(seed: number, purpose: string): string {
  return createHash('sha256')
    .update(`switchyard sandbox ${seed} ${purpose}`)
    .digest('hex')
    .slice(0, 40);
}
