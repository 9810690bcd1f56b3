export interface Config {
  switchyard?: {
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
