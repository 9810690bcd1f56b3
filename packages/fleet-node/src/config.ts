import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

/**
 * What a deployment must be to belong to an environment: of every given field some entry must match. `*` in an entry stands for any
 * text.
 *
 * @public
 */
export interface EnvironmentMatcher {
  /** Names of clusters of the fleet. */
  cluster?: string[];
  /** Names of Argo CD projects. */
  project?: string[];
  namespace?: string[];
  /** Of the Application, else of the workload; all of them. */
  labels?: Record<string, string>;
}

/** @public */
export interface EnvironmentConfig {
  name: string;
  /** For people; the name where none is configured. */
  title: string;
  /** Any of them. */
  match: EnvironmentMatcher[];
}

/** A destination of Argo CD, by name or server URL, that is a cluster of the fleet under another name. @public */
export interface ClusterAlias {
  argocd: string;
  /** The instance of Argo CD that calls it so; undefined for all. */
  instance?: string;
  cluster: string;
}

/**
 * Consent given by the portal's configuration, where the target's own objects do not name their entity.
 *
 * @public
 */
export interface BindingConfig {
  /** What it is about; `*` stands for any text. */
  target:
    | { argocdProject: string; argocdApplication?: string }
    | { cluster: string; namespace: string };
  /** Either one entity, or all that a group owns; full refs. */
  to: { entity: string } | { owner: string };
}

/** @public */
export interface SwitchyardConfig {
  /** First match wins. */
  environments: EnvironmentConfig[];
  clusterAliases: ClusterAlias[];
  bindings: BindingConfig[];
}

/** An environment of this name would be taken for 'none matched'. */
const UNASSIGNED = 'unassigned';
const ENVIRONMENT_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/**
 * Reads `switchyard.environments`, `.clusterAliases` and `.bindings`. All may be left out.
 *
 * @throws InputError that names the key, at start, for whatever does not make sense
 * @public
 */
export function readSwitchyardConfig(config: Config): SwitchyardConfig {
  const root = config.getOptionalConfig('switchyard');
  return {
    environments: readEnvironments(root),
    clusterAliases: readAliases(root),
    bindings: (root?.getOptionalConfigArray('bindings') ?? []).map(
      (binding, index) => readBinding(binding, `switchyard.bindings[${index}]`),
    ),
  };
}

function readEnvironments(root: Config | undefined): EnvironmentConfig[] {
  const environments = (root?.getOptionalConfigArray('environments') ?? []).map(
    (environment, index) => {
      const at = `switchyard.environments[${index}]`;
      const name = readText(environment, 'name', at);
      if (!ENVIRONMENT_NAME.test(name) || name === UNASSIGNED) {
        throw new InputError(
          name === UNASSIGNED
            ? `${at}.name may not be '${UNASSIGNED}': that is what matches no environment`
            : `${at}.name must be made of lower case letters, digits and dashes`,
        );
      }
      const match = environment.getOptionalConfigArray('match') ?? [];
      if (match.length === 0) {
        throw new InputError(
          `${at}.match is missing: it says what belongs to it`,
        );
      }
      return {
        name,
        title: environment.getOptionalString('title') ?? name,
        match: match.map((each, at2) =>
          readMatcher(each, `${at}.match[${at2}]`),
        ),
      };
    },
  );
  const names = environments.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError(`switchyard.environments has '${twice}' twice`);
  }
  return environments;
}

function readMatcher(config: Config, at: string): EnvironmentMatcher {
  const known = ['cluster', 'project', 'namespace', 'labels'];
  const strange = config.keys().find(key => !known.includes(key));
  // A misspelt field would match everything, which may be production.
  if (strange !== undefined) {
    throw new InputError(
      `${at}.${strange} is unknown; there are ${known.join(', ')}`,
    );
  }
  const matcher: EnvironmentMatcher = {};
  for (const key of ['cluster', 'project', 'namespace'] as const) {
    const values = readList(config, key, at);
    if (values) matcher[key] = values;
  }
  if (config.has('labels')) {
    const labels = config.getConfig('labels');
    matcher.labels = Object.fromEntries(
      // Keys of labels hold dots, which a path would be split at.
      Object.entries(labels.get<Record<string, unknown>>()).map(
        ([name, value]) => {
          if (typeof value !== 'string') {
            throw new InputError(`${at}.labels: '${name}' is not a text`);
          }
          return [name, value];
        },
      ),
    );
  }
  if (Object.keys(matcher).length === 0) {
    throw new InputError(`${at} is empty: it would match everything`);
  }
  return matcher;
}

function readList(
  config: Config,
  key: string,
  at: string,
): string[] | undefined {
  const value = config.getOptional(key);
  if (value === undefined) return undefined;
  const values = Array.isArray(value) ? value : [value];
  if (
    values.length === 0 ||
    values.some(each => typeof each !== 'string' || each === '')
  ) {
    throw new InputError(`${at}.${key} must be a list of names`);
  }
  return values as string[];
}

function readAliases(root: Config | undefined): ClusterAlias[] {
  const aliases = (root?.getOptionalConfigArray('clusterAliases') ?? []).map(
    (alias, index) => {
      const at = `switchyard.clusterAliases[${index}]`;
      return {
        argocd: readText(alias, 'argocd', at),
        ...(alias.has('instance') && {
          instance: readText(alias, 'instance', at),
        }),
        cluster: readText(alias, 'cluster', at),
      };
    },
  );
  const names = aliases.map(({ argocd, instance }) =>
    instance === undefined ? argocd : `${argocd} of ${instance}`,
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError(
      `switchyard.clusterAliases says twice which cluster '${twice}' is`,
    );
  }
  return aliases;
}

function readBinding(config: Config, at: string): BindingConfig {
  return {
    target: readBindingTarget(config, at),
    to: readBindingTo(config, at),
  };
}

function readBindingTarget(
  config: Config,
  at: string,
): BindingConfig['target'] {
  const isArgo = config.has('argocdProject') || config.has('argocdApplication');
  const isCluster = config.has('cluster') || config.has('namespace');
  if (isArgo === isCluster) {
    throw new InputError(
      `${at} needs either argocdProject (and argocdApplication), or cluster and namespace`,
    );
  }
  if (isCluster) {
    return {
      cluster: readText(config, 'cluster', at),
      namespace: readText(config, 'namespace', at),
    };
  }
  const argocdApplication = config.getOptionalString('argocdApplication');
  return {
    argocdProject: readText(config, 'argocdProject', at),
    ...(argocdApplication && { argocdApplication }),
  };
}

function readBindingTo(config: Config, at: string): BindingConfig['to'] {
  if (config.has('entity') === config.has('owner')) {
    throw new InputError(`${at} needs either entity or owner`);
  }
  if (config.has('entity')) {
    return { entity: readRef(config, 'entity', at, 'component') };
  }
  return { owner: readRef(config, 'owner', at, 'group') };
}

function readRef(
  config: Config,
  key: string,
  at: string,
  defaultKind: string,
): string {
  const text = readText(config, key, at);
  try {
    const ref = parseEntityRef(text, {
      defaultKind,
      defaultNamespace: 'default',
    });
    return stringifyEntityRef(ref);
  } catch {
    throw new InputError(
      `${at}.${key} is not an entity ref such as ${defaultKind}:default/orders`,
    );
  }
}

function readText(config: Config, key: string, at: string): string {
  const value = config.getOptional(key);
  if (typeof value !== 'string' || value === '') {
    throw new InputError(`${at}.${key} is missing or not a text`);
  }
  return value;
}
