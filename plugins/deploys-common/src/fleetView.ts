import { SourceState } from './state';

/**
 * How much a line needs a person, most first.
 *
 * - `failed`: broken. `unseen`: its cluster or Argo CD cannot be seen now. `drifting`: another version than its peers, or OutOfSync.
 * - `running`: being changed. `unknown`: nobody has said yet. `fine`: nothing to do.
 *
 * @public
 */
export const SEVERITIES = [
  'failed',
  'unseen',
  'drifting',
  'running',
  'unknown',
  'fine',
] as const;

/** @see SEVERITIES @public */
export type Severity = (typeof SEVERITIES)[number];

/** The component that a line belongs to. @public */
export interface FleetRowEntity {
  /** Full, in lower case. */
  ref: string;
  title?: string;
  /** Full ref of the group or person that owns it. */
  owner?: string;
  /** Full ref. */
  system?: string;
}

/**
 * One line of the fleet: a component in one environment, cluster and namespace, by one Application or without any; or an Application that no
 * component names. What several components name has a line for each of them.
 *
 * @public
 */
export interface FleetRow {
  /** Stable over time. */
  id: string;
  /** Of the Application, else of the component. */
  name: string;
  severity: Severity;
  /** Left out where no entity names the Application. */
  entity?: FleetRowEntity;
  environment: string;
  /** Of the fleet. */
  cluster?: string;
  /** Argo CD's word for a destination that is no cluster of the fleet. */
  destination?: string;
  namespace?: string;
  /** Left out where no Application deploys it. */
  app?: {
    instance: string;
    namespace: string;
    project: string;
    sync: string;
    health: string;
    /** The last one, or the one under way, of which it is said when it began. */
    operation?: { phase: string; startedAt?: string };
  };
  /** The tag, or the shortened digest. Left out where nothing runs or several images are equal candidates. */
  version?: string;
  drift?: { kind: 'peers' | 'rolling'; message: string };
  /** Ready and wanted. Left out where the fleet sees no workload. */
  pods?: [ready: number, wanted: number];
  /** The worst that is known of its workloads and pods, for people. */
  problem?: string;
  /** Since when it is as it is: end of the last operation, else of the last rollout. */
  changedAt?: string;
}

/**
 * Answer of `GET /v1/fleet-view`: the lines that the caller may see.
 *
 * With `?since=` only lines of buckets that differ are sent: `buckets` says which, and what is known of them is replaced as a whole.
 *
 * @public
 */
export interface FleetView {
  /**
   * `everything`: all that the fleet knows. `components`: what belongs to components that the caller may see in the catalog; whether there is more
   * is not said.
   */
  scope: 'everything' | 'components';
  /** Signal channel that rings when any of this changed; opaque, and the same for all who see the same. */
  channel: string;
  hash: string;
  /** To be given back as `since`. Means the same to each replica of the backend. */
  since: string;
  /** When the live source that was silent longest was last heard of. No part of the hash. */
  asOf: string;
  /** The fleet, or the catalog, was not looked at to the end yet: lines are missing. */
  incomplete?: true;
  /** Environments in the order of the config. */
  environments: string[];
  /** Clusters and Argo CD instances that are not live. */
  sources: SourceState[];
  /** Addresses of the user interfaces of Argo CD instances. */
  argoUrls: Record<string, string>;
  /** Highest resourceVersion of workloads that was seen, by cluster. No part of the hash. */
  versions: Record<string, string>;
  /** The buckets that are sent; left out where all are. */
  buckets?: number[];
  /** In no order. The bucket of a line is {@link fleetBucketOf} its id. */
  rows: FleetRow[];
}

/** Into how many parts the lines of a view are divided, so that a change sends one of them. @public */
export const FLEET_BUCKETS = 128;

/**
 * The part of a view that a line is sent with.
 *
 * @public
 */
export function fleetBucketOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  // The last characters of ids differ most: their bits have to reach the lowest ones.
  return ((hash >>> 15) ^ hash) & (FLEET_BUCKETS - 1);
}

/**
 * Something that a search of the fleet found.
 *
 * @public
 */
export interface FleetSearchHit {
  type: 'component' | 'application' | 'pod' | 'image' | 'revision';
  /** What was found, whole: the pod's name, the image, the commit. */
  text: string;
  /** The component it belongs to; left out where none names it. */
  entityRef?: string;
  environment?: string;
  cluster?: string;
  namespace?: string;
  /** Name of the Application. */
  application?: string;
}

/**
 * Answer of `GET /v1/fleet-search`.
 *
 * @public
 */
export interface FleetSearchResult {
  items: FleetSearchHit[];
  /** There is more than is sent; a longer text finds less. */
  more: boolean;
}
