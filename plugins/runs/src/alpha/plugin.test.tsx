import {
  createExtensionTester,
  registerMswTestHooks,
  renderInTestApp,
} from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox, aState } from '../__testUtils__';
import { BASE_URL, makeApis, renderPage } from '../__testUtils__/renderPage';
import plugin, { locksCard } from './plugin';

const server = setupServer();
registerMswTestHooks(server);

const orders = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'orders', namespace: 'default' },
};

function renderCard() {
  return renderInTestApp(
    <EntityProvider entity={orders}>
      {createExtensionTester(locksCard).reactElement()}
    </EntityProvider>,
    {
      apis: makeApis(),
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    },
  );
}

describe('the Locks card', () => {
  it('says that no lock binds', async () => {
    server.use(
      http.get(`${BASE_URL}/v1/entities/component/default/orders/state`, () =>
        HttpResponse.json(aState()),
      ),
    );
    renderCard();
    expect(await screen.findByText('Locks')).toBeInTheDocument();
    expect(await screen.findByText('No lock binds')).toBeInTheDocument();
  });

  it('lists what binds, and offers to lock', async () => {
    server.use(
      http.get(`${BASE_URL}/v1/entities/component/default/orders/state`, () =>
        HttpResponse.json(
          aState({
            locks: [
              {
                id: 'l1',
                entityRef: 'component:default/orders',
                reason: 'Black Friday rehearsal',
                createdBy: 'user:default/omar',
                holder: 'user:default/omar',
                holderMayDeploy: true,
                scope: 'component',
                kind: 'lock',
                binds: true,
                overdue: false,
                createdAt: '2026-11-21T08:00:00.000Z',
                release: { allowed: true, needsReason: false },
              },
            ],
            actions: [
              {
                action: 'lock',
                title: 'Lock',
                environment: 'production',
                visible: true,
                allowed: true,
                blockers: [],
                approvals: [],
                warnings: [],
              },
            ],
          }),
        ),
      ),
    );
    renderCard();
    expect(
      await screen.findByText('Locked in all environments'),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Lock…' })).toBeEnabled();
    expect(screen.getByRole('button', { name: 'Release…' })).toBeEnabled();
  });
});

describe('the plugin', () => {
  it('mounts the list at its root', async () => {
    server.use(
      http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
      http.get(`${BASE_URL}/v1/runs`, () => HttpResponse.json({ items: [] })),
    );
    renderPage('/runs');
    expect(await screen.findByText('No runs yet')).toBeInTheDocument();
  });

  it('offers routes that other plugins bind to by name', () => {
    expect(Object.keys(plugin.routes)).toEqual([
      'root',
      'run',
      'approvals',
      'audit',
      'deadLetters',
      'rights',
      'locks',
      'record',
    ]);
    expect(String(plugin)).toContain('runs');
  });
});
