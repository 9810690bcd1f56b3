import { fullImageName, parseImage, PullImage } from '../world/images';
import { ImageCatalog } from './images';

/** What of the registry's faults a pull sees. */
export interface PullFaults {
  isDown(): boolean;
  tooManyRequests(): boolean;
}

/**
 * Makes the function with which the world's kubelets pull. It knows what the registry knows, without going over HTTP, and fails when the registry does,
 * in the words of containerd.
 */
export function createImagePull(options: {
  catalog: ImageCatalog;
  faults: PullFaults;
}): PullImage {
  return image => {
    const { host, repository, tag, digest } = parseImage(image);
    const name = fullImageName(image);
    const url = `http://${host}/v2/${repository}/manifests/${digest ?? tag}`;
    const failed = (cause: string) => ({
      found: false as const,
      message: `failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${cause}`,
    });
    if (options.faults.isDown()) {
      return failed(
        `failed to do request: Head "${url}": dial tcp ${host}: connect: connection refused`,
      );
    }
    if (options.faults.tooManyRequests()) {
      return failed(
        `unexpected status from HEAD request to ${url}: 429 Too Many Requests`,
      );
    }
    const found =
      digest ??
      options.catalog.repositories
        .get(repository)
        ?.find(item => item.tag === tag)?.digest;
    return found && options.catalog.manifests.has(`${repository}@${found}`)
      ? { found: true, digest: found }
      : failed(`${name}: not found`);
  };
}
