export interface Config {
  switchyard?: {
    /** How versions follow one another, and how they are written as tags. */
    versions?: {
      /** Words in the title of a pull request that ask for a bump, wherever they stand, in capitals or not. Of two the larger counts. */
      bumps?: {
        /** Default `[major]`. */
        major?: string[];
        /** Default `[minor]`. */
        minor?: string[];
        /** Default `[patch]`. */
        patch?: string[];
      };
      /** Which bump it is where the title asks for none. Default `patch`. */
      otherwise?: 'major' | 'minor' | 'patch';
      /**
       * How a version is written as the tag of an image, e.g. `v{version}`; with `{service}_{version}` the whole tag in a repository that services share.
       * Default: three numbers, with or without a `v`.
       */
      tag?: string;
    };
    deploys?: {
      /**
       * Image registries that versions are read from. Well-known public registries need no entry as long as no credentials are needed; any other host
       * is asked only if it stands here.
       */
      registries?: Array<{
        /** Host and port as they stand in images' names, e.g. `registry.example.com` or `127.0.0.1:5001`. */
        host: string;
        /** Use plain HTTP. Default false. */
        insecure?: boolean;
        /** With `password`. */
        username?: string;
        /** @visibility secret */
        password?: string;
        /** Hosts that may hand out this registry's tokens, where they are others than the registry's own host and its parent domain. */
        tokenHosts?: string[];
      }>;
    };
  };
}
