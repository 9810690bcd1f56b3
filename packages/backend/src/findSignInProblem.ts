import { Config } from '@backstage/config';

/**
 * Why nobody, or anybody, could sign in with this configuration, as a sentence for whoever starts the portal.
 */
export function findSignInProblem(config: Config): string | undefined {
  if (config.getOptionalBoolean('switchyard.sandbox')) return undefined;
  const providers = config.getOptionalConfig('auth.providers')?.keys() ?? [];
  if (providers.includes('sandbox')) {
    return "The sign-in 'sandbox' lets anybody be anybody; it exists only while the sandbox runs. Remove auth.providers.sandbox.";
  }
  if (!providers.includes('oidc')) {
    return 'No auth provider is configured, so nobody could sign in. Configure auth.providers.oidc; docs/existing-systems.md shows how. Picking a person and the guest exist only in the sandbox.';
  }
  return undefined;
}
