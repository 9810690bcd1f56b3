/** The parts of an image's name. @public */
export interface ImageName {
  /** Host and path in one spelling: `docker.io/library/nginx` for `nginx`. */
  repository: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
}

const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const PATH =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^[a-z0-9+._-]+:[A-Fa-f0-9]{32,}$/;
const MAX_LENGTH = 512;

/**
 * Takes an image's name apart; undefined for what is none.
 *
 * @public
 */
export function parseImageName(image: string): ImageName | undefined {
  if (image.length > MAX_LENGTH) return undefined;
  const [named, digest, ...more] = image.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
    return undefined;
  }
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const path = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  const repository = normalizeRepository(path);
  return repository === undefined ? undefined : { repository, tag, digest };
}

// Docker's rule: the first part is a host only if it looks like one; else the name is Docker Hub's.
function normalizeRepository(name: string): string | undefined {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost =
    first.includes('.') || first.includes(':') || first === 'localhost';
  const host = isHost ? first.toLowerCase() : 'docker.io';
  const path = isHost ? name.slice(slash + 1) : name;
  if (!HOST.test(host) || !PATH.test(path)) return undefined;
  if (host !== 'docker.io' && host !== 'index.docker.io') {
    return `${host}/${path}`;
  }
  return `docker.io/${path.includes('/') ? '' : 'library/'}${path}`;
}
