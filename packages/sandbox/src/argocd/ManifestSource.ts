import { BareRepository } from '../git';
import { RenderError } from './render/manifests';
import { Rendered, renderSource } from './render/renderSource';
import { Application, ApplicationSource } from './types';

/** Thrown when a branch, tag or id names no commit. */
export class UnknownRevisionError extends Error {
  constructor(revision: string) {
    super(`unable to resolve '${revision}' to a commit SHA`);
    this.name = 'UnknownRevisionError';
  }
}

const FULL_SHA = /^[0-9a-f]{40}$/;
const SHORT_SHA = /^[0-9a-f]{7,39}$/;

/** Argo CD's repo server: finds revisions in the deploy repositories and makes manifests from them. */
export class ManifestSource {
  readonly #repositories: ReadonlyMap<string, BareRepository>;
  readonly #gitUrl: string;
  readonly #isDown: () => boolean;
  readonly #rendered = new Map<string, Rendered>();

  static create(options: {
    repositories: ReadonlyMap<string, BareRepository>;
    gitUrl: string;
    isDown(): boolean;
  }): ManifestSource {
    return new ManifestSource(options);
  }

  private constructor(options: {
    repositories: ReadonlyMap<string, BareRepository>;
    gitUrl: string;
    isDown(): boolean;
  }) {
    this.#repositories = options.repositories;
    this.#gitUrl = options.gitUrl;
    this.#isDown = options.isDown;
  }

  repositoryOf(source: ApplicationSource): BareRepository {
    const name = source.repoURL.startsWith(`${this.#gitUrl}/`)
      ? source.repoURL.slice(this.#gitUrl.length + 1).replace(/\.git$/, '')
      : undefined;
    const repository =
      name === undefined ? undefined : this.#repositories.get(name);
    if (!repository) {
      throw new RenderError(
        `failed to list refs: repository not found: ${source.repoURL}`,
      );
    }
    return repository;
  }

  /**
   * What Argo CD's server makes of a wanted revision: a branch becomes its head's full id, a commit id stays as it was given, unknown or shortened.
   *
   * @throws UnknownRevisionError for a branch or tag that is not there
   */
  async resolve(source: ApplicationSource, revision?: string): Promise<string> {
    const wanted = revision || source.targetRevision || 'HEAD';
    if (FULL_SHA.test(wanted)) {
      return wanted;
    }
    this.#needGit(source);
    const sha = await this.repositoryOf(source).resolve(
      wanted === 'HEAD' ? 'main' : wanted,
    );
    if (!sha) {
      throw new UnknownRevisionError(wanted);
    }
    return SHORT_SHA.test(wanted) && sha.startsWith(wanted) ? wanted : sha;
  }

  /**
   * Manifests of an Application at a revision, and that revision's full id.
   *
   * @throws RenderError with the message of a ComparisonError
   */
  async render(
    application: Application,
    revision: string,
    options: { hard?: boolean } = {},
  ): Promise<Rendered & { revision: string }> {
    const { source, destination } = application.spec;
    try {
      const repository = this.repositoryOf(source);
      const sha = await repository.resolve(revision);
      if (!sha) {
        throw new RenderError(
          `rpc error: code = Internal desc = Failed to checkout revision ${revision}: \`git fetch origin ${revision} --tags --force --prune\` failed exit status 128: fatal: remote error: upload-pack: not our ref ${revision}`,
        );
      }
      const key = `${application.metadata.name} ${sha} ${source.path} ${destination.namespace}`;
      const known = this.#rendered.get(key);
      if (known && !options.hard) {
        return { ...known, revision: sha };
      }
      this.#needGit(source);
      const files =
        (await repository.files(sha, '')) ?? new Map<string, Buffer>();
      const rendered = renderSource({
        files,
        path: source.path,
        application: application.metadata.name,
        namespace: destination.namespace ?? 'default',
      });
      if (this.#rendered.size > 500) {
        this.#rendered.clear();
      }
      this.#rendered.set(key, rendered);
      return { ...rendered, revision: sha };
    } catch (error) {
      if (!(error instanceof RenderError)) {
        throw error;
      }
      const detail = error.message.startsWith('rpc error')
        ? error.message
        : `rpc error: code = Unknown desc = ${error.message}`;
      throw new RenderError(
        `Failed to load target state: failed to generate manifest for source 1 of 1: ${detail}`,
      );
    }
  }

  #needGit(source: ApplicationSource): void {
    if (this.#isDown()) {
      throw new RenderError(
        `rpc error: code = Unknown desc = failed to list refs: Get "${source.repoURL}/info/refs?service=git-upload-pack": EOF`,
      );
    }
  }
}
