import { posix } from 'node:path';
import { BareRepository } from '../git';
import { Chart, Charts } from './render/charts';
import { RenderError } from './render/manifests';
import { Rendered, renderSource } from './render/renderSource';
import { Sourced, sourcesOf } from './sources';
import {
  Application,
  ApplicationSource,
  keyOfApplication,
  SourceType,
} from './types';

/** Thrown when a branch, tag or id names no commit. */
export class UnknownRevisionError extends Error {
  constructor(revision: string) {
    super(`unable to resolve '${revision}' to a commit SHA`);
    this.name = 'UnknownRevisionError';
  }
}

export interface RenderedSources {
  /** Of each source; none for one that only lends its files. */
  sourceTypes: SourceType[];
  objects: Rendered['objects'];
  /** Full id, or version of the chart, of each source. */
  revisions: string[];
}

const FULL_SHA = /^[0-9a-f]{40}$/;
const SHORT_SHA = /^[0-9a-f]{7,39}$/;
const KEPT = 500;

export interface ManifestSourceOptions {
  repositories: ReadonlyMap<string, BareRepository>;
  gitUrl: string;
  charts: Charts;
  isDown(): boolean;
}

/** Argo CD's repo server: finds revisions in the deploy repositories and makes manifests from them. */
export class ManifestSource {
  readonly #options: ManifestSourceOptions;
  readonly #rendered = new Map<string, Rendered>();

  static create(options: ManifestSourceOptions): ManifestSource {
    return new ManifestSource(options);
  }

  private constructor(options: ManifestSourceOptions) {
    this.#options = options;
  }

  repositoryOf(source: ApplicationSource): BareRepository {
    const { gitUrl, repositories } = this.#options;
    const name = source.repoURL.startsWith(`${gitUrl}/`)
      ? source.repoURL.slice(gitUrl.length + 1).replace(/\.git$/, '')
      : undefined;
    const repository = name === undefined ? undefined : repositories.get(name);
    if (!repository) {
      throw new RenderError(
        `failed to list refs: repository not found: ${source.repoURL}`,
      );
    }
    return repository;
  }

  /** The chart of a source that names one, at a version. */
  chartOf(source: ApplicationSource, version: string): Chart {
    const chart = this.#options.charts.get(
      source.repoURL,
      source.chart!,
      version,
    );
    if (!chart) {
      throw new RenderError(
        `error fetching chart: failed to fetch chart: failed to get command args to log: chart "${source.chart}" version "${version}" not found in ${source.repoURL} repository`,
      );
    }
    return chart;
  }

  /**
   * What Argo CD's server makes of a wanted revision: a branch becomes its head's full id, a commit id stays as it was given, unknown or shortened.
   *
   * @throws UnknownRevisionError for a branch or tag that is not there
   */
  async resolve(source: ApplicationSource, revision?: string): Promise<string> {
    const wanted = revision || source.targetRevision || 'HEAD';
    if (source.chart || FULL_SHA.test(wanted)) {
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

  /** Revisions of all sources; where none is wanted, those of their targets. */
  async resolveAll(
    sourced: Sourced,
    wanted: ReadonlyArray<string | undefined> = [],
  ): Promise<string[]> {
    return Promise.all(
      sourcesOf(sourced).map((source, index) =>
        this.resolve(source, wanted[index]),
      ),
    );
  }

  /**
   * Manifests of an Application at revisions of its sources, and these in full.
   *
   * @param options - `sources`: others than the Application has now, as a rollback wants them
   * @throws RenderError with the message of a ComparisonError
   */
  async render(
    application: Application,
    revisions: readonly string[],
    options: { hard?: boolean; sources?: Sourced } = {},
  ): Promise<RenderedSources> {
    const sources = sourcesOf(options.sources ?? application.spec);
    const files = new Map<string, ReadonlyMap<string, Buffer>>();
    const full: string[] = [];
    for (const [index, source] of sources.entries()) {
      try {
        full.push(await this.#fullRevision(source, revisions[index]));
        if (source.ref) {
          files.set(source.ref, await this.#filesOf(source, full[index]));
        }
      } catch (error) {
        throw ofSource(error, index, sources.length);
      }
    }
    const rendered: RenderedSources = {
      sourceTypes: [],
      objects: [],
      revisions: full,
    };
    for (const [index, source] of sources.entries()) {
      if (source.path === undefined && !source.chart) {
        continue;
      }
      try {
        const one = await this.#renderOne(application, source, {
          revision: full[index],
          key: JSON.stringify([sources, full]),
          references: files,
          hard: options.hard ?? false,
        });
        rendered.sourceTypes.push(one.sourceType);
        rendered.objects.push(...one.objects);
      } catch (error) {
        throw ofSource(error, index, sources.length);
      }
    }
    return rendered;
  }

  async #renderOne(
    application: Application,
    source: ApplicationSource,
    options: {
      revision: string;
      key: string;
      references: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
      hard: boolean;
    },
  ): Promise<Rendered> {
    const { destination } = application.spec;
    const name = keyOfApplication(application);
    const key = [
      name,
      destination.namespace,
      JSON.stringify(source),
      options.key,
    ].join(' ');
    const known = this.#rendered.get(key);
    if (known && !options.hard) {
      return known;
    }
    const rendered = renderSource({
      files: await this.#filesOf(source, options.revision),
      path: source.chart ? source.chart : posix.normalize(source.path ?? '.'),
      source,
      references: options.references,
      application: name,
      release: application.metadata.name,
      namespace: destination.namespace ?? 'default',
    });
    if (this.#rendered.size > KEPT) {
      this.#rendered.clear();
    }
    this.#rendered.set(key, rendered);
    return rendered;
  }

  async #fullRevision(
    source: ApplicationSource,
    revision: string,
  ): Promise<string> {
    if (source.chart) {
      this.chartOf(source, revision);
      return revision;
    }
    const sha = await this.repositoryOf(source).resolve(revision);
    if (!sha) {
      throw new RenderError(
        `rpc error: code = Internal desc = Failed to checkout revision ${revision}: \`git fetch origin ${revision} --tags --force --prune\` failed exit status 128: fatal: remote error: upload-pack: not our ref ${revision}`,
      );
    }
    return sha;
  }

  async #filesOf(
    source: ApplicationSource,
    revision: string,
  ): Promise<ReadonlyMap<string, Buffer>> {
    if (source.chart) {
      return this.chartOf(source, revision).files;
    }
    this.#needGit(source);
    return (
      (await this.repositoryOf(source).files(revision, '')) ??
      new Map<string, Buffer>()
    );
  }

  #needGit(source: ApplicationSource): void {
    if (this.#options.isDown()) {
      throw new RenderError(
        `rpc error: code = Unknown desc = failed to list refs: Get "${source.repoURL}/info/refs?service=git-upload-pack": EOF`,
      );
    }
  }
}

function ofSource(error: unknown, index: number, count: number): unknown {
  if (!(error instanceof RenderError)) {
    return error;
  }
  const detail = error.message.startsWith('rpc error')
    ? error.message
    : `rpc error: code = Unknown desc = ${error.message}`;
  return new RenderError(
    `Failed to load target state: failed to generate manifest for source ${
      index + 1
    } of ${count}: ${detail}`,
  );
}
