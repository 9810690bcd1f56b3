import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
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
        discovery: coreServices.discovery,
        rootConfig: coreServices.rootConfig,
      },
      async init({ actions, auth, discovery, rootConfig }) {
        const runs = RunsClient.create({
          auth,
          discovery,
          portalUrl: rootConfig.getString('app.baseUrl'),
        });
        actions.addActions(
          createHotfixRequestAction({ runs }),
          createLockCreateAction({ runs }),
          createRunWaitAction({ runs }),
        );
      },
    });
  },
});
