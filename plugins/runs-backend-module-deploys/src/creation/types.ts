import { NewApplication } from '@switchyard/fleet-node';
import { JsonObject } from '@backstage/types';

/** Input of creating Applications. All else comes from the configuration. */
export type ApplicationCreateInput = {
  /** Address of the Git repository that holds the manifests. */
  repository: string;
  /** As the Kubernetes plugin calls them. All that the configuration lets the component have in the environment, where none is given. */
  clusters?: string[];
};

/** Input of a `create-application` step. */
export type CreateApplicationStepInput = {
  instance: string;
  cluster: string;
  /** What is created, but for the run that did it. */
  manifest: NewApplication & JsonObject;
};

/** Input of a `deployed` step. */
export type DeployedStepInput = {
  application: {
    instance: string;
    namespace: string;
    name: string;
    project: string;
  };
};
