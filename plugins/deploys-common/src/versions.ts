/**
 * A version that the registry has. `GET /v1/entities/:kind/:namespace/:name/versions?environment=` answers `{ items, repositories }`.
 *
 * @public
 */
export interface ImageVersion {
  /** The version people say: the tag, without the prefix that a shared repository gives each service. */
  version: string;
  tag: string;
  digest?: string;
  createdAt?: string;
  /** From the image's labels, where it has them. */
  commit?: string;
  builtBy?: string;
  /** Repositories (of some cluster) that lack it. */
  missingIn: string[];
}

/** @public */
export interface ImageVersions {
  items: ImageVersion[];
  repositories: Array<{
    repository: string;
    state: 'read' | 'not-readable';
    why?: string;
  }>;
}
