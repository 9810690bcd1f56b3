import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BareRepository, NewCommit } from './BareRepository';

/** Stands in the sources wherever the registry's host and port belong; a name that can never be reached. */
export const REGISTRY_PLACEHOLDER = 'registry.sandbox.invalid';

/** File in a bare repository that holds the head with which the world began. */
const SEEDED = 'switchyard-start';

export interface WorldRepository {
  repository: BareRepository;
  /** Head of main when the world began; what was committed since is somebody's doing. */
  start: string;
}

/** One commit of history.yaml, oldest first. The files in the folder are the newest state; a commit says what it changed from. */
interface HistoryEntry {
  at: string;
  author: string;
  message: string;
  /** Text that this commit replaced. Undone, newest first, to get at the older states. */
  replace?: Array<{ path: string; from: string; to: string }>;
  /** Files that this commit added. */
  add?: string[];
}

interface History {
  authors: Record<string, { name: string; email: string }>;
  repositories: Record<string, HistoryEntry[]>;
}

/**
 * Opens the world's deploy repositories, or makes them from `packages/sandbox/repositories` at the first start. The same registry address gives the same
 * commit ids.
 *
 * @param options - `sources`: folder with one folder per repository and history.yaml; `directory`: where the bare repositories live
 */
export async function openRepositories(options: {
  sources: string;
  directory: string;
  registryHost: string;
}): Promise<Map<string, WorldRepository>> {
  const history = parse(
    await readFile(join(options.sources, 'history.yaml'), 'utf8'),
  ) as History;
  await mkdir(options.directory, { recursive: true });
  const opened = await Promise.all(
    Object.entries(history.repositories).map(
      async ([name, entries]): Promise<[string, WorldRepository]> => {
        const directory = join(options.directory, `${name}.git`);
        const marker = join(directory, SEEDED);
        if (existsSync(marker)) {
          const start = (await readFile(marker, 'utf8')).trim();
          return [
            name,
            {
              repository: await BareRepository.open({ name, directory }),
              start,
            },
          ];
        }
        // A start that was killed half way leaves a repository without the marker.
        await rm(directory, { recursive: true, force: true });
        const files = await readFolder(
          join(options.sources, name),
          options.registryHost,
        );
        const repository = await BareRepository.init({ name, directory });
        const start = await repository.commit(
          'main',
          commitsOf(name, files, entries, history.authors),
        );
        await writeFile(marker, `${start}\n`);
        return [name, { repository, start }];
      },
    ),
  );
  return new Map(opened);
}

function commitsOf(
  repository: string,
  newest: Map<string, Buffer>,
  entries: readonly HistoryEntry[],
  authors: History['authors'],
): NewCommit[] {
  const state = new Map(newest);
  const commits: NewCommit[] = [];
  for (const entry of [...entries].reverse()) {
    const author = authors[entry.author];
    if (!author) {
      throw new Error(`history.yaml: ${entry.author} is no author`);
    }
    const files: Record<string, Buffer> = {};
    for (const { path } of entry.replace ?? []) {
      files[path] = need(state, repository, path);
    }
    for (const path of entry.add ?? []) {
      files[path] = need(state, repository, path);
    }
    commits.unshift({ author, message: entry.message, at: entry.at, files });
    for (const { path, from, to } of entry.replace ?? []) {
      const after = need(state, repository, path).toString('utf8');
      if (!after.includes(to)) {
        throw new Error(
          `history.yaml: '${to}' is not in ${repository}/${path}`,
        );
      }
      state.set(path, Buffer.from(after.split(to).join(from)));
    }
    for (const path of entry.add ?? []) {
      state.delete(path);
    }
  }
  // The first commit brings whatever no later one added.
  commits[0].files = Object.fromEntries(state);
  return commits;
}

function need(
  state: Map<string, Buffer>,
  repository: string,
  path: string,
): Buffer {
  const content = state.get(path);
  if (!content) {
    throw new Error(`history.yaml: ${repository} has no ${path}`);
  }
  return content;
}

/** Bytes are kept as they are, line ends and byte order marks too: editing them without loss is what they are there for. */
async function readFolder(
  folder: string,
  registryHost: string,
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of names.filter(name => name.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const text = (await readFile(path))
      .toString('latin1')
      .split(REGISTRY_PLACEHOLDER)
      .join(registryHost);
    files.set(path.slice(folder.length + 1), Buffer.from(text, 'latin1'));
  }
  return new Map([...files].sort(([a], [b]) => a.localeCompare(b)));
}
