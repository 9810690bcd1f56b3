import http from 'node:http';
import https from 'node:https';
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';

/** It is never answered; by then it has done what it is for. */
const GIVE_UP_MS = 1_000;

/**
 * Sends the first request for a web socket. The signals plugin (0.3) listens for them only from then on, and leaves that one without an answer:
 * the first page after a start would be without signals until its client tries again, five seconds later.
 */
export const signalsDoor = createBackendModule({
  pluginId: 'signals',
  moduleId: 'door',
  register(env) {
    env.registerInit({
      deps: {
        discovery: coreServices.discovery,
        lifecycle: coreServices.lifecycle,
      },
      async init({ discovery, lifecycle }) {
        lifecycle.addStartupHook(async () => {
          const url = new URL(await discovery.getBaseUrl('signals'));
          const { request } = url.protocol === 'https:' ? https : http;
          const knock = request(url, {
            headers: { connection: 'Upgrade', upgrade: 'websocket' },
          });
          knock.setTimeout(GIVE_UP_MS, () => knock.destroy());
          // Nothing is lost when it fails: the first page knocks instead.
          knock.on('error', () => {});
          knock.end();
        });
      },
    });
  },
});
