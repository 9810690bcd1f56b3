import type { ScaleHandle } from './scale';
import type { ScaleSize } from './scale/layout';

/**
 * What a started sandbox tells the launcher and tests. All addresses are on 127.0.0.1.
 *
 * @public
 */
export interface SandboxHandle {
  clusters: Array<{
    name: string;
    url: string;
    /** Of the portal's account: it may do what docs/install/kubernetes-rbac.yaml says, and open terminals. */
    token: string;
    /** Of others: who may do everything, who reads what is not secret, who changes what is in storefront. */
    tokens: { admin: string; viewer: string; developer: string };
    /** Name that Argo CD uses for it as a destination. */ argocdName: string;
  }>;
  /** File with a context for each cluster, for kubectl. */
  kubeconfig: string;
  argocd: {
    instance: string;
    url: string;
    /** Of the portal's account, which may see and sync every Application. */
    token: string;
    username: string;
    password: string;
    /** Sees the Applications of storefront and may sync none. */
    limited: { username: string; password: string; token: string };
  };
  /** Of the second Argo CD, which takes Applications from the namespace `teams` too. */
  edgeArgocd: {
    instance: string;
    url: string;
    token: string;
    username: string;
    password: string;
  };
  /** Base address of the Git server; repositories lie at `${url}/${name}.git`. */
  git: { url: string; username: string; token: string; repositories: string[] };
  /** Base address of the forge's API, which is GitHub's, and of the pages of its pull requests. */
  forge: { url: string; token: string };
  /** Host and port as they stand in image names: `127.0.0.1:5001`. */
  registry: { host: string; url: string; username: string; password: string };
  /** A bot's access to Slack, an incoming webhook, and the ids of the channels. */
  slack: {
    apiUrl: string;
    token: string;
    webhookUrl: string;
    channels: readonly string[];
  };
  /** The large world besides, where one was asked for. */
  scale?: Omit<ScaleHandle, 'close'>;
  /** Page and API for faults, speed and counts. */
  faults: { url: string };
  people: SandboxPerson[];
  /** Path of the catalog's Location file, with the addresses of this world in it. */
  catalog: string;
  /** Folder that keeps the world; dropped by whoever made it. */
  dir: string;
  /** Ends all parts and saves the world. */
  close(): Promise<void>;
}

/** @public */
export interface SandboxPerson {
  /** Name in the catalog: `user:default/dana`. */
  name: string;
  displayName: string;
  groups: string[];
  /** Why one would sign in as this person. */
  about: string;
}

/** @public */
export interface SandboxOptions {
  /** Folder for the world's state. A folder that holds a world already is continued. */
  dir: string;
  /** Fixed ports keep addresses in Git and objects valid over a restart; 0 takes any free one. */
  ports?: {
    kubernetes?: number[];
    argocd?: number;
    git?: number;
    registry?: number;
    faults?: number;
  };
  /** The same seed gives the same world. A world that is continued keeps the seed it was made with. */
  seed?: number;
  /** How much faster time runs in the world; 20 makes a three minute start nine seconds. */
  speed?: number;
  /** Adds clusters and an Argo CD with very many objects, of which so many pods change in a second. */
  scale?: { size: ScaleSize; perSecond: number };
}
