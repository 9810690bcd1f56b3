import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { SignInPageBlueprint } from '@backstage/plugin-app-react';
import { oidcAuthApi } from './oidcAuthApi';

const signInPage = SignInPageBlueprint.make({
  params: {
    loader: () =>
      import('./PortalSignInPage').then(module => module.PortalSignInPage),
  },
});

/** How people get into the portal: with OIDC, or by picking a person while the sandbox runs. */
export const signIn = createFrontendModule({
  pluginId: 'app',
  extensions: [oidcAuthApi, signInPage],
});
