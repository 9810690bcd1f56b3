import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BareRepository } from './BareRepository';

/** In a repository that has been made in full: one whose making was ended half way is without it. */
const MADE = 'switchyard-made';

/**
 * The organizations of the Git server, in which repositories are published: `storefront/parcel`. Those of deployments are there from the beginning, and in none.
 */
export class Forge {
  readonly organizations: readonly string[];
  readonly #directory: string;
  readonly #repositories: Map<string, BareRepository>;
  /** Being made: of two who ask at once one gets it. */
  readonly #making = new Set<string>();

  /**
   * Finds what was published before, too.
   *
   * @param options - `repositories`: of the server; those that are published come to them
   */
  static async open(options: {
    directory: string;
    organizations: readonly string[];
    repositories: Map<string, BareRepository>;
  }): Promise<Forge> {
    const { directory, organizations, repositories } = options;
    for (const owner of organizations) {
      await mkdir(join(directory, owner), { recursive: true });
      for (const entry of await readdir(join(directory, owner))) {
        const path = join(directory, owner, entry);
        if (existsSync(join(path, MADE))) {
          const name = `${owner}/${entry.replace(/\.git$/, '')}`;
          repositories.set(
            name,
            await BareRepository.open({ name, directory: path }),
          );
        } else {
          await rm(path, { recursive: true, force: true });
        }
      }
    }
    return new Forge(options);
  }

  private constructor(options: {
    directory: string;
    organizations: readonly string[];
    repositories: Map<string, BareRepository>;
  }) {
    this.#directory = options.directory;
    this.organizations = options.organizations;
    this.#repositories = options.repositories;
  }

  get(owner: string, repository: string): BareRepository | undefined {
    return this.#repositories.get(`${owner}/${repository}`);
  }

  /** Makes an empty one; false where there is one of the name. */
  async create(owner: string, repository: string): Promise<boolean> {
    const name = `${owner}/${repository}`;
    if (this.#repositories.has(name) || this.#making.has(name)) {
      return false;
    }
    this.#making.add(name);
    try {
      const directory = join(this.#directory, owner, `${repository}.git`);
      await rm(directory, { recursive: true, force: true });
      const made = await BareRepository.init({ name, directory });
      await writeFile(join(directory, MADE), '');
      this.#repositories.set(name, made);
      return true;
    } finally {
      this.#making.delete(name);
    }
  }
}
