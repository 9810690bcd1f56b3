import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DeploymentDetails } from '@switchyard/backstage-plugin-deploys-common';
import { setupServer } from 'msw/node';
import {
  aDeployment,
  aDeploysState,
  aRun,
  aRunsState,
  BellSignals,
  minutesAgo,
  refusal,
  renderOrders,
  serveOrders,
} from '../../__testUtils__';
import { DeployCard } from '../DeployCard';

const server = setupServer();
registerMswTestHooks(server);

const COMMIT = '3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0';
const BLUE = 'production|prod-blue|storefront|orders-blue';

function someDetails(
  overrides: Partial<DeploymentDetails> = {},
): DeploymentDetails {
  return {
    operation: {
      phase: 'Failed',
      text: 'The sync failed at Job orders-migrate',
      message: 'one or more synchronization tasks completed unsuccessfully',
      startedAt: minutesAgo(5),
      finishedAt: minutesAgo(4),
      kind: 'sync',
      revisions: [COMMIT],
      by: {
        name: 'switchyard',
        automated: false,
        run: { id: 'run-412', requestedBy: 'user:default/dana' },
      },
      infos: [],
      resources: [
        {
          group: 'batch',
          kind: 'Job',
          namespace: 'storefront',
          name: 'orders-migrate',
          status: 'Failed',
          hook: 'PreSync',
          message: 'Job has reached the specified backoff limit',
        },
      ],
      moreResources: 0,
    },
    syncPolicy: 'By hand: nothing is synced until somebody asks for it',
    sources: [
      { repository: 'https://git/deploy', path: 'orders', revision: COMMIT },
      { repository: 'https://charts', chart: 'redis', revision: '1.2.3' },
    ],
    conditions: [],
    children: [
      { kind: 'Application', name: 'orders-cache', sync: 'OutOfSync' },
    ],
    parent: { kind: 'ApplicationSet', name: 'storefront' },
    ...overrides,
  };
}

const opener = () =>
  screen.findByRole('button', { name: 'Details of orders-blue' });
const openTab = async (name: string) => {
  await userEvent.click(await opener());
  await userEvent.click(await screen.findByRole('tab', { name }));
};

describe('the details of a line', () => {
  it('open by keyboard, are read when they are shown, and stand in the address', async () => {
    const backend = serveOrders(server, {
      parts: {
        details: someDetails,
        history: () => ({ entries: [] }),
      },
    });
    renderOrders(<DeployCard />);
    const button = await opener();
    expect(button).toHaveAttribute('aria-expanded', 'false');
    expect(backend.partReads).toEqual([]);
    act(() => button.focus());
    await userEvent.keyboard('{Enter}');
    expect(
      await screen.findByText('The sync failed at Job orders-migrate.'),
    ).toBeInTheDocument();
    expect(button).toHaveAttribute('aria-expanded', 'true');
    expect(backend.partReads).toEqual([`${BLUE} details`]);

    const tab = screen.getByRole('tab', { name: 'Last sync', selected: true });
    act(() => tab.focus());
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowRight}{Enter}');
    expect(
      await screen.findByText('None: Argo CD has deployed nothing here yet.'),
    ).toBeInTheDocument();
    expect(backend.partReads).toEqual([`${BLUE} details`, `${BLUE} history`]);
    expect(screen.getByTestId('address')).toHaveTextContent(
      `?deployment=${encodeURIComponent(BLUE)}&deploymentTab=history`,
    );
    await userEvent.click(button);
    expect(screen.queryByRole('tabpanel')).not.toBeInTheDocument();
    expect(screen.getByTestId('address')).toBeEmptyDOMElement();
  });

  it('open as the address says', async () => {
    serveOrders(server, { parts: { history: () => ({ entries: [] }) } });
    renderOrders(<DeployCard />, {
      path: `/?deployment=${encodeURIComponent(BLUE)}&deploymentTab=history`,
    });
    expect(
      await screen.findByRole('tab', { name: 'History', selected: true }),
    ).toBeInTheDocument();
  });

  it('tell the last sync: by whom, from which run, with what result, and its relatives', async () => {
    serveOrders(server, { parts: { details: someDetails } });
    renderOrders(<DeployCard />);
    await userEvent.click(await opener());
    const panel = within(await screen.findByRole('tabpanel'));
    expect(
      await panel.findByText(/one or more synchronization tasks/),
    ).toBeInTheDocument();
    expect(panel.getByText(/^dana from/)).toHaveTextContent(
      'dana from a run of Switchyard (as switchyard in Argo CD)',
    );
    expect(
      panel.getByRole('link', { name: 'a run of Switchyard' }),
    ).toHaveAttribute('href', '/runs/run-412');
    const results = within(
      panel.getByRole('list', { name: 'What became of each resource' }),
    );
    expect(results.getByRole('listitem')).toHaveTextContent(
      'FailedJob storefront/orders-migrate (PreSync hook)Job has reached the specified backoff limit',
    );
    expect(panel.getByText('Source 2')).toBeInTheDocument();
    expect(panel.getByText(/chart redis/)).toHaveTextContent('at 1.2.3');
    expect(panel.getByText('ApplicationSet storefront')).toBeInTheDocument();
    expect(panel.getByText('Application orders-cache')).toBeInTheDocument();
  });

  it('show what a sync would change, folded, and say what is hidden', async () => {
    const lines = Array.from({ length: 40 }, (_, n) => `line${n}: x`);
    serveOrders(server, {
      parts: {
        diff: () => ({
          resources: [
            {
              group: 'apps',
              kind: 'Deployment',
              namespace: 'storefront',
              name: 'orders',
              change: 'changed',
              live: [...lines, 'replicas: 2', ''].join('\n'),
              desired: [...lines, 'replicas: 3', ''].join('\n'),
              masked: 2,
              tooLarge: false,
            },
            {
              group: '',
              kind: 'ConfigMap',
              namespace: 'storefront',
              name: 'big',
              change: 'deleted',
              live: '',
              desired: '',
              masked: 0,
              tooLarge: true,
            },
          ],
          unchanged: 3,
          more: 0,
        }),
      },
    });
    renderOrders(<DeployCard />);
    await openTab('Diff');
    expect(
      await screen.findByText('2 of 5 resources differ from what Git wants.'),
    ).toBeInTheDocument();
    expect(screen.getByText(/^2 values are hidden/)).toBeInTheDocument();
    const changes = within(
      screen.getByRole('region', {
        name: 'Changes in Deployment storefront/orders',
      }),
    );
    expect(changes.getByText('replicas: 3')).toBeInTheDocument();
    expect(changes.queryByText('line3: x')).not.toBeInTheDocument();
    expect(screen.getByText(/too large to be shown/)).toBeInTheDocument();
    await userEvent.click(screen.getByLabelText('Whole manifests'));
    expect(changes.getByText('line3: x')).toBeInTheDocument();
  });

  it('show resources with what is unhealthy open', async () => {
    const node = {
      group: '',
      namespace: 'storefront',
      images: [],
      children: [],
    };
    serveOrders(server, {
      parts: {
        tree: () => ({
          roots: [
            {
              ...node,
              kind: 'Deployment',
              name: 'orders',
              uid: 'd',
              sync: 'OutOfSync',
              health: 'Progressing',
              children: [
                {
                  ...node,
                  kind: 'Pod',
                  name: 'bad',
                  uid: 'p',
                  health: 'Degraded',
                  message: 'CrashLoopBackOff',
                },
              ],
            },
            {
              ...node,
              kind: 'Service',
              name: 'orders',
              uid: 's',
              health: 'Healthy',
              children: [
                { ...node, kind: 'EndpointSlice', name: 'e', uid: 'e' },
              ],
            },
          ],
          more: 0,
        }),
      },
    });
    renderOrders(<DeployCard />);
    await openTab('Resources');
    expect(await screen.findByText('CrashLoopBackOff')).toBeInTheDocument();
    expect(screen.queryByText('EndpointSlice e')).not.toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'What Service orders made' }),
    );
    expect(screen.getByText('EndpointSlice e')).toBeInTheDocument();
  });

  it('show the history with commits, and windows and conditions', async () => {
    serveOrders(server, {
      runs: aRunsState({
        recent: [
          aRun({
            status: 'succeeded',
            startedAt: minutesAgo(91),
            finishedAt: minutesAgo(89),
          }),
        ],
      }),
      parts: {
        details: () =>
          someDetails({
            conditions: [
              {
                type: 'ComparisonError',
                message: 'path does not exist',
                severity: 'error',
              },
            ],
          }),
        history: () => ({
          entries: [
            {
              id: 1,
              deployedAt: minutesAgo(60),
              automated: true,
              commits: [
                { revision: COMMIT, author: 'Dana', message: 'Ship it\n\nNow' },
              ],
            },
            {
              id: 0,
              deployedAt: minutesAgo(90),
              automated: false,
              by: 'switchyard',
              commits: [{ revision: COMMIT, problem: 'Argo CD main is gone' }],
            },
          ],
        }),
        windows: () => ({
          canSync: false,
          text: 'Closed by a deny window: Weekend',
          windows: [
            {
              kind: 'deny',
              description: 'Weekend',
              schedule: '0 18 * * 5',
              duration: '62h',
              timeZone: 'UTC',
              manualSync: false,
              active: true,
              until: minutesAgo(-60),
            },
          ],
        }),
      },
    });
    renderOrders(<DeployCard />);
    await openTab('History');
    const history = within(
      await screen.findByRole('table', { name: 'History of deploys' }),
    );
    expect(history.getByText('Ship it')).toBeInTheDocument();
    expect(history.getByText('by auto-sync')).toBeInTheDocument();
    expect(
      history.getByRole('link', { name: 'run #412' }).parentElement,
    ).toHaveTextContent('by dana, run #412');
    expect(history.getByText('Argo CD main is gone')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('tab', { name: 'Windows & conditions' }),
    );
    expect(
      await screen.findByText('Closed by a deny window: Weekend'),
    ).toBeInTheDocument();
    expect(await screen.findByText('ComparisonError')).toBeInTheDocument();
    expect(screen.getByText('path does not exist')).toBeInTheDocument();
  });

  it('say why something may not be read', async () => {
    serveOrders(server, {
      parts: {
        diff: () => {
          throw refusal(403, 'Application argocd/x does not name this entity');
        },
      },
    });
    renderOrders(<DeployCard />);
    await openTab('Diff');
    expect(await screen.findByText('Not readable')).toBeInTheDocument();
    expect(
      screen.getByText('Application argocd/x does not name this entity'),
    ).toBeInTheDocument();
  });

  it('say what failed, and try again', async () => {
    const backend = serveOrders(server, {
      parts: {
        details: () => {
          throw refusal(503, 'Argo CD main refuses connections', 'req-1');
        },
      },
    });
    renderOrders(<DeployCard />);
    await userEvent.click(await opener());
    expect(
      await screen.findByText('The last sync cannot be shown.'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Argo CD main refuses connections'),
    ).toBeInTheDocument();
    backend.parts.details = someDetails;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByText('The sync failed at Job orders-migrate.'),
    ).toBeInTheDocument();
    expect(
      screen.queryByText('The last sync cannot be shown.'),
    ).not.toBeInTheDocument();
  });

  it('follow the line, and keep what is there until the new has come', async () => {
    const signals = new BellSignals();
    const backend = serveOrders(server, { parts: { details: someDetails } });
    renderOrders(<DeployCard />, { signals });
    await userEvent.click(await opener());
    await screen.findByText('The sync failed at Job orders-migrate.');
    const operation = {
      ...someDetails().operation!,
      phase: 'Running',
      text: 'The sync is under way',
    };
    backend.parts.details = () => someDetails({ operation });
    const blue = aDeployment('prod-blue');
    backend.deploys = aDeploysState({
      hash: 'd2',
      deployments: [
        {
          ...blue,
          application: {
            ...blue.application!,
            operation: { phase: 'Running', startedAt: minutesAgo(0) },
          },
        },
        aDeployment('prod-green'),
      ],
    });
    act(() => signals.ring(backend.deploys.channel, { hash: 'd2' }));
    await waitFor(() =>
      expect(backend.partReads.length).toBeGreaterThanOrEqual(2),
    );
    expect(screen.queryByLabelText('Loading the last sync')).toBeNull();
    expect(
      await screen.findByText('The sync is under way.'),
    ).toBeInTheDocument();
  });

  it('without an Application say what cannot be known, and ask nothing', async () => {
    const { application, ...row } = aDeployment('prod-blue');
    const backend = serveOrders(server, {
      deploys: aDeploysState({ deployments: [row] }),
    });
    renderOrders(<DeployCard />);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Details of prod-blue' }),
    );
    expect(
      await screen.findByText(/^No Application of Argo CD deploys this/),
    ).toBeInTheDocument();
    expect(backend.partReads).toEqual([]);
  });

  it('with Argo CD only say what cannot be known, and how old its word is', async () => {
    const { cluster, ...row } = aDeployment('prod-blue');
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          {
            ...row,
            unjoinedDestination: 'https://10.0.0.1',
            workloads: [],
            application: { ...row.application!, reconciledAt: minutesAgo(3) },
          },
        ],
      }),
      parts: { details: someDetails },
    });
    renderOrders(<DeployCard />);
    await userEvent.click(await opener());
    expect(
      await screen.findByText(/The portal does not see this cluster/),
    ).toHaveTextContent(
      'all of this is Argo CD’s word, as of 3 min ago. Pods, logs and whether the cluster is up are not known.',
    );
  });
});
