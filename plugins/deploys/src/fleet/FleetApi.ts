import { createApiRef } from '@backstage/core-plugin-api';
import {
  FleetRow,
  FleetSearchResult,
  FleetState,
  FleetView,
} from '@switchyard/backstage-plugin-deploys-common';

/**
 * All lines of the fleet that the person may see, put together from the answers of the backend.
 *
 * @public
 */
export type FleetTable = Omit<FleetView, 'since' | 'buckets' | 'rows'> & {
  /** The same objects as before where nothing changed. */
  rows: readonly FleetRow[];
};

/**
 * The fleet pages' part of the deploys backend. Every method rejects with a `ResponseError` that carries the status and the reason.
 *
 * @public
 */
export interface FleetApi {
  /** The same object again when nothing has changed, unless it is to be read `anew`. */
  getFleet(options?: { anew?: boolean }): Promise<FleetTable>;
  /** The same for the components of a system, a domain, a group or a person. */
  getPart(entityRef: string, options?: { anew?: boolean }): Promise<FleetTable>;
  /** How well clusters and Argo CD instances can be seen, and what could not be joined. */
  getSources(): Promise<FleetState>;
  /** Components, Applications, pods, images and commits. */
  searchFleet(
    query: string,
    options?: { signal?: AbortSignal },
  ): Promise<FleetSearchResult>;
}

/**
 * Ref of {@link FleetApi}. The deploys plugin provides {@link FleetClient} for it.
 *
 * @public
 */
export const fleetApiRef = createApiRef<FleetApi>({
  id: 'plugin.deploys.fleet',
});
