import { WorkloadState } from './state';

/**
 * What became of the migration of the present version, from hooks of Argo CD, Jobs and init containers.
 *
 * @public
 */
export interface MigrationState {
  /** `unknown`: it may have run in part, or another operation has replaced what told it. */
  verdict: 'ran' | 'running' | 'failed' | 'skipped' | 'not-there' | 'unknown';
  /** Ready to show. */
  text: string;
  /** Where it can be read what it said, while its pod is there. */
  log?: { cluster: string; namespace: string; pod: string; container?: string };
  /** The Job of that log, where it has ended and so is not among the workloads. */
  job?: WorkloadState;
  /** It has run, and its pod is no longer in the cluster: what it said went with it. */
  logIsGone?: boolean;
}
