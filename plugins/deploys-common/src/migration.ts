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
}
