import { MigrationFacts } from './migration';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';

/** What of a state depends on the fleet alone and makes up its hash. */
export type StateContent = Omit<
  EntityDeploysState,
  'asOf' | 'channel' | 'hash' | 'versions' | 'logs'
>;

/**
 * What only the full Application tells. Kept after the full one was dropped, for a history does not become untrue.
 */
export interface ApplicationDetails {
  lastDeploy?: { at: string; by?: string; revision?: string };
  /** Of the operation that began at `startedAt`. */
  operation?: { startedAt: string; message?: string };
  reconciledAt?: string;
  resourceVersion?: string;
  migration?: MigrationFacts;
}
