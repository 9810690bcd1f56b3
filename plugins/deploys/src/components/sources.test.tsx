import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { FleetState } from '@switchyard/backstage-plugin-deploys-common';
import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { aRunsState, minutesAgo, refusal } from '../__testUtils__';
import { DEPLOYS_URL, RUNS_URL } from '../__testUtils__/backend';
import { aFleetRow, aFleetView, renderFleet } from '../__testUtils__/fleet';
import { ComponentsCard } from './ComponentsCard';
import { SourcesPage } from './SourcesPage';

const server = setupServer();
registerMswTestHooks(server);

const shop = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'System',
  metadata: { name: 'shop', namespace: 'default' },
};

function serveSources(state: FleetState) {
  server.use(
    http.get(`${DEPLOYS_URL}/v1/fleet`, () => HttpResponse.json(state)),
  );
}

describe('Sources', () => {
  it('says of each source what it tells, how old that is, and what would mend it; what is wrong comes first', async () => {
    serveSources({
      clusters: [
        {
          name: 'dev',
          state: 'live',
          since: minutesAgo(60),
          asOf: minutesAgo(0),
          fix: 'Let the account of the portal list and watch Event',
          kinds: [
            { kind: 'Pod', state: 'live' },
            { kind: 'Event', state: 'not-readable' },
          ],
        },
        {
          name: 'prod-blue',
          state: 'unreachable',
          since: minutesAgo(5),
          asOf: minutesAgo(5),
          problem: 'prod-blue refuses connections',
          fix: 'Check the address',
          kinds: [{ kind: 'Pod', state: 'unreachable' }],
        },
        {
          name: 'prod-green',
          state: 'live',
          since: minutesAgo(60),
          kinds: [{ kind: 'Pod', state: 'live' }],
        },
      ],
      argoInstances: [
        {
          name: 'main',
          url: 'https://argocd.example.com',
          state: 'live',
          since: minutesAgo(60),
          applications: 12,
        },
      ],
      unjoined: [
        {
          instance: 'main',
          destination: 'edge-1',
          why: 'No cluster of the Kubernetes plugin has this name',
          examples: ['a', 'b'],
          applications: 7,
        },
      ],
    });
    renderFleet(<SourcesPage />);
    expect(
      await screen.findByText(
        '1 of 4 sources cannot be seen now, 1 can be read in part, 1 destinations are no known cluster',
      ),
    ).toBeInTheDocument();
    const [, first, second, third] = within(
      screen.getByRole('table', { name: 'Clusters' }),
    ).getAllByRole('row');
    expect(first).toHaveTextContent(/prod-blue.*unreachable since/);
    expect(first).toHaveTextContent('prod-blue refuses connections');
    expect(first).toHaveTextContent('Check the address');
    expect(second).toHaveTextContent(/dev.*live.*Pod.*not readable: Event/);
    expect(third).toHaveTextContent(/prod-green.*live.*never.*Pod/);
    expect(
      screen.getByRole('table', { name: 'Argo CD instances' }),
    ).toHaveTextContent('12 Applications');
    expect(
      screen.getByRole('table', {
        name: 'Destinations that are no known cluster',
      }),
    ).toHaveTextContent(/edge-1.*main.*No cluster.*7.*a, b …/);
  });

  it('says what cannot be known without clusters, and nothing of destinations to who may not see all', async () => {
    serveSources({
      clusters: [],
      argoInstances: [
        { name: 'main', state: 'live', since: minutesAgo(1), applications: 1 },
      ],
    });
    renderFleet(<SourcesPage />);
    expect(
      await screen.findByText('All 1 sources can be seen'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/pods, restarts and logs are not/),
    ).toBeInTheDocument();
    expect(screen.queryByText(/no known cluster/)).toBeNull();
  });

  it('says that nothing is configured, and how that is done', async () => {
    serveSources({ clusters: [], argoInstances: [] });
    renderFleet(<SourcesPage />);
    expect(
      await screen.findByText('No source is configured'),
    ).toBeInTheDocument();
  });

  it('says why it cannot be shown', async () => {
    server.use(
      http.get(`${DEPLOYS_URL}/v1/fleet`, () =>
        refusal(403, 'You may not see the state of clusters'),
      ),
    );
    renderFleet(<SourcesPage />);
    expect(
      await screen.findByText('The sources cannot be shown.', { exact: false }),
    ).toBeInTheDocument();
  });
});

describe('the card of a system', () => {
  function renderShop() {
    server.use(
      http.get(`${RUNS_URL}/v1/entities/system/default/shop/state`, () =>
        HttpResponse.json(aRunsState({ actions: [] })),
      ),
    );
    return renderFleet(
      <EntityProvider entity={shop}>
        <ComponentsCard />
      </EntityProvider>,
    );
  }
  const path = `${DEPLOYS_URL}/v1/entities/system/default/shop/fleet-view`;

  it('sums up its components, and shows which version runs where', async () => {
    server.use(
      http.get(path, () =>
        HttpResponse.json(
          aFleetView([
            aFleetRow(),
            aFleetRow({
              id: 'search-green',
              cluster: 'prod-green',
              severity: 'failed',
              version: 'v7.0.1',
              entity: { ref: 'component:default/search' },
            }),
          ]),
        ),
      ),
    );
    renderShop();
    expect(
      await screen.findByText('2 components: 1 failed, 1 fine'),
    ).toBeInTheDocument();
    const table = screen.getByRole('table', {
      name: 'Versions by environment and cluster',
    });
    expect(
      within(table).getByRole('link', { name: /search in .*: v7\.0\.1/ }),
    ).toHaveAttribute('href', '/catalog/default/component/search/deploy');
  });

  it('says that none of its components runs', async () => {
    server.use(http.get(path, () => HttpResponse.json(aFleetView([]))));
    renderShop();
    expect(
      await screen.findByText(
        'None of its components that you may see runs anywhere.',
      ),
    ).toBeInTheDocument();
  });
});
