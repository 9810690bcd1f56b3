import { SignInPage } from '@backstage/core-components';
import { configApiRef, useApi } from '@backstage/core-plugin-api';
import { SignInPageProps } from '@backstage/plugin-app-react';
import { oidcAuthApiRef } from './oidcAuthApi';
import { PickAPersonPage } from './PickAPersonPage';

export function PortalSignInPage(props: SignInPageProps) {
  const config = useApi(configApiRef);
  if (config.getOptionalBoolean('switchyard.sandbox'))
    return <PickAPersonPage {...props} />;
  return (
    <SignInPage
      {...props}
      title="Switchyard"
      providers={[
        {
          id: 'oidc',
          title: 'Single sign-on',
          message: "With your company's account",
          apiRef: oidcAuthApiRef,
        },
      ]}
    />
  );
}
