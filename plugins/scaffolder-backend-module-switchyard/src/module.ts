import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createApplicationCreateAction } from './actions/createApplicationCreateAction';
import { createHotfixRequestAction } from './actions/createHotfixRequestAction';
import { createLockCreateAction } from './actions/createLockCreateAction';
import { createRunWaitAction } from './actions/createRunWaitAction';
import { RunsClient } from './runs/RunsClient';

/**
 * Brings the actions `switchyard:…` to the scaffolder. They change nothing themselves: each asks the runs backend as the person who started the task,
 * so that permissions, locks and approvals hold for templates as for everybody.
 *
 * @public
 */
export const scaffolderModuleSwitchyard = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'switchyard',
  register(env) {
    env.registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        discovery: coreServices.discovery,
        rootConfig: coreServices.rootConfig,
      },
      async init({ actions, auth, catalog, discovery, rootConfig }) {
        const runs = RunsClient.create({
          auth,
          discovery,
          portalUrl: rootConfig.getString('app.baseUrl'),
        });
        actions.addActions(
          createApplicationCreateAction({ runs, catalog }),
          createHotfixRequestAction({ runs }),
          createLockCreateAction({ runs }),
          createRunWaitAction({ runs }),
        );
      },
    });
  },
});
