import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import {
  fleetBucketOf,
  FleetRow,
} from '@switchyard/backstage-plugin-deploys-common';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { setupServer } from 'msw/node';
import { refusal } from '../__testUtils__';
import {
  aFleetRow,
  aFleetView,
  renderFleet,
  serveFleet,
} from '../__testUtils__/fleet';
import { AppsPage } from './AppsPage';
import { MatrixPage } from './MatrixPage';
import { WallPage } from './WallPage';

const server = setupServer();
registerMswTestHooks(server);

function manyRows(): FleetRow[] {
  return Array.from({ length: 10_000 }, (_, index) =>
    aFleetRow({
      id: `row-${index}`,
      name: `service-${index}-blue`,
      severity: index === 7_777 ? 'failed' : 'fine',
      problem: index === 7_777 ? 'ImagePullBackOff: no such tag' : undefined,
      entity: {
        ref: `component:default/service-${index}`,
        owner: `group:default/team-${index % 80}`,
      },
    }),
  );
}

const chat = aFleetRow({
  id: 'chat',
  name: 'chat-green',
  severity: 'failed',
  problem: 'CrashLoopBackOff: exit code 137',
  entity: { ref: 'component:default/chat', owner: 'group:default/realtime' },
  cluster: 'prod-green',
  version: 'v9.0.0',
});
const stray = aFleetRow({ id: 'stray', name: 'stray', entity: undefined });

const searchBox = () =>
  screen.getByRole('searchbox', { name: 'Component, pod, image, commit' });
const apps = () => screen.findByRole('table', { name: 'Apps' });

describe('Apps', () => {
  it('draws of 10,000 lines those in sight, what is wrong first, and narrows them as one types', async () => {
    serveFleet(server, { view: aFleetView(manyRows()) });
    renderFleet(<AppsPage />);
    const table = await apps();
    expect(table).toHaveAttribute('aria-rowcount', '10001');
    expect(within(table).getAllByRole('row').length).toBeLessThan(80);
    const [, first] = within(table).getAllByRole('row');
    expect(first).toHaveTextContent('Failed');
    expect(first).toHaveTextContent('ImagePullBackOff: no such tag');
    expect(first).toHaveTextContent('service-7777-blue');
    expect(screen.getByText('1 failed, 9999 fine')).toBeInTheDocument();

    fireEvent.change(searchBox(), { target: { value: 'service-4242' } });
    expect(
      await screen.findByText('1 of 10000 shown: 1 fine'),
    ).toBeInTheDocument();
    expect(
      within(table).getByRole('link', { name: 'service-4242-blue' }),
    ).toHaveAttribute('href', '/catalog/default/component/service-4242/deploy');
    expect(screen.getByTestId('address')).toHaveTextContent('q=service-4242');
  });

  it('shows what a link asks for: filters, mine and groups', async () => {
    serveFleet(server, { view: aFleetView([aFleetRow(), chat, stray]) });
    renderFleet(<AppsPage />, '/?mine=true&group=team&sync=Synced');
    const table = await apps();
    await waitFor(() =>
      expect(within(table).getAllByRole('row')).toHaveLength(3),
    );
    const [, group, line] = within(table).getAllByRole('row');
    expect(group).toHaveTextContent('storefront 1 fine');
    expect(line).toHaveTextContent('orders-blue');
    expect(screen.getByLabelText('Sync')).toHaveValue('Synced');
    fireEvent.click(screen.getByLabelText('Mine'));
    expect(await within(table).findByText('chat-green')).toBeInTheDocument();
    expect(within(table).getByText('no entity')).toBeInTheDocument();
    expect(screen.getByTestId('address')).not.toHaveTextContent('mine');
    fireEvent.change(screen.getByLabelText('Cluster'), {
      target: { value: 'prod-green' },
    });
    expect(
      await screen.findByText('1 of 3 shown: 1 failed'),
    ).toBeInTheDocument();
    expect(screen.getByTestId('address')).toHaveTextContent(
      'cluster=prod-green',
    );
  });

  it('links to Argo CD by an address that the backend gave, and by no other', async () => {
    serveFleet(server, {
      view: aFleetView([aFleetRow()], {
        argoUrls: { main: 'https://argocd.example.com/' },
      }),
    });
    renderFleet(<AppsPage />);
    expect(
      await screen.findByRole('link', { name: /Open orders-blue in Argo CD/ }),
    ).toHaveAttribute(
      'href',
      'https://argocd.example.com/applications/argocd/orders-blue',
    );
  });

  it('takes over what changed after a signal, and asks for that only', async () => {
    const backend = serveFleet(server, {
      view: aFleetView([aFleetRow(), chat]),
    });
    const { signals } = renderFleet(<AppsPage />);
    await apps();
    const next = aFleetRow({ version: 'v5.3.25' });
    backend.view = aFleetView([next], {
      hash: 'h2',
      since: 's2',
      buckets: [fleetBucketOf(next.id)],
    });
    await waitFor(() => {
      signals.ring('deploys:fleet', { hash: 'h2' });
      expect(screen.getByText('v5.3.25')).toBeInTheDocument();
    });
    expect(screen.getByText('chat-green')).toBeInTheDocument();
    expect(backend.asked.slice(0, 2)).toEqual([null, 's1']);
  });

  it('forgets a line whose bucket came back empty', async () => {
    const backend = serveFleet(server, {
      view: aFleetView([aFleetRow(), chat]),
    });
    const { signals } = renderFleet(<AppsPage />);
    await apps();
    backend.view = aFleetView([], {
      hash: 'h2',
      since: 's2',
      buckets: [fleetBucketOf(chat.id)],
    });
    await waitFor(() => {
      signals.ring('deploys:fleet', { hash: 'h2' });
      expect(screen.queryByText('chat-green')).not.toBeInTheDocument();
    });
    expect(screen.getByText('orders-blue')).toBeInTheDocument();
  });

  it('exports what the filter shows', async () => {
    const blobs: Blob[] = [];
    const createObjectURL = jest.fn((blob: Blob) => {
      blobs.push(blob);
      return 'blob:apps';
    });
    Object.assign(URL, { createObjectURL, revokeObjectURL: jest.fn() });
    jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(() => {});
    serveFleet(server, { view: aFleetView([aFleetRow(), chat]) });
    renderFleet(<AppsPage />, '/?status=failed');
    await apps();
    fireEvent.click(screen.getByText('Export CSV'));
    fireEvent.click(screen.getByText('Export JSON'));
    expect(blobs.map(({ type }) => type)).toEqual([
      'text/csv',
      'application/json',
    ]);
    const texts = await Promise.all(blobs.map(blob => blob.text()));
    expect(texts[0].trim().split('\r\n')).toHaveLength(2);
    expect(texts[0]).toContain('chat-green');
    expect(JSON.parse(texts[1])).toEqual([JSON.parse(JSON.stringify(chat))]);
    jest.restoreAllMocks();
  });

  it.each<[string, Parameters<typeof aFleetView>[1], string]>([
    ['nothing runs', {}, 'Nothing runs'],
    [
      'the person may see nothing',
      { scope: 'components' },
      'Nothing that you may see runs',
    ],
    ['nothing was looked at', { incomplete: true }, 'Not looked at yet'],
  ])('says that %s', async (_, view, words) => {
    serveFleet(server, { view: aFleetView([], view) });
    renderFleet(<AppsPage />);
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it('says when nothing matches, and shows all again', async () => {
    serveFleet(server, { view: aFleetView([chat]) });
    renderFleet(<AppsPage />, '/?q=nowhere');
    expect(await screen.findByText('Nothing matches')).toBeInTheDocument();
    fireEvent.click(screen.getByText('Clear filters'));
    expect(await screen.findByText('chat-green')).toBeInTheDocument();
  });

  it('says why it cannot be shown', async () => {
    serveFleet(server, {
      view: aFleetView([]),
      viewError: () =>
        refusal(
          403,
          'You may not see the state of services: it needs the permission deploys.state.read',
        ),
    });
    renderFleet(<AppsPage />);
    expect(
      await screen.findByText('The fleet cannot be shown.'),
    ).toBeInTheDocument();
    expect(
      screen.getAllByText(/it needs the permission deploys.state.read/)[0],
    ).toBeInTheDocument();
  });

  it('says what is not seen, without a number of what is hidden', async () => {
    serveFleet(server, {
      view: aFleetView([aFleetRow({ severity: 'unseen' })], {
        scope: 'components',
        sources: [
          {
            id: 'cluster:prod-blue',
            name: 'prod-blue',
            state: 'unreachable',
            since: '2026-11-20T12:00:00Z',
          },
        ],
      }),
    });
    renderFleet(<AppsPage />);
    expect(
      await screen.findByText('Of components that you may see in the catalog'),
    ).toBeInTheDocument();
    expect(screen.getByText(/prod-blue unreachable since/)).toBeInTheDocument();
    expect(screen.getByText('1 not seen')).toBeInTheDocument();
  });
});

describe('the search box', () => {
  it('finds pods, images and commits that no line shows', async () => {
    const backend = serveFleet(server, {
      view: aFleetView([aFleetRow()]),
      found: {
        items: [
          {
            type: 'revision',
            text: '3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0',
            entityRef: 'component:default/orders',
            environment: 'production',
            cluster: 'prod-blue',
            namespace: 'storefront',
            application: 'orders-blue',
          },
          {
            type: 'image',
            text: 'registry.example.com/stray:v1',
            application: 'stray',
          },
        ],
        more: true,
      },
    });
    renderFleet(<AppsPage />);
    await apps();
    fireEvent.focus(searchBox());
    for (const text of ['3', '3f', '3f1', '3f1c']) {
      fireEvent.change(searchBox(), { target: { value: text } });
    }
    const found = await screen.findByRole('region', {
      name: 'Found in the fleet',
    });
    expect(
      within(found).getByRole('link', { name: /^3f1c2f0d/ }),
    ).toHaveAttribute('href', '/catalog/default/component/orders/deploy');
    expect(found).toHaveTextContent('of orders, prod-blue / storefront');
    expect(found).toHaveTextContent('of stray, which no entity names');
    expect(found).toHaveTextContent('There is more');
    expect(backend.searched).toEqual(['3f1c']);
    fireEvent.keyDown(searchBox(), { key: 'Escape' });
    expect(
      screen.queryByRole('region', { name: 'Found in the fleet' }),
    ).not.toBeInTheDocument();
  });
});

describe('Matrix', () => {
  it('shows each version with its drift and age, and leads to the component', async () => {
    serveFleet(server, {
      view: aFleetView([
        aFleetRow(),
        aFleetRow({
          id: 'orders-green',
          cluster: 'prod-green',
          severity: 'drifting',
          version: 'v5.3.23',
          drift: {
            kind: 'peers',
            message: 'v5.3.23 is older than v5.3.24 on prod-blue',
          },
          changedAt: '2025-01-01T00:00:00Z',
        }),
        chat,
        stray,
      ]),
    });
    renderFleet(<MatrixPage />);
    const table = await screen.findByRole('table', {
      name: 'Versions by environment and cluster',
    });
    expect(
      within(table)
        .getAllByRole('columnheader')
        .map(({ textContent }) => textContent),
    ).toEqual(['Component', 'Productionprod-blue', 'Productionprod-green']);
    const [, first, second] = within(table).getAllByRole('row');
    expect(first).toHaveTextContent('chat');
    expect(within(first).getByLabelText('not there')).toBeInTheDocument();
    const drifting = within(second).getByRole('link', {
      name: /^orders in Production on prod-green/,
    });
    expect(drifting).toHaveTextContent('v5.3.23');
    expect(drifting).toHaveAttribute(
      'href',
      '/catalog/default/component/orders/deploy',
    );
    expect(second).toHaveTextContent('Drifting');
    expect(second).toHaveTextContent(/old, \d+/);
    expect(
      screen.getByText(/Applications that no entity names/),
    ).toBeInTheDocument();
  });

  it('draws of 10,000 components those in sight', async () => {
    serveFleet(server, { view: aFleetView(manyRows()) });
    renderFleet(<MatrixPage />);
    const table = await screen.findByRole('table', {
      name: 'Versions by environment and cluster',
    });
    expect(table).toHaveAttribute('aria-rowcount', '10001');
    expect(within(table).getAllByRole('row').length).toBeLessThan(80);
  });
});

describe('the wall', () => {
  it('shows what is wrong and nothing else', async () => {
    serveFleet(server, { view: aFleetView([aFleetRow(), chat]) });
    renderFleet(<WallPage />);
    const list = await screen.findByRole('list', { name: 'What is wrong' });
    await waitFor(() =>
      expect(within(list).getAllByRole('listitem')).toHaveLength(1),
    );
    expect(list).toHaveTextContent('chat');
    expect(list).toHaveTextContent('CrashLoopBackOff: exit code 137');
    expect(screen.getByRole('status')).toHaveTextContent('1 failed');
    expect(screen.getByRole('link', { name: 'Leave' })).toBeInTheDocument();
  });

  it('says that nothing is wrong only where everything can be seen', async () => {
    const backend = serveFleet(server, { view: aFleetView([aFleetRow()]) });
    const { signals } = renderFleet(<WallPage />);
    expect(await screen.findByText('Nothing is wrong')).toBeInTheDocument();
    backend.view = aFleetView([aFleetRow()], {
      hash: 'h2',
      sources: [
        {
          id: 'argocd:main',
          name: 'Argo CD main',
          state: 'connecting',
          since: '2026-11-20T12:00:00Z',
        },
      ],
    });
    await waitFor(() => {
      signals.ring('deploys:fleet', { hash: 'h2' });
      expect(
        screen.getByText(
          'Nothing is known to be wrong; not everything can be seen',
        ),
      ).toBeInTheDocument();
    });
  });

  it('says when it is stale, and shows what was there', async () => {
    const backend = serveFleet(server, { view: aFleetView([chat]) });
    const { signals } = renderFleet(<WallPage />);
    expect(await screen.findByText('chat')).toBeInTheDocument();
    backend.viewError = () => refusal(503, 'The portal is starting');
    await waitFor(() => {
      signals.ring('deploys:fleet', { hash: 'h2' });
      expect(screen.getByRole('alert')).toHaveTextContent(
        /Stale: the portal was last heard of/,
      );
    });
    expect(screen.getByText('chat')).toBeInTheDocument();
  });

  it('says how many more there are than fit', async () => {
    serveFleet(server, {
      view: aFleetView(
        Array.from({ length: 30 }, (_, index) => ({
          ...chat,
          id: `chat-${index}`,
        })),
      ),
    });
    renderFleet(<WallPage />);
    expect(await screen.findByText('and 6 more')).toBeInTheDocument();
  });
});
