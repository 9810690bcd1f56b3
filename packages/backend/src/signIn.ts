import { writeSync } from 'node:fs';
import {
  coreServices,
  createBackendFeatureLoader,
} from '@backstage/backend-plugin-api';
import { findSignInProblem } from './findSignInProblem';

/** The launcher does not start a backend again that ended with this code. */
const EXIT_BAD_CONFIG = 78;

/**
 * The ways to sign in that the configuration asks for. Without a real one the backend does not serve anybody, except in the sandbox.
 */
export const signIn = createBackendFeatureLoader({
  deps: { config: coreServices.rootConfig },
  async *loader({ config }) {
    const problem = findSignInProblem(config);
    if (problem) {
      // The launcher shows lines that begin like this to the person who started it. Written at once: the process ends here.
      writeSync(process.stderr.fd, `switchyard: ${problem}\n`);
      process.exit(EXIT_BAD_CONFIG);
    }
    if (config.getOptionalBoolean('switchyard.sandbox'))
      yield import('./sandboxSignIn');
    if (config.has('auth.providers.oidc'))
      yield import('@backstage/plugin-auth-backend-module-oidc-provider');
  },
});
