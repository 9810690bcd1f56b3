import { KubeConfig } from '@kubernetes/client-node';

/** A cluster, as a portal would be configured to reach it. Fits `FleetCluster` of the fleet. */
export interface ContractCluster {
  name: string;
  url: string;
  caData?: string;
  skipTLSVerify?: boolean;
  credential(): Promise<{
    token?: string;
    clientCert?: { cert: string; key: string };
  }>;
  /** For what a test itself asks or makes. */
  kubeConfig: KubeConfig;
}

/** Where a Git server is, and who one is there. */
export interface ContractGitAccess {
  /** Host and port. */
  host: string;
  username: string;
  token: string;
  /** Plain HTTP. */
  insecure: boolean;
}

/** A branch that a test may do anything with. */
export interface ContractBranch {
  /** Address of the repository, without credentials. */
  repoUrl: string;
  branch: string;
  head(): Promise<string>;
  /** Commits after another one, newest first. */
  commitsSince(
    commit: string,
  ): Promise<Array<{ sha: string; parent: string; message: string }>>;
  read(path: string): Promise<string>;
  /** Commits as somebody else who uses the git program, and answers the commit. Goes on until it has won every race. */
  commit(
    files: Readonly<Record<string, string>>,
    message: string,
  ): Promise<string>;
}

/** An Application that runs one Deployment, with a migration before each sync. */
export interface ContractDeployment {
  application: { namespace: string; name: string; project: string };
  /** Whether Argo CD syncs it by itself. */
  autoSync: boolean;
  /** Name of a cluster of the world. */
  cluster: string;
  namespace: string;
  /** Name of the Deployment and of its only container. */
  workload: string;
  /** Name of the PreSync hook, a Job. */
  migration: string;
  branch: ContractBranch;
  /** Path of the Application within the branch. */
  path: string;
  /** The file that names the version, by its path within the branch. */
  file: string;
  /** The version that Git names. */
  version(): Promise<string>;
  /** Commits another version, and answers the commit. */
  commitVersion(version: string): Promise<string>;
}

/** Everything that a hotfix touches, in the sandbox or for real. */
export interface ContractWorld {
  /** For the names of tests. */
  which: 'sandbox' | 'real';
  clusters: ContractCluster[];
  argocd: {
    url: string;
    /** Sees and syncs everything of this world. */
    token: string;
    /** Name of the account that the token belongs to. */
    account: string;
    /** Sees the Applications of `auto` and `manual`'s project and may sync none. */
    limitedToken: string;
    /** An account that logs in with a password and has the rights of docs/install/argocd-policy.csv, where there is one. */
    portal?: { username: string; password: string };
  };
  git: ContractGitAccess;
  auto: ContractDeployment;
  manual: ContractDeployment;
  /** An Application that is there and that the limited account may not see. */
  hidden: { namespace: string; name: string; project: string };
  /** An Application outside Argo CD's own namespace, with the name of `manual`'s, where Argo CD takes such. */
  elsewhere?: { namespace: string; name: string; project: string };
  /** An Application that deploys another one, that one, and one with two sources. */
  composed: Record<
    'parent' | 'child' | 'several',
    { namespace: string; name: string; project: string }
  >;
  /** An Application that an ApplicationSet made, and the name of that, where there is a controller for them. */
  made?: { namespace: string; name: string; project: string; by: string };
  /** Names of destinations that Argo CD calls otherwise than the clusters are called here. */
  clusterAliases: Array<{ argocd: string; cluster: string }>;
  /** The component: label `backstage-name` of the Applications, and name in `backstage.io/entity-ref`. */
  component: string;
  /** Image without tag. */
  image: string;
  /** Where the image is; absent where pods come by it in ways of their own. */
  registry?: { host: string; username: string; password: string };
  /** Good versions; `auto` and `manual` begin with the first one. At least five. */
  versions: string[];
  /** Sees to it that the migration of `manual` fails for a version, whoever commits it. May commit to its branch. */
  breakMigration(): Promise<{ version: string; repair(): Promise<void> }>;
  /** Lies a deny window over the project of `auto` and `manual`, and answers the way to lift it. */
  closeWindow(): Promise<() => Promise<void>>;
  /** Ends it, and deletes all that it made. @throws when something could not be deleted */
  close(): Promise<void>;
}
