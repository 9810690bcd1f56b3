import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { Config } from '@backstage/config';

/** A cluster in which new Applications may be created. */
export interface NewApplicationCluster {
  /** As the Kubernetes plugin calls it. */
  cluster: string;
  /** As Argo CD calls it. */
  destination: { server: string } | { name: string };
  /** Name of the Application; `{component}` stands for the component. */
  application: string;
}

/** Which Applications may be created for components of whom. */
export interface NewApplicationRule {
  /** Users and groups, in lower case: one of them owns the component. */
  owners: string[];
  /** Of `argocd.appLocatorMethods`. */
  instance: string;
  /** Where Applications lie. */
  argocdNamespace: string;
  project: string;
  /** Where the component is deployed to. */
  namespace: string;
  /** Addresses that repositories begin with, each with a slash at its end. */
  repositories: string[];
  /** Folder in the repository; `{cluster}` and `{component}` are filled in. */
  path: string;
  branch: string;
  autoSync: boolean;
  clusters: NewApplicationCluster[];
}

const KEY = 'switchyard.deploys.newApplications';

/**
 * Reads `switchyard.deploys.newApplications`. Without it nothing can be created.
 *
 * @throws Error that names the key and what would be right
 */
export function readNewApplicationRules(config: Config): NewApplicationRule[] {
  return (config.getOptionalConfigArray(KEY) ?? []).map((rule, index) =>
    readRule(rule, `${KEY}[${index}]`),
  );
}

function readRule(config: Config, at: string): NewApplicationRule {
  const repositories = config.getStringArray('repositories');
  for (const prefix of repositories)
    if (!/^https?:\/\/[^/?#@]+\/(?:[^?#]*\/)?$/.test(prefix))
      throw new Error(
        `${at}.repositories: '${prefix}' is no beginning of an address such as https://git.example.com/team/; the slash at its end is part of it`,
      );
  const clusters = config
    .getConfigArray('clusters')
    .map((cluster, index) => readCluster(cluster, `${at}.clusters[${index}]`));
  if (repositories.length === 0 || clusters.length === 0)
    throw new Error(`${at} needs repositories and clusters`);
  const path = config.getOptionalString('path') ?? 'deploy/overlays/{cluster}';
  assertPlaceholders(path, ['cluster', 'component'], `${at}.path`);
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw new Error(`${at}.path: '${path}' must be a folder in the repository`);
  return {
    owners: config
      .getStringArray('owners')
      .map(owner => readOwner(owner, `${at}.owners`)),
    instance: config.getString('instance'),
    argocdNamespace: config.getOptionalString('argocdNamespace') ?? 'argocd',
    project: config.getString('project'),
    namespace: config.getString('namespace'),
    repositories,
    path,
    branch: config.getOptionalString('branch') ?? 'main',
    autoSync: config.getOptionalBoolean('autoSync') ?? true,
    clusters,
  };
}

function readCluster(config: Config, at: string): NewApplicationCluster {
  const cluster = config.getString('cluster');
  const server = config.getOptionalString('server');
  const application =
    config.getOptionalString('application') ?? `{component}-${cluster}`;
  assertPlaceholders(application, ['component'], `${at}.application`);
  if (!application.includes('{component}'))
    throw new Error(
      `${at}.application: '${application}' needs {component}, else there could be one component only`,
    );
  return {
    cluster,
    destination: server
      ? { server }
      : { name: config.getOptionalString('argocdName') ?? cluster },
    application,
  };
}

function readOwner(text: string, at: string): string {
  try {
    return stringifyEntityRef(
      parseEntityRef(text, {
        defaultKind: 'group',
        defaultNamespace: 'default',
      }),
    );
  } catch {
    throw new Error(`${at}: '${text}' is no ref such as group:default/orders`);
  }
}

function assertPlaceholders(
  text: string,
  known: readonly string[],
  at: string,
): void {
  for (const [, name] of text.matchAll(/\{([^{}]*)\}/g))
    if (!known.includes(name))
      throw new Error(
        `${at}: {${name}} is unknown; there are ${known
          .map(each => `{${each}}`)
          .join(' and ')}`,
      );
}

/** Puts values in the place of `{component}` and `{cluster}`. */
export function fillIn(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
