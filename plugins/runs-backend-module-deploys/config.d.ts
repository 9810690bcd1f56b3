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
      /**
       * Branches that are changed by pull request, always: no push is tried. Of other branches it is found out when a push is refused. Pull requests are
       * opened at GitHub and GitLab, with the credentials of `integrations`.
       */
      pullRequests?: Array<{
        /** Host and path of the repository, where `*` stands for any text: `github.com/acme/deploy-*`. Default: all. */
        repository?: string;
        /** Default: all. `*` stands for any text. */
        branch?: string;
        /** Environments for which this holds. Default: all. */
        environments?: string[];
      }>;
      /** Folder for the kept clones of deploy repositories. Default: the machine's temporary folder. */
      gitCacheDirectory?: string;
      rollback?: {
        /** Whether a rollback locks its target for all but who asked for it, until somebody lifts that. Default true. */
        hold?: boolean;
      };
      /** Which Argo CD Applications may be created for new components of whom. Without it none. */
      newApplications?: Array<{
        /** Entity refs of users and groups: one of them owns the component. */
        owners: string[];
        /** Name of the instance in `argocd.appLocatorMethods`. */
        instance: string;
        /** Namespace in which the Applications lie. Default `argocd`. */
        argocdNamespace?: string;
        /** Argo CD project. */
        project: string;
        /** Namespace that is deployed to; the same for all of them. */
        namespace: string;
        /** What the address of the component's repository begins with, `https://git.example.com/team/`. The slash at the end is part of it. */
        repositories: string[];
        /** Folder in the repository, with `{cluster}` and `{component}`. Default `deploy/overlays/{cluster}`. */
        path?: string;
        /** Default `main`. */
        branch?: string;
        /** Whether Argo CD syncs by itself, prunes and heals. Default true. */
        autoSync?: boolean;
        clusters: Array<{
          /** Name of the cluster in the Kubernetes plugin. */
          cluster: string;
          /** Name by which Argo CD knows it. Default: the same. */
          argocdName?: string;
          /** Address by which Argo CD knows it, instead of a name. */
          server?: string;
          /** Name of the Application, with `{component}`. Default `{component}-<cluster>`. */
          application?: string;
        }>;
      }>;
      /** Versions that are set in the Applications of Argo CD themselves, where the portal cannot change their Git. */
      override?: {
        /** Whether there is such an action, `override`. Overrides that are there can be removed in any case. Default false. */
        enabled?: boolean;
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
