import { randomBytes } from 'node:crypto';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  deploysDeploymentPermissions,
  DeploysSignal,
  fleetReadPermission,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  deploysDeploymentPermissionResourceRef,
  deploysDeploymentRules,
  HttpRegistryClient,
  readRegistries,
} from '@switchyard/backstage-plugin-deploys-node';
import { fleetServiceRef, readSwitchyardConfig } from '@switchyard/fleet-node';
import { DatabaseSettingStore } from './database/DatabaseSettingStore';
import { AuthorizedDeploymentDetailsService } from './details/AuthorizedDeploymentDetailsService';
import { DefaultDeploymentDetailsService } from './details/DefaultDeploymentDetailsService';
import { createDetailsRouter } from './details/detailsRouter';
import { createFleetViewRouter } from './fleetViews/fleetViewRouter';
import { FleetViewService } from './fleetViews/FleetViewService';
import { AuthorizedPodService } from './pods/AuthorizedPodService';
import { DefaultPodService } from './pods/DefaultPodService';
import { LogSlots } from './pods/LogSlots';
import { createRouter } from './router';
import { AuthorizedDeployStateService } from './service/AuthorizedDeployStateService';
import { DefaultDeployStateService } from './service/DefaultDeployStateService';
import { DeploymentAuthorizer } from './service/DeploymentAuthorizer';
import { loadDeployments } from './service/loadDeployments';
import { readTerminalConfig } from './terminal/config';
import { startTerminals } from './terminal/startTerminals';
import { Channels } from './watch/Channels';
import { EntityStates } from './watch/EntityStates';

const CHANNEL_SECRET = 'channel-secret';

/**
 * The deploys backend: what clusters and Argo CD say about entities, in one call per page.
 *
 * @public
 */
export const deploysPlugin = createBackendPlugin({
  pluginId: 'deploys',
  register(env) {
    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        fleet: fleetServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        signals: signalsServiceRef,
      },
      async init(deps) {
        const { catalog, fleet, lifecycle, logger, permissions, signals } =
          deps;
        deps.permissionsRegistry.addPermissions([
          stateReadPermission,
          fleetReadPermission,
        ]);
        deps.permissionsRegistry.addResourceType({
          resourceRef: deploysDeploymentPermissionResourceRef,
          permissions: deploysDeploymentPermissions,
          rules: Object.values(deploysDeploymentRules),
          getResources: async refs => loadDeployments(refs, deps),
        });
        const config = readSwitchyardConfig(deps.config);
        const settings = await DatabaseSettingStore.create(deps);
        const secret = await settings.getOrCreate(CHANNEL_SECRET, () =>
          randomBytes(32).toString('hex'),
        );
        const channels = new Channels({ secret });
        const publish = (channel: string, hash: string) => {
          signals
            .publish<DeploysSignal>({
              recipients: { type: 'broadcast' },
              channel,
              message: { hash },
            })
            // Screens ask again by themselves now and then.
            .catch(error =>
              logger.warn('Could not publish a signal', {
                error: String(error),
              }),
            );
        };
        const states = EntityStates.create({
          fleet,
          config,
          channels,
          logger,
          publish,
        });
        lifecycle.addShutdownHook(() => states.stop());
        const fleetViews = FleetViewService.create({
          ...deps,
          config,
          channels,
          publish,
        });
        lifecycle.addStartupHook(() => fleetViews.start());
        lifecycle.addShutdownHook(() => fleetViews.stop());
        const authorizer = DeploymentAuthorizer.create({
          permissions,
          ruleset: deps.permissionsRegistry.getPermissionRuleset(
            deploysDeploymentPermissionResourceRef,
          ),
        });
        const slots = new LogSlots();
        const pods = AuthorizedPodService.create({
          delegate: DefaultPodService.create({
            catalog,
            fleet,
            config,
            logger,
            slots,
          }),
          authorizer,
        });
        const unchecked = DefaultDeployStateService.create({
          catalog,
          fleet,
          config,
          states,
          registries: HttpRegistryClient.create({
            registries: readRegistries(deps.config),
          }),
          logger,
          slots,
        });
        const terminal = readTerminalConfig(deps.config);
        const deploys = AuthorizedDeployStateService.create({
          delegate: unchecked,
          authorizer,
          hasTerminals: terminal.enabled,
        });
        if (terminal.enabled) {
          await startTerminals({
            ...deps,
            config: terminal,
            authorizer,
            pods: unchecked,
          });
        }
        const details = AuthorizedDeploymentDetailsService.create({
          delegate: DefaultDeploymentDetailsService.create({
            catalog,
            fleet,
            config,
            logger,
          }),
          authorizer,
        });
        deps.httpRouter.use(await createRouter({ ...deps, deploys, pods }));
        deps.httpRouter.use(await createDetailsRouter({ ...deps, details }));
        deps.httpRouter.use(
          await createFleetViewRouter({ ...deps, fleetViews }),
        );
        deps.httpRouter.addAuthPolicy({
          path: '/openapi.json',
          allow: 'unauthenticated',
        });
      },
    });
  },
});
