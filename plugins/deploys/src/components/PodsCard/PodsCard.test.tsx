import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { setupServer } from 'msw/node';
import {
  aCrashingPod,
  aDeployment,
  aDeploysState,
  aLogsGrant,
  aPod,
  aSource,
  aWorkload,
  minutesAgo,
  refusal,
  renderOrders,
  serveOrders,
} from '../../__testUtils__';
import { PodsCard } from './PodsCard';

const server = setupServer();
registerMswTestHooks(server);

const table = () => screen.findByRole('table', { name: 'Pods of orders' });
/** The first word of every row but the header: what it is about, in the order of the screen. */
const rowTexts = async () =>
  within(await table())
    .getAllByRole('row')
    .slice(1)
    .map(row => row.textContent ?? '');
const title = async () => {
  await table();
  return screen.getByRole('heading', { name: /^Pods/ });
};
const podRow = (name: string) => screen.getByText(name).closest('tr')!;
const podCells = (name: string) =>
  within(podRow(name))
    .getAllByRole('cell')
    .map(cell => cell.textContent);

function withPods(...workloads: Parameters<typeof aWorkload>[]) {
  return aDeploysState({
    deployments: [
      aDeployment('prod-blue', {
        workloads: workloads.map(args => aWorkload(...args)),
      }),
    ],
    sources: [aSource('cluster:prod-blue'), aSource('argocd:main')],
  });
}

/** 140 pods in blue, five of them in trouble. */
function manyPods() {
  const fine = Array.from({ length: 135 }, (_, index) => aPod(`fine-${index}`));
  const broken = Array.from({ length: 5 }, (_, index) =>
    aCrashingPod(`broken-${index}`),
  );
  return withPods([[...fine, ...broken], { name: 'webapp' }]);
}

describe('the Pods card', () => {
  it('counts on top, and puts what is wrong first on every level', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue'),
          aDeployment('prod-green', {
            workloads: [
              aWorkload([aPod('worker-1')], { name: 'worker' }),
              aWorkload([aPod('orders-a'), aCrashingPod('orders-z')]),
            ],
          }),
        ],
      }),
    });
    renderOrders(<PodsCard />);
    expect(screen.getByLabelText('Loading pods')).toBeInTheDocument();
    expect(await title()).toHaveTextContent('4/5 ready · 1 needs attention');
    const rows = await rowTexts();
    expect(rows[0]).toMatch(
      /^prod-greenproduction2\/3 ready · 1 needs attention/,
    );
    expect(rows[1]).toMatch(
      /^ordersDeployment in storefront1\/2 ready · 1 needs attention/,
    );
    expect(rows[2]).toMatch(/^orders-z/);
    expect(rows[3]).toMatch(/^orders-a/);
    expect(rows[4]).toMatch(/^workerDeployment in storefront1\/1 ready/);
    expect(rows[6]).toMatch(/^prod-blueproduction2\/2 ready/);
  });

  it('says of a pod what a person needs', async () => {
    serveOrders(server, {
      deploys: withPods([
        [
          aCrashingPod('orders-z', {
            outdated: true,
            node: 'node-a-1.eu-west-1.compute.internal',
          }),
          aPod('orders-new', {
            ready: false,
            containersReady: 0,
            phase: 'Pending',
            node: undefined,
            zone: undefined,
            createdAt: minutesAgo(1),
            containers: [],
            reason: 'Unschedulable: no node has 4 CPUs left',
            // As the scheduler's condition says it, too.
            message:
              'no node has 4 CPUs left, preemption: no victims were found',
          }),
        ],
      ]),
    });
    renderOrders(<PodsCard />);
    await table();
    expect(podCells('orders-z')).toEqual([
      'orders-z',
      'CrashLoopBackOffthe container ended with exit code 1',
      'v5.4.0-crashoutdated',
      '4Error (exit 1) 1 min ago',
      '2 h',
      'node-a-1eu-west-1a',
      'Logs',
    ]);
    expect(screen.getByText('node-a-1')).toHaveAttribute(
      'title',
      'node-a-1.eu-west-1.compute.internal',
    );
    expect(podCells('orders-new')[1]).toBe(
      'Unschedulableno node has 4 CPUs left, preemption: no victims were found',
    );
    expect(podCells('orders-new')[5]).toBe('not scheduled');
  });

  it('tells pods that are wrong from pods that could not be made', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            workloads: [
              aWorkload([aPod('orders-a'), aCrashingPod('orders-z')], {
                desired: 4,
                problem: 'FailedCreate: exceeded quota',
              }),
              aWorkload([aPod('worker-1')], {
                name: 'worker',
                desired: 2,
              }),
            ],
          }),
        ],
      }),
    });
    renderOrders(<PodsCard />);
    expect(await title()).toHaveTextContent(
      '2/6 ready · 1 needs attention · 2 missing',
    );
  });

  it('does not cry over pods that are starting, leaving or done', async () => {
    serveOrders(server, {
      deploys: withPods([
        [
          aPod('starting', {
            ready: false,
            containersReady: 0,
            createdAt: minutesAgo(1),
            starting: true,
            reason:
              'Unhealthy: container orders runs, but readiness probe failed',
          }),
          aPod('leaving', { ready: false, terminating: true }),
          aPod('done', { ready: false, phase: 'Succeeded' }),
          aPod('fine'),
        ],
        { desired: 2 },
      ]),
    });
    renderOrders(<PodsCard />);
    expect(await title()).toHaveTextContent('1/2 ready · 1 starting');
    expect(podCells('starting')[1]).toBe(
      'Not ready yetcontainer orders runs, but readiness probe failed',
    );
    expect(podCells('leaving')[1]).toBe('Terminating');
    expect(podCells('done')[1]).toBe('Completed');
  });

  it('wants attention for a pod that should have been gone for long, and says what keeps it', async () => {
    const leaving = (name: string, goneBy: string) =>
      aPod(name, {
        ready: false,
        terminating: true,
        goneBy,
        reason:
          'Terminating: its containers have ended; it stays until finalizer example.com/drain is removed by whoever set it',
      });
    serveOrders(server, {
      deploys: withPods([
        [
          leaving('held', minutesAgo(5)),
          leaving('leaving', minutesAgo(-1)),
          aPod('fine'),
        ],
        { desired: 1 },
      ]),
    });
    renderOrders(<PodsCard />);
    expect(await title()).toHaveTextContent('1 needs attention');
    expect(podCells('held')[1]).toMatch(
      /^Terminatingshould have been gone 5 min ago.*finalizer example\.com\/drain/,
    );
    expect(podCells('leaving')[1]).toBe('Terminating');
  });

  it('does not miss the pods of a Job that has ended', async () => {
    serveOrders(server, {
      deploys: withPods(
        [[aPod('orders-a')]],
        [[], { kind: 'Job', name: 'migrate', desired: 1 }],
      ),
    });
    renderOrders(<PodsCard />);
    expect(await title()).toHaveTextContent('1/1 ready');
    expect((await rowTexts())[3]).toBe('migrateJob in storefrontno pods now');
  });

  it('opens only what is not ready of 140 pods, and renders what is in sight of the rest', async () => {
    serveOrders(server, { deploys: manyPods() });
    renderOrders(<PodsCard />);
    expect(await title()).toHaveTextContent('135/140 ready · 5 need attention');
    const rows = await rowTexts();
    expect(rows).toHaveLength(8);
    expect(rows.slice(2, 7).every(row => row.startsWith('broken-'))).toBe(true);
    expect(rows[7]).toBe('135 pods that are ready');

    await userEvent.click(
      screen.getByRole('button', { name: '135 pods that are ready' }),
    );
    await waitFor(async () =>
      expect(await table()).toHaveAttribute('aria-rowcount', '144'),
    );
    expect((await rowTexts()).length).toBeLessThan(60);
    expect(screen.getByText('fine-0')).toBeInTheDocument();
  });

  it('filters as one types, and keeps filter and opened rows in the address', async () => {
    serveOrders(server, { deploys: manyPods() });
    renderOrders(<PodsCard />);
    await table();
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Filter pods' }),
      'fine-13',
    );
    await waitFor(async () => expect(await rowTexts()).toHaveLength(8));
    await userEvent.click(
      screen.getByRole('button', { name: 'Containers of fine-13' }),
    );
    expect(
      await screen.findByRole('table', { name: 'Containers of fine-13' }),
    ).toHaveTextContent(
      'kubectl exec -it fine-13 --context prod-blue -n storefront -c orders -- sh',
    );
    await waitFor(() =>
      expect(screen.getByTestId('address')).toHaveTextContent(
        /(?=.*[?&]pods=fine-13)(?=.*[?&]podsTurned=uid-fine-13)/,
      ),
    );
  });

  it('shows the same to whoever opens the link', async () => {
    serveOrders(server, { deploys: manyPods() });
    renderOrders(<PodsCard />, {
      path: '/?pods=fine-13&podsTurned=uid-fine-13',
    });
    expect(
      await screen.findByRole('table', { name: 'Containers of fine-13' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('searchbox', { name: 'Filter pods' })).toHaveValue(
      'fine-13',
    );
  });

  it('keeps opened rows and changes cells in place when a pod changes', async () => {
    const backend = serveOrders(server, {
      deploys: withPods([[aPod('orders-a'), aPod('orders-b')]]),
    });
    const { signals } = renderOrders(<PodsCard />);
    await table();
    await userEvent.click(
      screen.getByRole('button', { name: 'Containers of orders-a' }),
    );
    const before = podRow('orders-a');
    backend.deploys = {
      ...withPods([[aPod('orders-a', { restarts: 1 }), aPod('orders-b')]]),
      hash: 'd2',
    };
    act(() => signals.ring('deploys:entity:x1', { hash: 'd2' }));
    await waitFor(() => expect(podCells('orders-a')[3]).toBe('1'));
    expect(podRow('orders-a')).toBe(before);
    expect(
      screen.getByRole('table', { name: 'Containers of orders-a' }),
    ).toBeInTheDocument();
  });

  it('never shows zero pods for a cluster that it knows nothing of', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: ['a', 'b', 'c'].map(cluster =>
          aDeployment(cluster, { workloads: [] }),
        ),
        sources: [
          aSource('cluster:a', {
            state: 'unreachable',
            problem: 'connection refused',
          }),
          aSource('cluster:b', {
            state: 'not-readable',
            problem: 'pods may not be listed',
          }),
          aSource('cluster:c'),
        ],
      }),
    });
    renderOrders(<PodsCard />);
    const rows = await rowTexts();
    expect(rows[0]).toMatch(/^aproductionunreachable since/);
    expect(rows[1]).toMatch(/^Pods: unreachable since .*connection refused$/);
    expect(rows[3]).toBe('Pods: not readable. pods may not be listed');
    expect(rows[5]).toBe('None');
    expect(screen.queryByText(/\/0 ready/)).not.toBeInTheDocument();
  });

  it('greys the last state of a cluster that cannot be reached', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [aDeployment('prod-blue')],
        sources: [
          aSource('cluster:prod-blue', {
            state: 'unreachable',
            asOf: minutesAgo(3),
          }),
        ],
      }),
    });
    renderOrders(<PodsCard />);
    const rows = await rowTexts();
    expect(rows[0]).toMatch(
      /unreachable since .*state of 3 min ago2\/2 ready$/,
    );
    expect(rows[2]).toMatch(/^orders-blue-1Ready/);
    const [ofCluster, ofWorkload] = screen
      .getAllByText('2/2 ready')
      .map(word => word.parentElement!.style.color)
      .slice(-2);
    expect(ofWorkload).toBe(ofCluster);
  });

  it('copies the line that opens a shell', async () => {
    const user = userEvent.setup();
    const copied: string[] = [];
    document.addEventListener('copy', event =>
      copied.push(String((event.target as HTMLElement).textContent)),
    );
    document.execCommand = jest.fn(() => {
      document.dispatchEvent(new Event('copy'));
      return true;
    });
    serveOrders(server, { deploys: withPods([[aPod('orders-a')]]) });
    renderOrders(<PodsCard />);
    await table();
    await user.click(
      screen.getByRole('button', { name: 'Copy kubectl exec line' }),
    );
    expect(
      await screen.findByRole('button', { name: 'Copied kubectl exec line' }),
    ).toBeInTheDocument();
  });

  it('names the annotations where nothing is found by them, and never says "none"', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [],
        problems: [
          {
            what: 'backstage.io/kubernetes-id',
            why: 'The annotation is missing.',
            example: 'backstage.io/kubernetes-id: orders',
          },
        ],
      }),
    });
    renderOrders(<PodsCard />);
    expect(
      await screen.findByText(
        'No pods are found by what orders says of itself: backstage.io/kubernetes-id. What to write stands in the Deploy card.',
      ),
    ).toBeInTheDocument();
    expect(screen.queryByText(/^None/)).not.toBeInTheDocument();
  });

  it('says why it has nothing to show', async () => {
    const backend = serveOrders(server);
    backend.deploysError = () => refusal(404, 'No such component', 'req-3');
    renderOrders(<PodsCard />);
    expect(
      await screen.findByText('Pods cannot be shown.'),
    ).toBeInTheDocument();
    expect(screen.getByText(/req-3/)).toBeInTheDocument();
  });
});

describe('the button Logs', () => {
  it('is disabled where this person may not read them, and says so and who may', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        logs: [
          aLogsGrant(aDeployment('prod-blue')),
          {
            environment: 'production',
            cluster: 'prod-green',
            visible: true,
            allowed: false,
            why: 'You may not read logs of orders on prod-green.',
            ask: ['group:default/storefront'],
          },
        ],
      }),
    });
    renderOrders(<PodsCard />);
    await table();
    const logs = (pod: string) =>
      within(podRow(pod)).getByRole('button', { name: 'Logs' });
    expect(logs('orders-blue-1')).toBeEnabled();
    expect(logs('orders-green-1')).toHaveAttribute('aria-disabled', 'true');
    expect(logs('orders-green-1')).toHaveAccessibleDescription(
      /Not permitted: You may not read logs of orders on prod-green\. Ask .*storefront for it/,
    );
  });

  it('is hidden from whoever may never read logs', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        logs: ['prod-blue', 'prod-green'].map(cluster => ({
          environment: 'production',
          cluster,
          visible: false,
          allowed: false,
          why: 'You may not read logs.',
          ask: [],
        })),
      }),
    });
    renderOrders(<PodsCard />);
    await table();
    expect(
      screen.getAllByRole('button', { name: 'Copy kubectl exec line' }),
    ).not.toHaveLength(0);
    expect(
      screen.queryByRole('button', { name: 'Logs' }),
    ).not.toBeInTheDocument();
  });

  it('waits, disabled, where nothing is known of the permission yet', async () => {
    serveOrders(server, { deploys: aDeploysState({ logs: [] }) });
    renderOrders(<PodsCard />);
    await table();
    for (const button of screen.getAllByRole('button', { name: 'Logs' })) {
      expect(button).toBeDisabled();
    }
  });

  it('is disabled where the target has not agreed, and says what is missing', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue', {
            consent: {
              given: false,
              why: 'orders-blue does not name intruder.',
            },
          }),
        ],
      }),
    });
    renderOrders(<PodsCard />);
    await table();
    const [button] = screen.getAllByRole('button', { name: 'Logs' });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).toHaveAccessibleDescription(
      /orders-blue does not name intruder\./,
    );
  });
});
