import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

/**
 * One Argo CD of `argocd.appLocatorMethods`.
 *
 * @internal
 */
export interface ArgoCdInstanceConfig {
  name: string;
  /** Without a slash at its end; may have a path. */
  url: string;
  /** Where people open it. */
  uiUrl: string;
  /** Either a token, or a user name and password. */
  account: { token: string } | { username: string; password: string };
}

/**
 * Reads the `argocd` section that portals with one of the Argo CD plugins already have. Without it there are no instances.
 *
 * @throws InputError that names the key
 * @internal
 */
export function readArgoCdConfig(config: Config): ArgoCdInstanceConfig[] {
  const argocd = config.getOptionalConfig('argocd');
  const configs = (argocd?.getOptionalConfigArray('appLocatorMethods') ?? [])
    .filter(method => method.getString('type') === 'config')
    .flatMap(method => method.getOptionalConfigArray('instances') ?? []);
  const instances = configs.map(instance => {
    const name = instance.getString('name');
    const at = `argocd.appLocatorMethods, instance '${name}'`;
    const url = readUrl(instance, 'url', at)!;
    return {
      name,
      url,
      uiUrl:
        readUrl(instance, 'frontendUrl', at) ??
        readUrl(instance, 'externalUrl', at) ??
        // With several instances one address cannot be right for all.
        (configs.length === 1
          ? readUrl(argocd!, 'externalBaseUrl', 'argocd') ??
            readUrl(argocd!, 'baseUrl', 'argocd')
          : undefined) ??
        url,
      account: readAccount(instance, argocd!, at),
    };
  });
  const names = instances.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError(
      `argocd.appLocatorMethods names the instance '${twice}' twice`,
    );
  }
  return instances;
}

function readUrl(config: Config, key: string, at: string): string | undefined {
  const url =
    key === 'url' ? config.getString(key) : config.getOptionalString(key);
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new InputError(`${at}: ${key} is not an http or https address`);
  }
  return url.replace(/\/+$/, '');
}

function readAccount(
  instance: Config,
  argocd: Config,
  at: string,
): ArgoCdInstanceConfig['account'] {
  const token = instance.getOptionalString('token');
  if (token) return { token };
  const username =
    instance.getOptionalString('username') ??
    argocd.getOptionalString('username');
  const password =
    instance.getOptionalString('password') ??
    argocd.getOptionalString('password');
  if (!username || !password) {
    throw new InputError(
      `${at}: give either a token, or a username and password (there, or for all instances under argocd)`,
    );
  }
  return { username, password };
}
