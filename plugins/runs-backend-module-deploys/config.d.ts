export interface Config {
  switchyard?: {
    deploys?: {
      /**
       * Git servers that are none of the forges of `integrations`. Where an integration fits, use that: it brings the credentials, and links to commits.
       */
      git?: Array<{
        /** Host and port. */
        host: string;
        /** Use plain HTTP. Default false. */
        insecure?: boolean;
        /** Default `git`. */
        username?: string;
        /** @visibility secret */
        token?: string;
        /**
         * The same as `token`.
         * @visibility secret
         */
        password?: string;
      }>;
      /** Who the portal's commits are by. The person who asked stands in the commit's trailers. */
      commitAuthor?: {
        /** Default `Switchyard`. */
        name?: string;
        /** Default `switchyard@noreply.invalid`. */
        email?: string;
      };
      /** Folder for the kept clones of deploy repositories. Default: the machine's temporary folder. */
      gitCacheDirectory?: string;
      rollback?: {
        /** Whether a rollback locks its target for all but who asked for it, until somebody lifts that. Default true. */
        hold?: boolean;
      };
      /** Between how many pods people may scale a workload. */
      scale?: {
        /** Default 1. */
        min?: number;
        /** Default 20. */
        max?: number;
      };
    };
  };
}
