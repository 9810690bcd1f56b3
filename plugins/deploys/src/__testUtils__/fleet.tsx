import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { identityApiRef } from '@backstage/core-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { signalApiRef } from '@backstage/plugin-signals-react';
import {
  FleetRow,
  FleetSearchResult,
  FleetView,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  RunsClient,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { http, HttpResponse } from 'msw';
import { SetupServer } from 'msw/node';
import { JSX } from 'react';
import { useLocation } from 'react-router-dom';
import { FleetClient, fleetApiRef } from '../fleet';
import { appsLinkRef, wallLinkRef } from '../routes';
import { DEPLOYS_URL } from './backend';
import { BellSignals } from './BellSignals';
import { minutesAgo } from './states';

/** A line of orders on prod-blue that is fine, or another. */
export function aFleetRow(more: Partial<FleetRow> = {}): FleetRow {
  return {
    id: 'orders-blue',
    name: 'orders-blue',
    severity: 'fine',
    entity: {
      ref: 'component:default/orders',
      owner: 'group:default/storefront',
      system: 'system:default/shop',
    },
    environment: 'production',
    cluster: 'prod-blue',
    namespace: 'storefront',
    app: {
      instance: 'main',
      namespace: 'argocd',
      project: 'storefront',
      sync: 'Synced',
      health: 'Healthy',
      operation: { phase: 'Succeeded' },
    },
    version: 'v5.3.24',
    pods: [5, 5],
    changedAt: minutesAgo(90),
    ...more,
  };
}

/** A view of these lines. */
export function aFleetView(
  rows: FleetRow[],
  more: Partial<FleetView> = {},
): FleetView {
  return {
    scope: 'everything',
    channel: 'deploys:fleet',
    hash: 'h1',
    since: 's1',
    asOf: minutesAgo(0),
    environments: ['production', 'development'],
    sources: [],
    argoUrls: { main: 'https://argocd.example.com' },
    versions: {},
    rows,
    ...more,
  };
}

/** What the backend of the fleet pages answers, and what it was asked. */
export interface FleetBackend {
  view: FleetView;
  /** Instead of the view, while set. */
  viewError?: () => Response;
  found: FleetSearchResult;
  asked: Array<string | null>;
  searched: string[];
}

/** Answers as the backend of the fleet pages does. */
export function serveFleet(
  server: SetupServer,
  overrides: Partial<FleetBackend> & { view: FleetView },
): FleetBackend {
  const backend: FleetBackend = {
    found: { items: [], more: false },
    asked: [],
    searched: [],
    ...overrides,
  };
  server.use(
    http.get(`${DEPLOYS_URL}/v1/fleet-view`, ({ request }) => {
      backend.asked.push(new URL(request.url).searchParams.get('since'));
      if (backend.viewError) return backend.viewError();
      const etag = `"${backend.view.hash}"`;
      if (request.headers.get('if-none-match') === etag)
        return new HttpResponse(null, { status: 304 });
      return HttpResponse.json(backend.view, { headers: { ETag: etag } });
    }),
    http.get(`${DEPLOYS_URL}/v1/fleet-search`, ({ request }) => {
      backend.searched.push(new URL(request.url).searchParams.get('q') ?? '');
      return HttpResponse.json(backend.found);
    }),
  );
  return backend;
}

/** Renders a page of the fleet with the real client, and signals that the test rings. Dana, of storefront, looks. */
export function renderFleet(element: JSX.Element, path = '/') {
  const signals = new BellSignals();
  const clients = {
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
    fetchApi: mockApis.fetch(),
  };
  renderInTestApp(
    <>
      {element}
      <Address />
    </>,
    {
      apis: [
        [fleetApiRef, FleetClient.create(clients)],
        [runsApiRef, RunsClient.create(clients)],
        [signalApiRef, signals],
        [
          identityApiRef,
          mockApis.identity({
            userEntityRef: 'user:default/dana',
            ownershipEntityRefs: [
              'user:default/dana',
              'group:default/storefront',
            ],
          }),
        ],
      ],
      config: {
        switchyard: {
          environments: [{ name: 'production', title: 'Production' }],
        },
      },
      initialRouteEntries: [path],
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/deploys/apps': appsLinkRef,
        '/deploys/wall': wallLinkRef,
      },
    },
  );
  return { signals };
}

function Address() {
  return <div data-testid="address">{useLocation().search}</div>;
}
