import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  aDeployment,
  aDeploysState,
  anAction,
  aPod,
  aRollout,
  aRun,
  aRunsState,
  aSource,
  aWorkload,
  BellSignals,
  minutesAgo,
  refusal,
  renderOrders,
  serveOrders,
} from '../../__testUtils__';
import { DeployCard } from './DeployCard';

const server = setupServer();
registerMswTestHooks(server);

const table = () => screen.findByRole('table', { name: 'Deploys of orders' });
const row = async (cluster: string) => {
  const header = await within(await table()).findByRole('rowheader', {
    name: new RegExp(`^${cluster}`),
  });
  return header.closest('tr')!;
};
const cells = async (cluster: string) =>
  within(await row(cluster))
    .getAllByRole('cell')
    .map(cell => cell.textContent);

const lockBlocker = {
  type: 'lock' as const,
  what: 'Locked',
  why: 'Black Friday rehearsal.',
  liftedBy: ['user:default/omar'],
};

describe('the Deploy card', () => {
  it('says on top how things are, and below what runs where', async () => {
    serveOrders(server);
    renderOrders(<DeployCard />);
    expect(
      screen.getByLabelText('Loading what runs where'),
    ).toBeInTheDocument();
    expect(
      await screen.findByText('v5.3.24 runs in 2 clusters'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/^as of (just now|\d+ s ago)$/),
    ).toBeInTheDocument();
    const headers = within(await table()).getAllByRole('columnheader');
    expect(headers.map(header => header.textContent)).toEqual([
      'Cluster',
      'Version',
      'Sync',
      'Health',
      'Operation',
      'Last deploy',
    ]);
    expect(await cells('prod-blue')).toEqual([
      'v5.3.24',
      'Syncedauto-sync on',
      'Healthy',
      'none',
      '1 h 30 min agoby dana',
    ]);
    expect(
      within(await row('prod-blue')).getByRole('link', {
        name: /Open orders-blue in Argo CD/,
      }),
    ).toHaveAttribute(
      'href',
      'https://argocd.example.com/applications/argocd/orders-blue',
    );
  });

  it('says what became of the migration, with the way to its log', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            migration: {
              verdict: 'failed',
              text: 'PreSync hook Job orders-migrate failed: out of time',
              log: {
                cluster: 'prod-blue',
                namespace: 'storefront',
                pod: 'orders-migrate-x1',
              },
            },
          }),
        ],
      }),
    });
    renderOrders(<DeployCard />);
    const line = within(await row('prod-blue'));
    expect(line.getByText(/^Migration failed/)).toHaveTextContent(
      'Migration failed: PreSync hook Job orders-migrate failed: out of time',
    );
    await userEvent.click(
      line.getByRole('link', { name: 'Log of the migration' }),
    );
    expect(screen.getByTestId('address')).toHaveTextContent(
      `?logs=${encodeURIComponent('prod-blue/storefront/orders-migrate-x1')}`,
    );
  });

  it('says that a version stands in Argo CD only, and which run has set it', async () => {
    const deployment = aDeployment('prod-blue');
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          {
            ...deployment,
            application: {
              ...deployment.application!,
              override: {
                version: 'v5.3.24',
                at: minutesAgo(180),
                run: 'run-12',
                number: 12,
              },
            },
          },
        ],
      }),
    });
    renderOrders(<DeployCard />);
    const line = await row('prod-blue');
    expect(line).toHaveTextContent(
      /v5\.3\.24 by an override of Argo CD, not in Git, set 3 h ago by run #12/,
    );
    expect(within(line).getByRole('link', { name: 'run #12' })).toHaveAttribute(
      'href',
      '/runs/run-12',
    );
  });

  const rollingOut = (rollout: ReturnType<typeof aRollout>) =>
    aDeploysState({
      deployments: [
        aDeployment('prod-blue', {
          workloads: [aWorkload([aPod('orders-1')], { rollout })],
        }),
      ],
    });

  it('says how far a canary is, and what it waits for', async () => {
    serveOrders(server, { deploys: rollingOut(aRollout()) });
    renderOrders(<DeployCard />);
    expect((await cells('prod-blue'))[3]).toMatch(
      /^noneCanary step 2 of 5 · 20 % · paused until somebody promotes it 3:0\d$/,
    );
  });

  it('says nothing of a canary that is done', async () => {
    const done = aRollout({ status: 'healthy', text: 'Canary · done' });
    serveOrders(server, { deploys: rollingOut(done) });
    renderOrders(<DeployCard />);
    expect((await cells('prod-blue'))[3]).toBe('none');
  });

  it('says why a canary was aborted, and what its analyses found out', async () => {
    const message = 'RolloutAborted: Metric "errors" assessed Failed';
    const aborted = aRollout({
      status: 'aborted',
      text: 'Canary of v5.4.0 · aborted, v5.3.24 stays',
      message,
      paused: undefined,
      analyses: [
        {
          name: 'orders-7c9b-3-2',
          phase: 'Failed',
          metrics: [
            {
              name: 'errors',
              phase: 'Failed',
              successful: 1,
              failed: 2,
              inconclusive: 0,
              errors: 1,
              value: '[0.4]',
            },
          ],
        },
      ],
    });
    serveOrders(server, { deploys: rollingOut(aborted) });
    renderOrders(<DeployCard />);
    const line = within(await row('prod-blue'));
    await userEvent.hover(line.getByText(/aborted, v5.3.24 stays/));
    expect(await screen.findByText(message)).toBeInTheDocument();
    await userEvent.click(
      line.getByRole('button', { name: 'Details of orders-blue' }),
    );
    const facts = await screen.findByLabelText('Rollout orders');
    expect(facts).toHaveTextContent(`Argo Rollouts says: ${message}`);
    expect(facts).toHaveTextContent('Stablev5.3.24 pods 5d6f');
    expect(facts).toHaveTextContent('Newv5.4.0 pods 7c9b');
    expect(facts).toHaveTextContent(
      'errorsFailed1 good, 2 failed, 1 not measured, newest value [0.4]',
    );
  });

  it('shows the digest to whoever points at the version', async () => {
    serveOrders(server);
    renderOrders(<DeployCard />);
    await userEvent.hover(within(await row('prod-blue')).getByText('v5.3.24'));
    expect(await screen.findByText('sha256:4f9a')).toBeInTheDocument();
  });

  it('marks a version that differs from its peers, in words', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        summary: {
          tone: 'warning',
          text: '1 of 2 clusters runs an older version',
        },
        deployments: [
          aDeployment('prod-green', {
            version: {
              version: 'v5.3.23',
              images: [{ container: 'orders', image: 'orders:v5.3.23' }],
            },
            drift: { kind: 'peers', message: 'prod-blue runs v5.3.24' },
          }),
          aDeployment('prod-blue'),
        ],
      }),
    });
    renderOrders(<DeployCard />);
    expect(
      await screen.findByText('1 of 2 clusters runs an older version'),
    ).toBeInTheDocument();
    expect((await cells('prod-green'))[0]).toBe(
      'v5.3.23differs: prod-blue runs v5.3.24',
    );
    expect((await cells('prod-blue'))[0]).toBe('v5.3.24');
  });

  it('greys a cluster that cannot be reached, with its last state and its age', async () => {
    const since = minutesAgo(4);
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-green', {
            application: {
              ...aDeployment('prod-green').application!,
              healthIsStale: true,
            },
          }),
          aDeployment('prod-blue'),
        ],
        sources: [
          aSource('cluster:prod-green', {
            state: 'unreachable',
            since,
            asOf: minutesAgo(5),
          }),
          aSource('cluster:prod-blue'),
          aSource('argocd:main'),
        ],
      }),
    });
    renderOrders(<DeployCard />);
    const green = await row('prod-green');
    expect(green).toHaveTextContent(
      /unreachable since (\d+ \w+, )?\d\d:\d\dstate of 5 min ago/,
    );
    expect(await cells('prod-green')).toEqual([
      'v5.3.24',
      'Syncedauto-sync on',
      'Healthylast known',
      'none',
      '1 h 30 min agoby dana',
    ]);
    expect(await row('prod-blue')).not.toHaveTextContent('unreachable');
  });

  it('tells not readable, not looked at yet, readable in part and none apart', async () => {
    const without = (cluster: string) =>
      aDeployment(cluster, {
        application: undefined,
        version: { images: [] },
        workloads: [],
      });
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: ['a', 'b', 'c', 'd'].map(without),
        sources: [
          aSource('cluster:a', {
            state: 'not-readable',
            problem: 'pods may not be listed',
          }),
          aSource('cluster:b', { state: 'connecting' }),
          aSource('cluster:c', { problem: 'jobs may not be listed' }),
          aSource('cluster:d'),
          aSource('argocd:main'),
        ],
      }),
    });
    renderOrders(<DeployCard />);
    expect((await cells('a')).slice(0, 2)).toEqual(['not readable', 'none']);
    expect((await cells('b'))[0]).toBe('not looked at yet');
    expect((await cells('c'))[0]).toBe('readable in part');
    expect((await cells('d')).slice(0, 4)).toEqual([
      'none',
      'none',
      'none',
      'none',
    ]);
  });

  it('never calls a row without an Application "none" while Argo CD is not readable', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [aDeployment('prod-blue', { application: undefined })],
        sources: [
          aSource('cluster:prod-blue'),
          aSource('argocd:main', { state: 'not-readable' }),
        ],
      }),
    });
    renderOrders(<DeployCard />);
    expect((await cells('prod-blue')).slice(1, 3)).toEqual([
      'not readable',
      'not readable',
    ]);
  });

  it('shows a running operation with its phase, and a failed one with its message to copy', async () => {
    const base = aDeployment('prod-blue').application!;
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            application: {
              ...base,
              operation: { phase: 'Running', startedAt: minutesAgo(2) },
            },
          }),
          aDeployment('prod-green', {
            application: {
              ...aDeployment('prod-green').application!,
              operation: {
                phase: 'Failed',
                message: 'one or more synchronization tasks failed',
                startedAt: minutesAgo(9),
                finishedAt: minutesAgo(8),
              },
            },
          }),
        ],
      }),
    });
    renderOrders(<DeployCard />);
    expect((await cells('prod-blue'))[3]).toMatch(/^Running2:0\d$/);
    expect((await cells('prod-green'))[3]).toBe(
      'Failed8 min agoone or more synchronization tasks failed',
    );
    expect(
      screen.getByRole('button', { name: 'Copy operation message' }),
    ).toBeInTheDocument();
  });

  it('names what is missing, with what to write', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            consent: {
              given: false,
              why: 'Application argocd/orders-blue does not name this entity: add backstage.io/entity-ref',
            },
          }),
        ],
        problems: [
          {
            what: 'Annotation argocd/app-selector is missing',
            why: 'Without it no Application can be found.',
            example: 'argocd/app-selector: backstage-name=orders',
          },
        ],
      }),
    });
    renderOrders(<DeployCard />);
    const list = await screen.findByRole('list', { name: 'What to set right' });
    expect(list).toHaveTextContent('Annotation argocd/app-selector is missing');
    expect(list).toHaveTextContent(
      'argocd/app-selector: backstage-name=orders',
    );
    expect(list).toHaveTextContent('orders-blue in production has not agreed');
    expect(list).toHaveTextContent('add backstage.io/entity-ref');
  });

  it('calls an environment by its title', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            consent: { given: false, why: 'add the annotation' },
          }),
        ],
      }),
    });
    renderOrders(<DeployCard />, {
      config: {
        switchyard: { environments: [{ name: 'production', title: 'Live' }] },
      },
    });
    expect(
      await screen.findByRole('rowheader', { name: /^Live/ }),
    ).toBeInTheDocument();
    expect(
      screen.getByText('orders-blue in Live has not agreed'),
    ).toBeInTheDocument();
    const hotfix = await screen.findByRole('button', {
      name: 'Hotfix… in Live',
    });
    await waitFor(() => expect(hotfix).toBeEnabled());
    await userEvent.click(hotfix);
    expect(
      await screen.findByRole('dialog', { name: 'Hotfix: orders in Live' }),
    ).toBeInTheDocument();
  });

  it('says "none" for an entity that runs nowhere, and names what is not known', async () => {
    const backend = serveOrders(server, {
      deploys: aDeploysState({ deployments: [] }),
    });
    const { signals } = renderOrders(<DeployCard />);
    expect(
      await screen.findByText(/^None: nothing of orders runs/),
    ).toBeInTheDocument();
    backend.deploys = aDeploysState({
      hash: 'd2',
      deployments: [],
      sources: [aSource('cluster:prod-blue', { state: 'unreachable' })],
    });
    act(() => signals.ring('deploys:entity:x1', { hash: 'd2' }));
    expect(
      await screen.findByText(/found so far. Not known: prod-blue/),
    ).toBeInTheDocument();
  });
});

describe('its buttons', () => {
  it('disables a hotfix that is blocked, with the reason and who can lift it', async () => {
    serveOrders(server, {
      runs: aRunsState({
        actions: [anAction({ allowed: false, blockers: [lockBlocker] })],
      }),
    });
    renderOrders(<DeployCard />);
    const button = await screen.findByRole('button', {
      name: 'Hotfix… in production',
    });
    await waitFor(() =>
      expect(button).toHaveAccessibleDescription(
        'Locked: Black Friday rehearsal. Can be lifted by omar.',
      ),
    );
    expect(button).toBeDisabled();
    await userEvent.click(
      screen.getByRole('button', {
        name: 'Why? Hotfix in production is not possible now',
      }),
    );
    expect(await screen.findByRole('dialog')).toHaveTextContent(
      'Black Friday rehearsal.',
    );
  });

  it('is disabled within a signal of a lock that somebody else set', async () => {
    const backend = serveOrders(server);
    const { signals } = renderOrders(<DeployCard />);
    await waitFor(() =>
      expect(
        screen.getByRole('button', { name: 'Hotfix… in production' }),
      ).toBeEnabled(),
    );
    backend.runs = aRunsState({
      hash: 'r2',
      actions: [anAction({ allowed: false, blockers: [lockBlocker] })],
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
          createdAt: minutesAgo(0),
          release: { allowed: false, needsReason: true },
        },
      ],
    });
    act(() => signals.ring('runs:entity:x1', { hash: 'r2' }));
    await waitFor(() =>
      expect(
        screen.getByRole('button', { name: 'Hotfix… in production' }),
      ).toBeDisabled(),
    );
    expect(
      screen.getByText('Locked by omar: Black Friday rehearsal'),
    ).toBeInTheDocument();
  });

  it('shows a guest no buttons', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            application: {
              ...aDeployment('prod-blue').application!,
              url: undefined,
            },
          }),
        ],
      }),
      runs: aRunsState({
        actions: [
          anAction({ visible: false, allowed: false }),
          anAction({
            action: 'lock',
            title: 'Lock',
            visible: false,
            allowed: false,
          }),
        ],
      }),
    });
    renderOrders(<DeployCard />);
    await row('prod-blue');
    await waitFor(() =>
      expect(
        screen.queryByRole('button', { name: 'Hotfix… in production' }),
      ).not.toBeInTheDocument(),
    );
    expect(
      screen.queryByRole('button', { name: /More for/ }),
    ).not.toBeInTheDocument();
  });

  it('offers to lock one environment, and to open its Applications in Argo CD', async () => {
    serveOrders(server);
    renderOrders(<DeployCard />);
    await userEvent.click(
      await screen.findByRole('button', { name: 'More for production' }),
    );
    expect(
      await screen.findByRole('menuitem', {
        name: 'Open orders-green in Argo CD',
      }),
    ).toHaveAttribute(
      'href',
      'https://argocd.example.com/applications/argocd/orders-green',
    );
    await userEvent.click(
      await screen.findByRole('menuitem', { name: 'Lock…' }),
    );
    expect(
      await screen.findByRole('button', { name: 'Lock orders in production' }),
    ).toBeInTheDocument();
  });

  it('shows a run under way, where asked to, and the run of the last deploy', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            application: {
              ...aDeployment('prod-blue').application!,
              lastDeploy: { at: minutesAgo(1), by: 'switchyard' },
            },
          }),
        ],
      }),
      runs: aRunsState({ active: [aRun()] }),
    });
    renderOrders(<DeployCard showRuns />);
    expect(
      await screen.findByRole('region', { name: 'Run #412' }),
    ).toHaveTextContent('step 4/7 Wait for pods');
    const link = within(await row('prod-blue')).getByRole('link', {
      name: 'run #412',
    });
    expect(link).toHaveAttribute('href', '/runs/run-412');
    // Argo CD knows the portal's account only.
    expect(link.parentElement).toHaveTextContent('by dana, run #412');
  });
});

describe('its data', () => {
  const older = (version: string, podVersion: string, hash: string) =>
    aDeploysState({
      hash,
      deployments: [
        aDeployment('prod-blue', {
          version: { version, images: [] },
          workloads: [aWorkload([aPod('p')])],
        }),
      ],
      versions: { 'cluster:prod-blue/Pod': podVersion },
    });

  it('changes a cell in place when it is rung for', async () => {
    const backend = serveOrders(server, {
      deploys: older('v5.3.24', '1000', 'd1'),
    });
    const { signals } = renderOrders(<DeployCard />);
    const before = await row('prod-blue');
    backend.deploys = older('v5.3.25', '1001', 'd2');
    act(() => signals.ring('deploys:entity:x1', { hash: 'd2' }));
    expect(await within(before).findByText('v5.3.25')).toBeInTheDocument();
    expect(await row('prod-blue')).toBe(before);
  });

  it('does not go back to an older state, and asks again until it is caught up', async () => {
    const backend = serveOrders(server, {
      deploys: older('v5.3.25', '1001', 'd2'),
    });
    const { signals } = renderOrders(<DeployCard />);
    await screen.findByText('v5.3.25');
    backend.deploys = older('v5.3.24', '1000', 'd1');
    const reads = backend.stateReads;
    act(() => signals.ring('deploys:entity:x1', { hash: 'd3' }));
    await waitFor(() => expect(backend.stateReads).toBeGreaterThan(reads + 1), {
      timeout: 3000,
    });
    expect(screen.getByText('v5.3.25')).toBeInTheDocument();
    expect(screen.queryByText('v5.3.24')).not.toBeInTheDocument();
    backend.deploys = older('v5.3.26', '1002', 'd3');
    expect(
      await screen.findByText('v5.3.26', {}, { timeout: 3000 }),
    ).toBeInTheDocument();
  });

  it('keeps what it has when a later read fails, and says so', async () => {
    const backend = serveOrders(server);
    const { signals } = renderOrders(<DeployCard />);
    await row('prod-blue');
    backend.deploysError = () => refusal(503, 'The fleet is starting', 'req-9');
    act(() => signals.ring('deploys:entity:x1', { hash: 'd9' }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('This may be out of date.');
    expect(alert).toHaveTextContent('The fleet is starting');
    expect(alert).toHaveTextContent('req-9');
    expect(await row('prod-blue')).toBeInTheDocument();
  });

  it('says why nothing can be shown, and tries again on request', async () => {
    const backend = serveOrders(server);
    backend.deploysError = () =>
      refusal(403, 'You may not see the state of orders', 'req-7');
    renderOrders(<DeployCard />);
    const alert = await screen.findByText('What runs where cannot be shown.');
    expect(alert.closest('[role=alert]')).toHaveTextContent('req-7');
    backend.deploysError = undefined;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await row('prod-blue')).toBeInTheDocument();
  });

  it('shows what runs where though runs cannot be asked', async () => {
    const backend = serveOrders(server);
    const { http } = await import('msw');
    server.use(
      http.get('http://localhost:7007/api/runs/*', () => HttpResponse.error()),
    );
    renderOrders(<DeployCard />, { signals: new BellSignals() });
    await row('prod-blue');
    expect(
      await screen.findByText('Runs and locks cannot be shown.'),
    ).toBeInTheDocument();
    const button = screen.getByRole('button', {
      name: 'Hotfix… in production',
    });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(/could not be asked/);
    expect(backend.firstReads).toBe(1);
  });
});
