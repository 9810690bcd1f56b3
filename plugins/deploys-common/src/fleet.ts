import { SourceState } from './state';

/** What is known of one cluster of the fleet. @public */
export interface FleetClusterState extends Omit<SourceState, 'id'> {
  title?: string;
  kinds: Array<{ kind: string; state: SourceState['state'] }>;
}

/** What is known of one Argo CD instance. @public */
export interface FleetArgoInstanceState extends Omit<SourceState, 'id'> {
  /** Address of its user interface, where one is configured. */
  url?: string;
  applications: number;
}

/**
 * Answer of `GET /v1/fleet`: how well the clusters and Argo CD instances can be seen.
 *
 * @public
 */
export interface FleetState {
  clusters: FleetClusterState[];
  argoInstances: FleetArgoInstanceState[];
}
