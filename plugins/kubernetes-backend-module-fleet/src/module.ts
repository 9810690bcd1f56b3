import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { kubernetesObjectsProviderExtensionPoint } from '@backstage/plugin-kubernetes-node';
import { fleetServiceRef } from '@switchyard/fleet-node';
import { createClusterSource } from './createClusterSource';
import { FleetObjectsProvider } from './FleetObjectsProvider';
import { watchedResources } from './watchedResources';

/**
 * Hands the clusters that the Kubernetes plugin locates, and the credentials that it makes for them, to the fleet; and answers the
 * standard Kubernetes tab from its memory where the configuration says so.
 *
 * @public
 */
export const kubernetesModuleFleet = createBackendModule({
  pluginId: 'kubernetes',
  moduleId: 'fleet',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        fleet: fleetServiceRef,
        kubernetes: kubernetesObjectsProviderExtensionPoint,
        config: coreServices.rootConfig,
        logger: coreServices.logger,
      },
      async init({ auth, config, fleet, kubernetes, logger }) {
        const answersTab =
          config.getOptionalBoolean('switchyard.fleet.answerKubernetesTab') ??
          false;
        // The only extension point that is handed the cluster supplier and the auth strategy after everybody's customisation.
        kubernetes.addObjectsProvider(async options => {
          const { customResources, objectTypesToFetch, getDefault } = options;
          const source = createClusterSource({
            ...options,
            auth,
            logger,
            resources: cluster =>
              watchedResources(cluster, {
                customResources,
                objectTypesToFetch: objectTypesToFetch ?? [],
                answersTab,
              }),
          });
          fleet.setClusterSource(source.clusters);
          // Without the types that are to be fetched, only the plugin knows what it would fetch.
          if (!answersTab || !objectTypesToFetch) return getDefault();
          return new FleetObjectsProvider({
            ...options,
            fleet,
            isHeldFor: source.isHeldFor,
            objectTypesToFetch,
            logger,
          });
        });
      },
    });
  },
});
