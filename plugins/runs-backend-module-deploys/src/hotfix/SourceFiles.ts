import { ApplicationRow } from '@switchyard/fleet-node';
import { BranchHead, GitClient, GitError, GitRepository } from '../git';
import { ManifestFiles } from '../manifests';

/** The repository of an Application's source, at the head of the branch that it follows. */
export interface OpenedSource {
  repository: GitRepository;
  head: BranchHead;
  files: ManifestFiles;
  /** A file's text; undefined when it is not there. */
  read(file: string): Promise<string | undefined>;
}

/** A commit would not be deployed. */
export class NotABranchError extends Error {
  override readonly name = 'NotABranchError';
}

/**
 * Opens the sources of one Application, each once.
 */
export class SourceFiles {
  readonly #application: ApplicationRow;
  readonly #git: GitClient;
  readonly #signal: AbortSignal;
  readonly #opened = new Map<number, Promise<OpenedSource>>();

  static create(options: {
    application: ApplicationRow;
    git: GitClient;
    signal: AbortSignal;
  }): SourceFiles {
    return new SourceFiles(options);
  }

  private constructor(options: {
    application: ApplicationRow;
    git: GitClient;
    signal: AbortSignal;
  }) {
    this.#application = options.application;
    this.#git = options.git;
    this.#signal = options.signal;
  }

  /** @throws GitError, NotABranchError */
  open(sourceIndex: number): Promise<OpenedSource> {
    const known = this.#opened.get(sourceIndex);
    if (known) return known;
    const opened = this.#open(sourceIndex);
    this.#opened.set(sourceIndex, opened);
    return opened;
  }

  async #open(sourceIndex: number): Promise<OpenedSource> {
    const signal = this.#signal;
    const { repoURL, targetRevision } = this.#application.sources[sourceIndex];
    const repository = this.#git.repository(repoURL);
    const head = await repository.findBranch(targetRevision, { signal });
    if (!head)
      throw new NotABranchError(
        `The Application follows '${targetRevision ?? 'HEAD'}' of ${
          repository.name
        }, which is no branch: a commit would not be deployed`,
      );
    const cache = repository.readCache();
    // Whoever asked for the plan may be gone before all is read.
    const unlessTooLarge = async <T>(read: () => Promise<T>) => {
      signal.throwIfAborted();
      try {
        return await read();
      } catch (error) {
        if (error instanceof GitError && error.code === 'too-large')
          return null;
        throw error;
      }
    };
    return {
      repository,
      head,
      files: {
        list: (folder, options) =>
          unlessTooLarge(() =>
            repository.listFiles(head.commit, folder, { ...options, cache }),
          ),
        read: (path, options) =>
          unlessTooLarge(() =>
            repository.readFile(head.commit, path, { ...options, cache }),
          ),
      },
      read: file => repository.readFile(head.commit, file, { cache }),
    };
  }
}
