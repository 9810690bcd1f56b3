import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { signalApiRef } from '@backstage/plugin-signals-react';
import {
  mockApis,
  registerMswTestHooks,
  renderInTestApp,
  TestApiProvider,
} from '@backstage/test-utils';
import {
  actionFormsApiRef,
  RunsClient,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { screen, within } from '@testing-library/react';
import { setupServer } from 'msw/node';
import { JSX } from 'react';
import { aRun, aRunsState, serveOrders } from './__testUtils__';
import { BellSignals } from './__testUtils__/BellSignals';
import { DeploysClient, deploysApiRef, terminalApiRef } from './api';
import { fleetApiRef } from './fleet';
import {
  EntityDeployCard,
  EntityDeployContent,
  EntityPodsCard,
  deploysPlugin,
} from './plugin';
import {
  appsLinkRef,
  rightsRouteRef,
  runRouteRef,
  wallLinkRef,
} from './routes';

const server = setupServer();
registerMswTestHooks(server);

const orders = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'orders', namespace: 'default' },
};

/** Renders as the page of a component in the old frontend system does; the page of a run is mounted where the portal has it. */
function renderOnPage(element: JSX.Element, options: { hasRuns: boolean }) {
  const clients = {
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(
    <TestApiProvider
      apis={[
        [deploysApiRef, DeploysClient.create(clients)],
        [runsApiRef, RunsClient.create(clients)],
        [signalApiRef, new BellSignals()],
      ]}
    >
      <EntityProvider entity={orders}>{element}</EntityProvider>
    </TestApiProvider>,
    {
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        ...(options.hasRuns && { '/runs/:id': runRouteRef }),
      },
    },
  );
}

describe('the deploys plugin in the old frontend system', () => {
  it('has a Deploy card that links to a run under way', async () => {
    serveOrders(server, { runs: aRunsState({ active: [aRun()] }) });
    await renderOnPage(<EntityDeployCard showRuns />, { hasRuns: true });
    expect(
      await screen.findByText('v5.3.24 runs in 2 clusters'),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('link', { name: 'Open run #412' }),
    ).toHaveAttribute('href', '/runs/run-412');
  });

  it('shows a run without a link where no page of runs is mounted', async () => {
    serveOrders(server, { runs: aRunsState({ active: [aRun()] }) });
    await renderOnPage(<EntityDeployCard showRuns />, { hasRuns: false });
    const strip = await screen.findByRole('region', { name: 'Run #412' });
    expect(within(strip).queryByRole('link')).toBeNull();
  });

  it('has a Pods card', async () => {
    serveOrders(server);
    await renderOnPage(<EntityPodsCard />, { hasRuns: true });
    expect(
      await screen.findByRole('table', { name: 'Pods of orders' }),
    ).toBeInTheDocument();
  });

  it('has a tab', async () => {
    serveOrders(server);
    await renderOnPage(<EntityDeployContent />, { hasRuns: true });
    expect(
      await screen.findByText('Nothing blocks a deploy'),
    ).toBeInTheDocument();
  });

  it('brings its API and names the route that it links to', () => {
    expect([...deploysPlugin.getApis()].map(({ api }) => api)).toEqual([
      deploysApiRef,
      terminalApiRef,
      fleetApiRef,
      actionFormsApiRef,
    ]);
    expect(deploysPlugin.externalRoutes).toEqual({
      rights: rightsRouteRef,
      run: runRouteRef,
      wallLink: wallLinkRef,
      appsLink: appsLinkRef,
    });
  });
});
