import { ManifestEntry, ManifestFiles, ManifestProblem } from './types';

/**
 * What is read of one Application's path at most. Services keep a few hundred kB there. Parsing takes about a second per MB, in which nobody else is served
 * while one file is parsed, and as long as it lasts some sixty times the memory.
 */
export const MANIFEST_LIMITS = {
  files: 1_000,
  bytes: 5_000_000,
  /** Files and folders of any kind that are looked through for manifests. */
  entries: 20_000,
};

/** The limit is reached. */
export class TooMuchToReadError extends Error {
  override readonly name = 'TooMuchToReadError';

  constructor(readonly problem: ManifestProblem) {
    super(problem.why);
  }
}

/**
 * The files of a commit, for the search of one Application's image. Counts what is read, and goes no further than the limit, whatever lies in the repository.
 */
export class BoundedFiles {
  readonly #files: ManifestFiles;
  readonly #folder: string;
  #reads = 0;
  #lists = 0;
  #bytes = 0;

  /** @param options - `folder` is the Application's path */
  static create(options: {
    files: ManifestFiles;
    folder: string;
  }): BoundedFiles {
    return new BoundedFiles(options.files, options.folder);
  }

  private constructor(files: ManifestFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** @throws TooMuchToReadError */
  async list(
    folder: string,
    options: { recursive: boolean },
  ): Promise<ManifestEntry[] | undefined> {
    this.#lists += 1;
    this.expectFiles(this.#lists);
    const listed = await this.#files.list(folder, {
      ...options,
      atMost: MANIFEST_LIMITS.entries,
    });
    if (listed !== null) return listed;
    throw this.#tooMuch(
      'Too many files',
      `holds more than ${count(
        MANIFEST_LIMITS.entries,
      )} files and folders, too many to look through`,
    );
  }

  /** @throws TooMuchToReadError */
  async read(path: string): Promise<string | undefined> {
    this.#reads += 1;
    this.expectFiles(this.#reads);
    const text = await this.#files.read(path, {
      atMost: MANIFEST_LIMITS.bytes - this.#bytes,
    });
    if (text === null)
      throw this.#tooMuch(
        'Too much to read',
        `leads to more than ${MANIFEST_LIMITS.bytes / 1e6} MB of manifests`,
      );
    this.#bytes += Buffer.byteLength(text ?? '');
    return text;
  }

  /** Says beforehand how many files are to be read. @throws TooMuchToReadError */
  expectFiles(files: number): void {
    if (files <= MANIFEST_LIMITS.files) return;
    throw this.#tooMuch(
      'Too many files',
      `leads to more than ${count(MANIFEST_LIMITS.files)} manifests`,
    );
  }

  #tooMuch(what: string, why: string): TooMuchToReadError {
    const path = this.#folder === '' ? 'The whole repository' : this.#folder;
    return new TooMuchToReadError({
      what,
      why: `${path}, the Application’s path, ${why}. Of one Application at most ${count(
        MANIFEST_LIMITS.files,
      )} files and ${
        MANIFEST_LIMITS.bytes / 1e6
      } MB are read; let its path be a folder that holds what it deploys and nothing else`,
      ref: this.#folder === '' ? undefined : this.#folder,
    });
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
