import { ImageCatalog } from './images';

/** What a kubelet gets when it pulls an image. */
export type PullAnswer =
  | { found: true; /** Of the manifest or index: `sha256:…`. */ digest: string }
  /** `message` in the words that containerd puts into a pod's status. */
  | { found: false; message: string };

/** What of the registry's faults a pull sees. */
export interface PullFaults {
  isDown(): boolean;
  tooManyRequests(): boolean;
}

/**
 * Makes the function with which the world's kubelets pull. It knows what the registry knows, without going over HTTP, and fails when the registry does.
 */
export function createImagePull(options: {
  catalog: ImageCatalog;
  host: string;
  faults: PullFaults;
}): (image: string) => PullAnswer {
  return image => {
    const failed = (cause: string): PullAnswer => ({
      found: false,
      message: `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${cause}`,
    });
    const slash = image.indexOf('/');
    const host = image.slice(0, slash);
    if (slash < 0 || host !== options.host) {
      return failed(
        `failed to do request: Head "https://${
          slash < 0 ? 'registry-1.docker.io' : host
        }/v2/": dial tcp: lookup ${host || image}: no such host`,
      );
    }
    const [named, byDigest] = image.slice(slash + 1).split('@');
    const colon = named.lastIndexOf(':');
    const repository = colon < 0 ? named : named.slice(0, colon);
    const tag = colon < 0 ? 'latest' : named.slice(colon + 1);
    if (options.faults.isDown()) {
      return failed(
        `failed to do request: Head "http://${host}/v2/${repository}/manifests/${
          byDigest ?? tag
        }": dial tcp ${host}: connect: connection refused`,
      );
    }
    if (options.faults.tooManyRequests()) {
      return failed(
        `unexpected status from HEAD request to http://${host}/v2/${repository}/manifests/${
          byDigest ?? tag
        }: 429 Too Many Requests`,
      );
    }
    const digest = byDigest
      ? options.catalog.manifests.has(`${repository}@${byDigest}`) && byDigest
      : options.catalog.repositories
          .get(repository)
          ?.find(item => item.tag === tag)?.digest;
    return digest ? { found: true, digest } : failed(`${image}: not found`);
  };
}
