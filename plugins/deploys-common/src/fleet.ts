import { SourceState } from './state';

/** What is known of one cluster of the fleet. @public */
export interface FleetClusterState extends Omit<SourceState, 'id'> {
  title?: string;
  /** What would mend it, ready to show. */
  fix?: string;
  kinds: Array<{ kind: string; state: SourceState['state'] }>;
}

/** What is known of one Argo CD instance. @public */
export interface FleetArgoInstanceState extends Omit<SourceState, 'id'> {
  /** Address of its user interface, where one is configured. */
  url?: string;
  /** What would mend it, ready to show. */
  fix?: string;
  /** How many it has; left out for people who may not see the whole fleet. */
  applications?: number;
}

/** A destination of Argo CD that is no cluster of the fleet. @public */
export interface UnjoinedDestination {
  instance: string;
  /** Name or address, as Argo CD has it. */
  destination: string;
  /** Ready to show. */
  why: string;
  /** Some of the Applications that go there, by name. */
  examples: string[];
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
  /** Left out for people who may not see the whole fleet. */
  unjoined?: UnjoinedDestination[];
}
