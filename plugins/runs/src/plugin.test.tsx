import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import {
  registerMswTestHooks,
  renderInTestApp,
  TestApiProvider,
} from '@backstage/test-utils';
import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { JSX } from 'react';
import { Route, Routes } from 'react-router-dom';
import { anInbox, aState } from './__testUtils__';
import { BASE_URL, makeApis } from './__testUtils__/renderPage';
import { EntityLocksCard, RunsPage, runsPlugin } from './plugin';
import {
  approvalsRouteRef,
  auditRouteRef,
  deadLettersRouteRef,
  locksRouteRef,
  rightsRouteRef,
  recordRouteRef,
  rootRouteRef,
  runRouteRef,
} from './routes';

const server = setupServer();
registerMswTestHooks(server);

const orders = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'orders', namespace: 'default' },
};

function render(element: JSX.Element, path = '/') {
  return renderInTestApp(
    <TestApiProvider apis={makeApis()}>{element}</TestApiProvider>,
    {
      routeEntries: [path],
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
    },
  );
}

describe('the runs plugin in the old frontend system', () => {
  it('has a page with a header, and says which run is not there', async () => {
    server.use(
      http.get(`${BASE_URL}/v1/runs/none`, () =>
        HttpResponse.json(
          {
            error: { name: 'NotFoundError', message: 'No such run' },
            response: { statusCode: 404 },
          },
          { status: 404 },
        ),
      ),
    );
    await render(
      <Routes>
        <Route path="/runs/*" element={<RunsPage />} />
      </Routes>,
      '/runs/none',
    );
    expect(
      await screen.findByRole('heading', { name: 'Runs' }),
    ).toBeInTheDocument();
    expect(await screen.findByText('There is no such run')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'All runs' })).toHaveAttribute(
      'href',
      '/runs',
    );
  });

  it('says of an address that leads nowhere that it does', async () => {
    await render(
      <Routes>
        <Route path="/runs/*" element={<RunsPage />} />
      </Routes>,
      '/runs/412/steps',
    );
    expect(
      await screen.findByText('There is no such page'),
    ).toBeInTheDocument();
  });

  it('has the audit trail below its page', async () => {
    server.use(
      http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
      http.get(`${BASE_URL}/v1/audit`, () => HttpResponse.json({ items: [] })),
    );
    await render(
      <Routes>
        <Route path="/runs/*" element={<RunsPage />} />
      </Routes>,
      '/runs/audit',
    );
    expect(
      await screen.findByText('Nothing has happened yet'),
    ).toBeInTheDocument();
  });

  it('has a Locks card', async () => {
    server.use(
      http.get(`${BASE_URL}/v1/entities/component/default/orders/state`, () =>
        HttpResponse.json(aState()),
      ),
    );
    await render(
      <EntityProvider entity={orders}>
        <EntityLocksCard />
      </EntityProvider>,
    );
    expect(await screen.findByText('No lock binds')).toBeInTheDocument();
  });

  it('names its routes, for others to bind', () => {
    expect(runsPlugin.routes).toEqual({
      root: rootRouteRef,
      run: runRouteRef,
      approvals: approvalsRouteRef,
      audit: auditRouteRef,
      deadLetters: deadLettersRouteRef,
      rights: rightsRouteRef,
      locks: locksRouteRef,
      record: recordRouteRef,
    });
  });
});
