/** A file in a commit. */
export interface ManifestEntry {
  path: string;
  kind: 'file' | 'symlink' | 'submodule';
}

/** Files of a commit, as far as manifests need them. Paths are in the repository, without a leading slash. */
export interface ManifestFiles {
  /** Undefined when there is no such folder; null when there are more than `atMost` files and folders in it. */
  list(
    folder: string,
    options: { recursive: boolean; atMost: number },
  ): Promise<ManifestEntry[] | null | undefined>;
  /** Undefined when there is no such file; null when it has more than `atMost` bytes. */
  read(
    path: string,
    options: { atMost: number },
  ): Promise<string | null | undefined>;
}

/** Which image is looked for. */
export interface WantedImage {
  /** Registry and repository in their normal spelling. */
  repository: string;
  /** Where several services share the repository: what this one's tags begin with. Empty otherwise. */
  tagPrefix: string;
}

/** The image that is to be named. */
export interface NewImage {
  tag: string;
  /** What the registry says the tag is now: needed where a place is pinned by digest, which is never left behind. */
  digest?: string;
}

/** Where Argo CD finds an Application's manifests, as far as it matters. */
export interface ManifestSource {
  /** Folder in the repository; empty for its root. */
  path: string;
  /** Plain manifests in folders within it are applied too. */
  recurse: boolean;
}

/**
 * A place in a file that says which image runs. `id` names it however the file is laid out, so that it is found again after other edits.
 */
export interface ImagePlace {
  file: string;
  id: string;
  /** For people: `Deployment orders, container orders`. */
  what: string;
  line?: number;
  /** Tag that stands there; undefined where there is none. */
  tag?: string;
  /** Digest that stands there, with or without a tag. */
  digest?: string;
}

/** What runs the image, and gets the new one by the change. */
export interface AffectedObject {
  kind: string;
  name: string;
  container: string;
  /** Hooks of Argo CD that it is run as: a Job with `PreSync` is a migration. */
  hooks: string[];
  /** The whole image now. */
  before: string;
}

/** Why no change can be made, ready to show. */
export interface ManifestProblem {
  what: string;
  why: string;
  /** `apps/orders/deployment.yaml:14` */
  ref?: string;
}

export type ImageSearch =
  | { found: true; places: ImagePlace[]; affected: AffectedObject[] }
  | {
      found: false;
      problems: ManifestProblem[];
      /** The folder holds a Helm chart, which is searched another way. */
      chart?: boolean;
    };
