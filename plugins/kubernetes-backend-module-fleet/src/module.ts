import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { kubernetesObjectsProviderExtensionPoint } from '@backstage/plugin-kubernetes-node';
import { fleetServiceRef } from '@switchyard/fleet-node';
import { createClusterSource } from './createClusterSource';

/**
 * Hands the clusters that the Kubernetes plugin locates, and the credentials that it makes for them, to the fleet.
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
        logger: coreServices.logger,
      },
      async init({ auth, fleet, kubernetes, logger }) {
        // The only extension point that is handed the cluster supplier and the auth strategy after everybody's customisation.
        kubernetes.addObjectsProvider(
          async ({ clusterSupplier, authStrategy, getDefault }) => {
            fleet.setClusterSource(
              createClusterSource({
                clusterSupplier,
                authStrategy,
                auth,
                logger,
              }),
            );
            return getDefault();
          },
        );
      },
    });
  },
});
