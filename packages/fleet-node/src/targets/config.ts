/**
 * One way to belong to an environment: all given fields must match. Names are exact or hold `*` for any text.
 *
 * @public
 */
export interface EnvironmentMatcher {
  /** Clusters of the fleet. */
  cluster?: readonly string[];
  /** Argo CD projects. */
  project?: readonly string[];
  namespace?: readonly string[];
  /** Of the Application, or of the workload where there is none. */
  labels?: Readonly<Record<string, string>>;
}

/** @public */
export interface EnvironmentConfig {
  name: string;
  /** What people read; the name where it is left out. */
  title?: string;
  /** One of them must match. */
  match: readonly EnvironmentMatcher[];
}

/** @public */
export interface ClusterAlias {
  /** Name or server URL of a destination of Argo CD. */
  argocd: string;
  /** Name of the cluster in the Kubernetes plugin. */
  cluster: string;
}

/**
 * Consent that the operator gives in the config, for targets that do not name their entity themselves. It covers either an Argo CD project
 * or a namespace of a cluster, and lets in either one entity or all that a group owns.
 *
 * @public
 */
export interface ConsentBinding {
  /** With `argocdApplication`: only Applications of that name (`*` for any text). */
  argocdProject?: string;
  argocdApplication?: string;
  /** With `namespace`. Both may hold `*`. */
  cluster?: string;
  namespace?: string;
  /** Full ref, e.g. `component:default/search`. */
  entity?: string;
  /** Full ref of the group that must own the entity, e.g. `group:default/storefront`. */
  owner?: string;
}

/**
 * What of `switchyard.*` says how entities, clusters and environments belong together.
 *
 * @public
 */
export interface SwitchyardTargetsConfig {
  /** The first that matches counts. */
  environments: readonly EnvironmentConfig[];
  clusterAliases: readonly ClusterAlias[];
  bindings: readonly ConsentBinding[];
}
