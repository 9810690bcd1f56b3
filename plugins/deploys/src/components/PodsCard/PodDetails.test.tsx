import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  aCrashingPod,
  aDeployment,
  aDeploysState,
  aPod,
  aSource,
  aWorkload,
  DEPLOYS_URL,
  minutesAgo,
  refusal,
  renderOrders,
  serveOrders,
} from '../../__testUtils__';
import { PodsCard } from './PodsCard';
import { describeUsage, formatCpu, formatMemory } from './podUsage';

const server = setupServer();
registerMswTestHooks(server);

const POD_URL = `${DEPLOYS_URL}/v1/entities/component/default/orders/pods/prod-blue/storefront/orders-z`;
const OPEN = '/?podsTurned=uid-orders-z';
const GIB = 1024 ** 3;

function serve(overrides: Parameters<typeof serveOrders>[1] = {}) {
  return serveOrders(server, {
    deploys: aDeploysState({
      deployments: [
        aDeployment('prod-blue', {
          workloads: [aWorkload([aCrashingPod('orders-z'), aPod('orders-a')])],
        }),
      ],
      sources: [aSource('cluster:prod-blue')],
    }),
    ...overrides,
  });
}

const containers = () =>
  screen.findByRole('table', { name: 'Containers of orders-z' });

describe('what is known of a pod', () => {
  it('is said in events, oldest first, with how often and since when', async () => {
    serve({
      events: {
        readable: true,
        items: [
          {
            type: 'Normal',
            reason: 'ScalingReplicaSet',
            message: 'Scaled up replica set orders-6d4 to 2',
            count: 1,
            firstAt: minutesAgo(9),
            lastAt: minutesAgo(9),
            about: { kind: 'Deployment', name: 'orders' },
          },
          {
            type: 'Warning',
            reason: 'Unhealthy',
            message: 'Readiness probe failed: HTTP status 503',
            count: 7,
            firstAt: minutesAgo(8),
            lastAt: minutesAgo(1),
            about: { kind: 'Pod', name: 'orders-z' },
            container: 'orders',
          },
        ],
      },
    });
    renderOrders(<PodsCard />, { path: OPEN });
    const list = await screen.findByRole('list', {
      name: 'Events of orders-z',
    });
    expect(
      within(list)
        .getAllByRole('listitem')
        .map(each => each.textContent),
    ).toEqual([
      '9 min agoScalingReplicaSetScaled up replica set orders-6d4 to 2Deployment',
      '1 min agoUnhealthyReadiness probe failed: HTTP status 503orders · 7 times since 8 min ago',
    ]);
  });

  it.each([
    [{ items: [], readable: true }, 'No events in the last hour'],
    [
      { items: [], readable: false },
      'Events of this cluster are not readable by the portal',
    ],
  ])('tells %j apart', async (events, words) => {
    serve({ events });
    renderOrders(<PodsCard />, { path: OPEN });
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it('holds what containers use against what they ask for and may use', async () => {
    serve({
      metrics: {
        places: [
          {
            cluster: 'prod-blue',
            namespace: 'storefront',
            state: 'read',
            asOf: minutesAgo(1),
          },
        ],
        pods: {
          'uid-orders-z': [
            {
              name: 'orders',
              cpu: 0.012,
              memory: 0.95 * GIB,
              cpuRequest: 0.25,
              memoryRequest: GIB / 2,
              memoryLimit: GIB,
            },
          ],
        },
      },
    });
    renderOrders(<PodsCard />, { path: OPEN });
    const table = await containers();
    await waitFor(() =>
      expect(table).toHaveTextContent('12m used, 250m requested, no limit'),
    );
    // The workload's row says it of all its pods.
    expect(
      screen.getByText('12m CPU (250m requested), 973 MiB (512 MiB requested)'),
    ).toBeInTheDocument();
    expect(table).toHaveTextContent(
      '973 MiB used, 512 MiB requested, limit 1 GiB',
    );
    expect(screen.getByText('memory near its limit')).toBeInTheDocument();
    expect(screen.getByText(/^Uses 12m CPU, 973 MiB\./)).toBeInTheDocument();
  });

  it.each([
    ['none', 'Cluster prod-blue has no metrics API'],
    ['not-readable', "The portal's account may not read metrics"],
  ] as const)('says why nothing is measured: %s', async (state, why) => {
    serve({
      metrics: {
        places: [{ cluster: 'prod-blue', namespace: 'storefront', state, why }],
        pods: { 'uid-orders-z': [{ name: 'orders', cpuRequest: 1 }] },
      },
    });
    renderOrders(<PodsCard />, { path: OPEN });
    expect(await screen.findByText(why)).toBeInTheDocument();
    expect(await containers()).toHaveTextContent('1 requested, no limit');
  });

  it('is said by its last lines before the restart, when somebody asks', async () => {
    serve();
    const asked: string[] = [];
    server.use(
      http.get(`${POD_URL}/logs`, ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.text('starting\n\u001b[31mno database\u001b[0m\n');
      }),
    );
    renderOrders(<PodsCard />, { path: OPEN });
    await containers();
    expect(asked).toEqual([]);
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Last lines of orders before its restart',
      }),
    );
    expect(await screen.findByText(/no database/)).toHaveTextContent(
      /^starting no database$/,
    );
    expect(asked).toEqual(['?container=orders&previous=true&tail=20']);
  });

  it('never takes the pod with it when it cannot be read', async () => {
    serve();
    server.use(
      http.get(`${POD_URL}/events`, () => refusal(503, 'Not now', 'req-9')),
    );
    renderOrders(<PodsCard />, { path: OPEN });
    expect(
      await screen.findByText('Events cannot be shown.'),
    ).toBeInTheDocument();
    expect(await containers()).toBeInTheDocument();
  });
});

it.each([
  [0.0004, '<1m'],
  [0.25, '250m'],
  [1.5, '1.5'],
  [0, '0m'],
])('%d cores are %s', (cores, text) => {
  expect(formatCpu(cores)).toBe(text);
});

it.each([
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [100 * 1024 ** 2, '100 MiB'],
  [2.5 * GIB, '2.5 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatMemory(bytes)).toBe(text);
});

it('what is not known is left out', () => {
  expect(describeUsage(undefined, 'cpu')).toBeUndefined();
  expect(describeUsage({ name: 'a', cpu: 0.5 }, 'cpu')?.text).toBe(
    '500m used, no request, no limit',
  );
});
