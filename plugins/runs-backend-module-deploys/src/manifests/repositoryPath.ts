import { posix } from 'node:path';

/**
 * A path inside a repository in its normal form, without slashes at its ends; undefined for one that leads out of it or that no file can have.
 */
export function repositoryPath(...parts: string[]): string | undefined {
  const joined = parts.join('/');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f\\]/.test(joined)) return undefined;
  const path = posix.normalize(joined).replace(/^\/+|\/+$/g, '');
  if (path === '..' || path.startsWith('../')) return undefined;
  return path === '.' ? '' : path;
}

/** Whether a path is the folder or lies in it. */
export function isInside(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
