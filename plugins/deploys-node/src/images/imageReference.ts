/**
 * The parts of an image's name as it stands in a manifest.
 *
 * @public
 */
export interface ImageReference {
  /** Host and port; `docker.io` where none is written. */
  registry: string;
  /** Path in the registry, e.g. `storefront/orders`; `library/…` for Docker's official images. */
  repository: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
  /** Everything before tag and digest, exactly as written. */
  written: string;
}

const REPOSITORY =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^[a-z0-9+._-]+:[A-Fa-f0-9]{32,}$/;
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/**
 * Takes an image's name apart by the grammar of the OCI distribution specification; undefined for what is none.
 *
 * @public
 */
export function parseImageReference(image: string): ImageReference | undefined {
  const [named, digest, ...more] = image.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest)))
    return undefined;
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const written = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  const { registry, repository } = splitRegistry(written);
  if (!HOST.test(registry) || !REPOSITORY.test(repository)) return undefined;
  return { registry, repository, tag, digest, written };
}

/**
 * `registry/repository`, without tag and digest, the same for every way to write it; undefined for what is no image's name.
 *
 * @public
 */
export function normalizeImageRepository(image: string): string | undefined {
  const reference = parseImageReference(image);
  return reference && `${reference.registry}/${reference.repository}`;
}

/**
 * Whether the text may stand as a tag.
 *
 * @public
 */
export function isImageTag(tag: string): boolean {
  return TAG.test(tag);
}

// Docker's rule: the first part is a host only if it looks like one; else the name is Docker Hub's.
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost =
    first.includes('.') || first.includes(':') || first === 'localhost';
  if (isHost) {
    const registry =
      first === 'index.docker.io' || first === 'registry-1.docker.io'
        ? 'docker.io'
        : first.toLowerCase();
    const repository = name.slice(slash + 1);
    return {
      registry,
      repository:
        registry === 'docker.io' && !repository.includes('/')
          ? `library/${repository}`
          : repository,
    };
  }
  return {
    registry: 'docker.io',
    repository: slash < 0 ? `library/${name}` : name,
  };
}
