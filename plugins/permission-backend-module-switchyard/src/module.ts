import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { readAccessConfig } from './accessConfig';
import { SwitchyardPolicy } from './SwitchyardPolicy';

/**
 * Sets the permission policy that reads `switchyard.access`.
 *
 * @public
 */
export const permissionModuleSwitchyard = createBackendModule({
  pluginId: 'permission',
  moduleId: 'switchyard',
  register(env) {
    env.registerInit({
      deps: { config: coreServices.rootConfig, policy: policyExtensionPoint },
      async init({ config, policy }) {
        policy.setPolicy(
          SwitchyardPolicy.create({ access: readAccessConfig(config) }),
        );
      },
    });
  },
});
