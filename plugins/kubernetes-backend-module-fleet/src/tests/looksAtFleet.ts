import { createBackendPlugin } from '@backstage/backend-plugin-api';
import { FleetService, fleetServiceRef } from '@switchyard/fleet-node';

/** A plugin that hands out the backend's fleet. */
export function looksAtFleet(onFleet: (fleet: FleetService) => void) {
  return createBackendPlugin({
    pluginId: 'looks-at-fleet',
    register(env) {
      env.registerInit({
        deps: { fleet: fleetServiceRef },
        async init({ fleet }) {
          onFleet(fleet);
        },
      });
    },
  });
}
