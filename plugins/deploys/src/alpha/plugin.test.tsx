import {
  createExtensionTester,
  registerMswTestHooks,
} from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { setupServer } from 'msw/node';
import {
  aDeploysState,
  aRun,
  aRunsState,
  minutesAgo,
  refusal,
  renderOrders,
  serveOrders,
} from '../__testUtils__';
import plugin, { deployCard, deployContent, podsCard } from './plugin';

const server = setupServer();
registerMswTestHooks(server);

describe('the deploys plugin', () => {
  it('has a Deploy card that shows a run under way', async () => {
    serveOrders(server, { runs: aRunsState({ active: [aRun()] }) });
    renderOrders(createExtensionTester(deployCard).reactElement());
    expect(
      await screen.findByText('v5.3.24 runs in 2 clusters'),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('region', { name: 'Run #412' }),
    ).toBeInTheDocument();
  });

  it('has a Pods card', async () => {
    serveOrders(server);
    renderOrders(createExtensionTester(podsCard).reactElement());
    expect(
      await screen.findByRole('table', { name: 'Pods of orders' }),
    ).toBeInTheDocument();
  });

  it('has a tab with strip, cards, locks and history, fed by one request for the state', async () => {
    const backend = serveOrders(server, {
      runs: aRunsState({
        active: [aRun()],
        recent: [
          aRun({
            id: 'run-411',
            number: 411,
            title: 'Ship v5.3.24 to 2 clusters',
            status: 'succeeded',
            startedAt: minutesAgo(62),
            finishedAt: minutesAgo(60),
          }),
        ],
      }),
    });
    renderOrders(createExtensionTester(deployContent).reactElement());
    expect(
      await screen.findAllByRole('region', { name: 'Run #412' }),
    ).toHaveLength(1);
    expect(
      await screen.findByText('Nothing blocks a deploy'),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('table', { name: 'Pods of orders' }),
    ).toBeInTheDocument();
    const history = screen.getByRole('table', {
      name: 'Runs of orders that have ended',
    });
    expect(history).toHaveTextContent('#411 Ship v5.3.24 to 2 clusters');
    expect(history).toHaveTextContent('dana');
    expect(history).toHaveTextContent('2:00');
    expect(history).toHaveTextContent('Succeeded');
    // The query catches up now and then; a card that asked for itself would know nothing.
    expect(backend.firstReads).toBe(1);
  });

  it('shows runs and locks though the state cannot be had', async () => {
    serveOrders(server, {
      deploys: aDeploysState(),
      deploysError: () => refusal(503, 'The fleet is starting'),
    });
    renderOrders(createExtensionTester(deployContent).reactElement());
    expect(
      await screen.findByText('What runs where cannot be shown.'),
    ).toBeInTheDocument();
    expect(screen.getByText('Pods cannot be shown.')).toBeInTheDocument();
    expect(
      await screen.findByText('Nothing blocks a deploy'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('None: no run of orders has ended yet.'),
    ).toBeInTheDocument();
  });

  it('links to the page of a run, and to what one may do, by external routes', () => {
    expect(Object.keys(plugin.externalRoutes)).toEqual([
      'rights',
      'run',
      'wallLink',
      'appsLink',
    ]);
  });
});
