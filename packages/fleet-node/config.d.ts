export interface Config {
  switchyard?: {
    /**
     * The environments, in order: the first that matches wins. What matches none is 'unassigned'.
     */
    environments?: Array<{
      /** Lower case letters, digits and dashes. */
      name: string;
      /** For people. */
      title?: string;
      /**
       * Any entry matches; within one entry all of its fields must. `*` stands for any text.
       */
      match: Array<{
        /** Names of clusters, as the Kubernetes plugin knows them. */
        cluster?: string | string[];
        /** Argo CD projects. */
        project?: string | string[];
        /** Namespaces. */
        namespace?: string | string[];
        /** Labels of the Application, else of the workload. */
        labels?: { [name: string]: string };
      }>;
    }>;

    /**
     * Destinations of Argo CD that are clusters under another name and address.
     */
    clusterAliases?: Array<{
      /** Name or server URL of the destination. */
      argocd: string;
      /** Name of the instance that calls it so: every Argo CD calls the cluster that it runs in `in-cluster`. Default: all instances. */
      instance?: string;
      /** Name of the cluster, as the Kubernetes plugin knows it. */
      cluster: string;
    }>;

    /**
     * Consent for targets whose own objects do not name their entity. Either argocdProject (and argocdApplication), or cluster and
     * namespace; and either entity or owner. `*` stands for any text in argocdApplication.
     */
    bindings?: Array<{
      /** Project of the Applications that are meant. */
      argocdProject?: string;
      /** Applications in that project. Default: all. */
      argocdApplication?: string;
      /** With `namespace`: the cluster, as the Kubernetes plugin knows it. */
      cluster?: string;
      /** With `cluster`. */
      namespace?: string;
      /** Ref of the one entity. */
      entity?: string;
      /** Ref of the group whose entities are meant. */
      owner?: string;
    }>;
  };

  argocd?: {
    /** For all instances that have none of their own. */
    username?: string;
    /**
     * For all instances that have none of their own.
     * @visibility secret
     */
    password?: string;
    /** Where people open the only instance. */
    baseUrl?: string;
    /** Where people open the only instance; wins over baseUrl. */
    externalBaseUrl?: string;
    /** The instances of Argo CD, in the words of the plugins that read them too. */
    appLocatorMethods?: Array<{
      /** Only 'config' is read. */
      type: string;
      instances?: Array<{
        /** Unique; `argocd/instance-name` on an entity names it. */
        name: string;
        /** Address of the API; may have a path. */
        url: string;
        /** Where people open it; default: url. */
        frontendUrl?: string;
        /** The same, in the words of another plugin. */
        externalUrl?: string;
        /**
         * Of an account with apiKey.
         * @visibility secret
         */
        token?: string;
        /** Instead of a token, with `password`: sessions are renewed before they end. */
        username?: string;
        /** @visibility secret */
        password?: string;
      }>;
    }>;
  };
}
