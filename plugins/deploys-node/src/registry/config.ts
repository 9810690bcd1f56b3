import { Config } from '@backstage/config';

/**
 * How one registry is reached.
 *
 * @public
 */
export interface RegistryAccess {
  /** Host and port as they stand in images' names. */
  host: string;
  /** Plain HTTP, for a registry on a private network or in a test. */
  insecure: boolean;
  username?: string;
  password?: string;
  /** More hosts that may hand out its tokens. */
  tokenHosts: string[];
}

/**
 * Reads `switchyard.deploys.registries`.
 *
 * @throws Error when an entry names no host, or gives only half of the credentials
 * @public
 */
export function readRegistries(config: Config): RegistryAccess[] {
  return (
    config.getOptionalConfigArray('switchyard.deploys.registries') ?? []
  ).map(entry => {
    const host = entry.getString('host').toLowerCase();
    if (!/^[a-z0-9.-]+(:\d+)?$|^\[[0-9a-f:]+\](:\d+)?$/.test(host)) {
      throw new Error(
        `'${host}' in switchyard.deploys.registries is no host: write it as in an image's name, without scheme or path`,
      );
    }
    const username = entry.getOptionalString('username');
    const password = entry.getOptionalString('password');
    if ((username === undefined) !== (password === undefined)) {
      throw new Error(
        `switchyard.deploys.registries: '${host}' needs both username and password, or none`,
      );
    }
    return {
      host,
      insecure: entry.getOptionalBoolean('insecure') ?? false,
      username,
      password,
      tokenHosts: entry.getOptionalStringArray('tokenHosts') ?? [],
    };
  });
}

const PUBLIC_REGISTRIES = [
  /^docker\.io$/,
  /^ghcr\.io$/,
  /^quay\.io$/,
  /^([a-z0-9-]+\.)?gcr\.io$/,
  /^[a-z0-9-]+-docker\.pkg\.dev$/,
  /^public\.ecr\.aws$/,
  /^mcr\.microsoft\.com$/,
  /^registry\.gitlab\.com$/,
  /^registry\.k8s\.io$/,
];

/**
 * How to reach a registry that an image names. Only configured and well-known public ones: an annotation must not make the portal call any host.
 *
 * @internal
 */
export function findRegistryAccess(
  registries: readonly RegistryAccess[],
  host: string,
): RegistryAccess | undefined {
  const configured = registries.find(registry => registry.host === host);
  if (configured) return configured;
  return PUBLIC_REGISTRIES.some(pattern => pattern.test(host))
    ? { host, insecure: false, tokenHosts: [] }
    : undefined;
}

/** Address of the registry's API; Docker Hub's has another name than its images. @internal */
export function registryBaseUrl(access: RegistryAccess): string {
  const host =
    access.host === 'docker.io' ? 'registry-1.docker.io' : access.host;
  return `${access.insecure ? 'http' : 'https'}://${host}`;
}
