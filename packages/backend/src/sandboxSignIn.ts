import { createBackendModule } from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';
import {
  authProvidersExtensionPoint,
  createProxyAuthenticator,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';

const PERSON_HEADER = 'x-switchyard-person';

interface Person {
  name: string;
}

/** Takes the person that the sign-in page was told to be. There is no proof: it is for the sandbox only. */
const authenticator = createProxyAuthenticator({
  defaultProfileTransform: async (person: Person) => ({
    profile: { displayName: person.name },
  }),
  initialize: () => undefined,
  async authenticate({ req }) {
    const name = req.header(PERSON_HEADER);
    if (!name) throw new AuthenticationError('Nobody was picked');
    return { result: { name } };
  },
});

/**
 * Sign in to the sandbox by picking a person. {@link signIn} adds it only while the sandbox runs.
 */
export default createBackendModule({
  pluginId: 'auth',
  moduleId: 'sandbox-sign-in',
  register(env) {
    env.registerInit({
      deps: { providers: authProvidersExtensionPoint },
      async init({ providers }) {
        providers.registerProvider({
          providerId: 'sandbox',
          factory: createProxyAuthProviderFactory({
            authenticator,
            signInResolver: ({ result }, context) =>
              context.signInWithCatalogUser({
                entityRef: { name: result.name },
              }),
          }),
        });
      },
    });
  },
});
