import {
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import { readArgoCdConfig } from '../argocd/config';
import { FleetService } from '../types';
import { DefaultFleet } from './DefaultFleet';

/**
 * The fleet of this backend. It exists as soon as one plugin or module depends on it, and is the same for all.
 *
 * @public
 */
export const fleetServiceRef = createServiceRef<FleetService>({
  id: 'switchyard.fleet',
  scope: 'root',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: {
        config: coreServices.rootConfig,
        logger: coreServices.rootLogger,
        lifecycle: coreServices.rootLifecycle,
      },
      async factory({ config, logger, lifecycle }) {
        // Reading a large fleet takes a minute of processor time: the portal shall not get ready a minute later for it.
        const started = new Promise<void>(resolve =>
          lifecycle.addStartupHook(resolve),
        );
        const fleet = DefaultFleet.create({
          started,
          ownThread: true,
          argo: readArgoCdConfig(config),
          logger: logger.child({ service: 'fleet' }),
        });
        lifecycle.addShutdownHook(() => fleet.stop());
        return fleet;
      },
    }),
});
