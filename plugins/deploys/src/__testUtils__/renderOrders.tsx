import {
  mockApis,
  renderInTestApp,
  TestAppOptions,
} from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { signalApiRef } from '@backstage/plugin-signals-react';
import {
  actionFormsApiRef,
  RunsClient,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { JSX } from 'react';
import { useLocation } from 'react-router-dom';
import { DeploysClient, deploysApiRef } from '../api';
import { deploysActionForms } from '../forms';
import { runRouteRef } from '../routes';
import { BellSignals } from './BellSignals';

const orders = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'orders', namespace: 'default' },
};

/** Renders a part of the page of orders with the real clients, and signals that the test rings. */
export function renderOrders(
  element: JSX.Element,
  options: {
    signals?: BellSignals;
    path?: string;
    config?: TestAppOptions['config'];
  } = {},
) {
  const { signals = new BellSignals(), path = '/', config } = options;
  const clients = {
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
    fetchApi: mockApis.fetch(),
  };
  renderInTestApp(
    <EntityProvider entity={orders}>
      {element}
      <Address />
    </EntityProvider>,
    {
      apis: [
        [deploysApiRef, DeploysClient.create(clients)],
        [runsApiRef, RunsClient.create(clients)],
        [actionFormsApiRef, deploysActionForms],
        [signalApiRef, signals],
      ],
      config,
      initialRouteEntries: [path],
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/runs/:id': runRouteRef,
      },
    },
  );
  return { signals };
}

/** Shows the address, so that a test can see what a link to the page would hold. */
function Address() {
  return <div data-testid="address">{useLocation().search}</div>;
}
