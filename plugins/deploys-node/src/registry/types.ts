import { ImageVersions } from '@switchyard/backstage-plugin-deploys-common';

/**
 * What is known of an image without pulling it.
 *
 * @public
 */
export interface ImageDetails {
  /** Of the manifest or index that the tag names. */
  digest: string;
  /** ISO time. */
  createdAt?: string;
  /** `org.opencontainers.image.revision` */
  revision?: string;
  /** Of `org.opencontainers.image.authors`, else the author that the build recorded. */
  author?: string;
}

/**
 * Reads OCI image registries. Answers are kept for a short while, so asking often is cheap.
 * Every method throws `RegistryError`, and what the signal says when that is aborted.
 *
 * @public
 */
export interface RegistryClient {
  /** Tags of a repository in the registry's order, e.g. of `127.0.0.1:5001/storefront/orders`. Tags of signatures and the like are left out. */
  listTags(
    repository: string,
    options: { signal: AbortSignal },
  ): Promise<string[]>;
  /** The digest that a tag names now, or a digest itself while its image is there; undefined when the repository has no such image. */
  findDigest(
    repository: string,
    reference: string,
    options: { signal: AbortSignal },
  ): Promise<string | undefined>;
  /** Digest and labels of a tag; undefined when the repository has no such tag. */
  findImage(
    repository: string,
    tag: string,
    options: { signal: AbortSignal },
  ): Promise<ImageDetails | undefined>;
  /**
   * Versions that at least one of the repositories has, newest first. A repository that cannot be read is said to be so, and makes nothing 'missing'.
   * Time, commit and author are looked up for the newest ones only.
   */
  listVersions(request: {
    repositories: readonly string[];
    tagPrefix?: string;
    signal: AbortSignal;
  }): Promise<ImageVersions>;
}
