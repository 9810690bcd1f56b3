import fs from 'node:fs';
import * as git from 'isomorphic-git';
import { GitError } from './errors';

type TreeEntry = git.TreeEntry;

/** Trees and blobs that a change needs and the parent does not have, and the root tree among them. */
export interface EditedTree {
  root: string;
  created: string[];
}

/**
 * Writes the trees of a commit in which some files have another content. Only folders on the way to these files are written; modes stay.
 *
 * @throws GitError with `not-found` when a file is not there
 */
export async function editTree(options: {
  gitdir: string;
  commit: string;
  files: ReadonlyMap<string, string>;
}): Promise<EditedTree> {
  const { gitdir, commit, files } = options;
  const cache = {};
  const created: string[] = [];

  async function edit(
    entries: readonly TreeEntry[],
    changes: Array<[path: string[], content: string]>,
    folder: string,
  ): Promise<string> {
    const byName = new Map<string, typeof changes>();
    for (const change of changes) {
      const name = change[0][0];
      byName.set(name, [...(byName.get(name) ?? []), change]);
    }
    const tree = await Promise.all(
      entries.map(async (entry): Promise<TreeEntry> => {
        const inside = byName.get(entry.path);
        if (!inside) return entry;
        byName.delete(entry.path);
        return {
          ...entry,
          oid: await replace(entry, inside, `${folder}${entry.path}`),
        };
      }),
    );
    const [missing] = byName.keys();
    if (missing !== undefined)
      throw new GitError(
        'not-found',
        `The file ${folder}${missing} is no longer there`,
      );
    const oid = await git.writeTree({ fs, gitdir, tree });
    created.push(oid);
    return oid;
  }

  async function replace(
    entry: TreeEntry,
    changes: Array<[path: string[], content: string]>,
    path: string,
  ): Promise<string> {
    if (entry.type === 'tree') {
      const { tree } = await git.readTree({
        fs,
        gitdir,
        cache,
        oid: entry.oid,
      });
      return edit(
        tree,
        changes.map(([names, content]) => [names.slice(1), content]),
        `${path}/`,
      );
    }
    if (
      entry.type !== 'blob' ||
      entry.mode === '120000' ||
      changes[0][0].length !== 1
    ) {
      throw new GitError('invalid', `${path} is no longer a file`);
    }
    const oid = await git.writeBlob({
      fs,
      gitdir,
      blob: Buffer.from(changes[0][1], 'utf8'),
    });
    created.push(oid);
    return oid;
  }

  const { tree } = await git.readTree({ fs, gitdir, cache, oid: commit });
  const changes = [...files].map(([path, content]): [string[], string] => [
    path.split('/'),
    content,
  ]);
  return { root: await edit(tree, changes, ''), created };
}
