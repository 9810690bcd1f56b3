import { RequestSyncInput } from '../sync/types';

/** Input of another run of a migration. */
export type MigrateInput = {
  /** Names of Applications. Those whose migration has failed, where none is given. */
  applications?: string[];
  /** Runs it again although it has succeeded, or although nobody knows whether it has. */
  again?: boolean;
};

/** Input of a `rerun-migration` step. */
export type RerunMigrationInput = RequestSyncInput & {
  /** Whether a person has said so in spite of a migration that succeeded. */
  again: boolean;
};
