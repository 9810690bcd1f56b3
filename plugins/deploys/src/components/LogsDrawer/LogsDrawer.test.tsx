import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Settings } from 'luxon';
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
  refusal,
  renderOrders,
  serveOrders,
} from '../../__testUtils__';
import { PodsCard } from '../PodsCard';

const server = setupServer();
registerMswTestHooks(server);

const LOGS_URL = `${DEPLOYS_URL}/v1/entities/component/default/orders/logs`;
const PATH = '/?logs=prod-blue/storefront/orders-z';
const OF_POD =
  'cluster=prod-blue&namespace=storefront&workload=Deployment%2Forders&pod=orders-z';

/** A log that a test writes to while it is read. */
function serveLog() {
  const encoder = new TextEncoder();
  const log = {
    requests: [] as string[],
    send: (_text: string) => {},
    /** Lines of the first source, each with a line end; a time may stand before them. */
    write(text: string) {
      const records = text
        .split('\n')
        .slice(0, -1)
        .map(line => {
          const [, at, rest] = /^(\d{4}-\S+Z) (.*)$/.exec(line) ?? [];
          return [0, at ?? null, at ? rest : line];
        });
      log.tell(...records);
    },
    tell(...records: unknown[]) {
      log.send(records.map(record => `${JSON.stringify(record)}\n`).join(''));
    },
    end: () => {},
    fail: () => {},
  };
  server.use(
    http.get(LOGS_URL, ({ request }) => {
      log.requests.push(new URL(request.url).search.slice(1));
      const stream = new ReadableStream({
        start(controller) {
          log.send = text => controller.enqueue(encoder.encode(text));
          log.end = () => controller.close();
          log.fail = () => controller.error(new Error('connection lost'));
          log.tell({
            type: 'source',
            source: 0,
            pod: 'orders-z',
            container: 'orders',
          });
        },
      });
      return new HttpResponse(stream, {
        headers: { 'Content-Type': 'application/x-ndjson; charset=utf-8' },
      });
    }),
  );
  return log;
}

function serveCrashing() {
  const sidecar = {
    name: 'proxy',
    kind: 'sidecar' as const,
    image: 'envoy:1',
    ready: true,
    restarts: 0,
    state: 'running',
  };
  const pod = aCrashingPod('orders-z');
  return serveOrders(server, {
    deploys: aDeploysState({
      deployments: [
        aDeployment('prod-blue', {
          workloads: [
            aWorkload([
              { ...pod, containers: [...pod.containers, sidecar] },
              aPod('orders-a'),
            ]),
          ],
        }),
      ],
      sources: [aSource('cluster:prod-blue')],
    }),
  });
}

const drawer = () => screen.findByRole('dialog', { name: 'Logs of orders-z' });
const lines = async () =>
  within(await screen.findByRole('region', { name: /^Log of/ }));

/** Presses 'Download', and reads the file. */
async function downloaded(): Promise<string> {
  const follow = jest
    .spyOn(HTMLAnchorElement.prototype, 'click')
    .mockReturnValue();
  const file = new Promise<Blob>(resolve => {
    // jsdom has neither.
    URL.createObjectURL = object => {
      resolve(object as Blob);
      return 'blob:log';
    };
    URL.revokeObjectURL = () => {};
  });
  await userEvent.click(screen.getByRole('button', { name: 'Download' }));
  follow.mockRestore();
  return (await file).text();
}

it('of a migration that has ended are read, though the table does not show its pod', async () => {
  const done = aPod('orders-migrate-x', { ready: false, phase: 'Succeeded' });
  const job = aWorkload([done], { kind: 'Job', name: 'orders-migrate' });
  serveOrders(server, {
    deploys: aDeploysState({
      deployments: [
        aDeployment('prod-blue', {
          workloads: [aWorkload([aPod('orders-a')])],
          migration: {
            verdict: 'ran',
            text: 'PreSync hook Job orders-migrate ran',
            log: {
              cluster: 'prod-blue',
              namespace: 'storefront',
              pod: done.name,
            },
            job,
          },
        }),
      ],
      sources: [aSource('cluster:prod-blue')],
    }),
  });
  const log = serveLog();
  renderOrders(<PodsCard />, {
    path: `/?logs=prod-blue/storefront/${done.name}`,
  });
  const dialog = await screen.findByRole('dialog', {
    name: `Logs of ${done.name}`,
  });
  expect(await within(dialog).findByText('Completed')).toBeInTheDocument();
  await waitFor(() => expect(log.requests).toHaveLength(1));
  expect(log.requests[0]).toContain(
    `workload=Job%2Forders-migrate&pod=${done.name}`,
  );
  const table = screen.getByRole('table', {
    name: 'Pods of orders',
    hidden: true,
  });
  expect(table).not.toHaveTextContent('orders-migrate');
});

describe('the logs of a pod', () => {
  beforeEach(() => {
    Settings.defaultZone = 'Europe/Berlin';
  });
  afterEach(() => {
    Settings.defaultZone = 'system';
  });

  it('open beside the page, stay in the address, and follow what is written', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />);
    const [button] = await screen.findAllByRole('button', { name: 'Logs' });
    await waitFor(() => expect(button).toBeEnabled());
    await userEvent.click(button);
    await drawer();
    expect(screen.getByTestId('address')).toHaveTextContent(
      '?logs=prod-blue%2Fstorefront%2Forders-z',
    );
    await waitFor(() =>
      expect(log.requests).toEqual([
        `${OF_POD}&container=orders&tail=2000&follow=true`,
      ]),
    );
    act(() => log.send('[0,null,"booting"]\n\n[0,null,"listen'));
    expect(await (await lines()).findByText('booting')).toBeInTheDocument();
    act(() => log.send('ing on 8080"]\n'));
    expect(
      await (await lines()).findByText('listening on 8080'),
    ).toBeInTheDocument();
    expect(screen.getByText('Reading')).toBeInTheDocument();
    act(() => log.end());
    expect(await screen.findByText('End of the log')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Close logs' }));
    await waitFor(() =>
      expect(screen.getByTestId('address')).toBeEmptyDOMElement(),
    );
  });

  it('are those of another container, or of before the last restart, on request', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />, { path: PATH });
    await drawer();
    await waitFor(() => expect(log.requests).toHaveLength(1));
    await userEvent.click(
      screen.getByRole('checkbox', { name: 'Before the last restart' }),
    );
    await waitFor(() =>
      expect(log.requests[1]).toBe(
        `${OF_POD}&container=orders&previous=true&tail=2000`,
      ),
    );
    await userEvent.click(screen.getByRole('button', { name: /Container/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'proxy (sidecar)' }),
    );
    await waitFor(() =>
      expect(log.requests[2]).toBe(
        `${OF_POD}&container=proxy&tail=2000&follow=true`,
      ),
    );
    expect(
      screen.getByRole('checkbox', { name: 'Before the last restart' }),
    ).toBeDisabled();
  });

  it('survive a hundred thousand lines, and keep the newest', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />, { path: PATH });
    await drawer();
    await waitFor(() => expect(log.requests).toHaveLength(1));
    act(() =>
      log.write(
        Array.from(
          { length: 120_000 },
          (_, index) => `line ${index + 1}\n`,
        ).join(''),
      ),
    );
    expect(await screen.findByText('100,000 lines')).toBeInTheDocument();
    expect(
      screen.getByText(/^20,000 older lines were dropped/),
    ).toBeInTheDocument();
    expect((await lines()).getAllByText(/^line /).length).toBeLessThan(200);
  });

  it('are searched, match by match', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />, { path: PATH });
    await drawer();
    await waitFor(() => expect(log.requests).toHaveLength(1));
    act(() => log.write('start\nan Error here\nfine\nerror again\n'));
    await (await lines()).findByText('start');
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search' }),
      'error',
    );
    expect(await screen.findByText('2 found')).toBeInTheDocument();
    await userEvent.keyboard('{Enter}');
    expect(screen.getByText('1 of 2')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Next match' }));
    expect(screen.getByText('2 of 2')).toBeInTheDocument();
    expect(
      (await lines()).getAllByText(/error/i).map(each => each.tagName),
    ).toEqual(expect.arrayContaining(['MARK']));
  });

  it('show when their lines were written on request, without being read again', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />, { path: PATH });
    await drawer();
    await waitFor(() => expect(log.requests).toHaveLength(1));
    act(() =>
      log.write(
        [
          '2024-02-29T08:00:00.123456789Z \u001b[31mred\u001b[0m alert',
          '2024-02-29T08:00:01.000000000Z 2024-02-29T08:00:00.9Z own time',
          'unable to retrieve container logs',
          '',
        ].join('\n'),
      ),
    );
    const text = await (await lines()).findByText('red alert');
    // What the program itself has written stays, whatever it looks like.
    expect(
      (await lines()).getByText('2024-02-29T08:00:00.9Z own time'),
    ).toBeInTheDocument();
    expect(
      (await lines()).getByText('unable to retrieve container logs'),
    ).toBeInTheDocument();
    expect((await lines()).queryAllByRole('time')).toEqual([]);
    expect(await downloaded()).toBe(
      'red alert\n2024-02-29T08:00:00.9Z own time\nunable to retrieve container logs\n',
    );

    await userEvent.click(screen.getByRole('checkbox', { name: 'Timestamps' }));
    const times = (await lines()).getAllByRole('time');
    expect(times.map(each => each.textContent)).toEqual([
      '29 Feb, 09:00:00.123',
      '29 Feb, 09:00:01.000',
    ]);
    expect(times[0]).toHaveAttribute(
      'title',
      expect.stringMatching(/^Thu, 29 Feb 2024, 09:00:00 .*\(UTC\+1\)$/),
    );
    // What is selected and copied: the time on the clock is left out of it.
    expect(text).toHaveTextContent('2024-02-29T08:00:00.123456789Z red alert');
    expect(times[0]).toHaveStyle({ 'user-select': 'none' });
    expect(await downloaded()).toBe(
      '2024-02-29T08:00:00.123456789Z red alert\n' +
        '2024-02-29T08:00:01.000000000Z 2024-02-29T08:00:00.9Z own time\n' +
        'unable to retrieve container logs\n',
    );
    expect(log.requests).toHaveLength(1);
  });

  it('say why they cannot be read, and keep what was read when they break off', async () => {
    serveCrashing();
    server.use(
      http.get(LOGS_URL, () =>
        refusal(403, 'The target has not agreed', 'req-4'),
      ),
    );
    renderOrders(<PodsCard />, { path: PATH });
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The log cannot be read.');
    expect(alert).toHaveTextContent('req-4');

    const log = serveLog();
    await userEvent.click(screen.getByRole('button', { name: 'Read again' }));
    await waitFor(() => expect(log.requests).toHaveLength(1));
    act(() => log.write('before\n'));
    await (await lines()).findByText('before');
    act(() => log.fail());
    expect(await screen.findByText('The log broke off.')).toBeInTheDocument();
    expect((await lines()).getByText('before')).toBeInTheDocument();
  });

  it('go on when the sign-in of their request has ended, and say why when they may not', async () => {
    serveCrashing();
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const log = serveLog();
    renderOrders(<PodsCard />, { path: PATH });
    await waitFor(() => expect(log.requests).toHaveLength(1));
    act(() => log.write('2026-11-20T10:00:01.000000000Z before\n'));
    await (await lines()).findByText('before');
    now.mockReturnValue(4_600_000);
    act(() => {
      log.tell({ type: 'over', reason: 'signed-out', why: 'It ended' });
      log.end();
    });
    await waitFor(() => expect(log.requests).toHaveLength(2));
    expect(log.requests[1]).toContain('since=60');
    act(() =>
      log.write(
        '2026-11-20T10:00:01.000000000Z before\n2026-11-20T10:00:02.000000000Z after\n',
      ),
    );
    await (await lines()).findByText('after');
    expect((await lines()).getAllByText('before')).toHaveLength(1);

    act(() => {
      log.tell({
        type: 'over',
        reason: 'refused',
        why: 'You may not any more',
      });
      log.end();
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'You may not any more',
    );
    expect(log.requests).toHaveLength(2);
    now.mockRestore();
  });

  it('stay open when the pod is gone', async () => {
    const backend = serveCrashing();
    const log = serveLog();
    const { signals } = renderOrders(<PodsCard />, { path: PATH });
    await drawer();
    await waitFor(() => expect(log.requests).toHaveLength(1));
    act(() => log.write('last words\n'));
    await (await lines()).findByText('last words');
    backend.deploys = {
      ...aDeploysState({ hash: 'd2', deployments: [aDeployment('prod-blue')] }),
    };
    act(() => signals.ring('deploys:entity:x1', { hash: 'd2' }));
    expect(
      await screen.findByText('This pod is not there any more'),
    ).toBeInTheDocument();
    expect((await lines()).getByText('last words')).toBeInTheDocument();
    expect(log.requests).toHaveLength(1);
  });
});

describe('the logs of a workload', () => {
  const WORKLOAD = '/?logs=prod-blue/storefront/Deployment:orders';
  const OF_ALL =
    'cluster=prod-blue&namespace=storefront&workload=Deployment%2Forders';

  it('are one stream with names, opened from its row, and say who is gone and who is left out', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />);
    const button = await screen.findByRole('button', { name: 'Logs of all' });
    await waitFor(() => expect(button).toBeEnabled());
    await userEvent.click(button);
    await screen.findByRole('dialog', { name: 'Logs of Deployment orders' });
    expect(screen.getByTestId('address')).toHaveTextContent(
      '?logs=prod-blue%2Fstorefront%2FDeployment%3Aorders',
    );
    await waitFor(() =>
      expect(log.requests).toEqual([
        `${OF_ALL}&container=orders&tail=500&follow=true`,
      ]),
    );
    act(() =>
      log.tell(
        { type: 'source', source: 1, pod: 'orders-a', container: 'orders' },
        { type: 'left-out', pods: ['orders-b'], limit: 10 },
        [0, null, 'from z'],
        [1, null, 'from a'],
      ),
    );
    const line = (await (await lines()).findByText('from a')).closest(
      '[data-index]',
    );
    expect(line).toHaveTextContent(/^2afrom a$/);
    const sources = screen.getByRole('list', {
      name: 'Sources of these lines',
    });
    expect(sources).toHaveTextContent(
      '2 pods are read, 1 are not: choose a pod to read one of them',
    );
    act(() =>
      log.tell({
        type: 'state',
        source: 1,
        state: 'gone',
        why: 'The pod was deleted',
      }),
    );
    await waitFor(() =>
      expect(sources).toHaveTextContent('agoneThe pod was deleted'),
    );
    act(() => log.write('z goes on\n'));
    expect(await (await lines()).findByText('z goes on')).toBeInTheDocument();
    expect(await downloaded()).toBe(
      '[orders-z orders] from z\n[orders-a orders] from a\n[orders-z orders] z goes on\n',
    );
  });

  it('are those of all containers, of a time, or of one pod, on request', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />, { path: WORKLOAD });
    await waitFor(() => expect(log.requests).toHaveLength(1));
    const choose = async (what: RegExp, option: string) => {
      await userEvent.click(screen.getByRole('button', { name: what }));
      await userEvent.click(
        await screen.findByRole('option', { name: option }),
      );
    };
    await choose(/^Container/, 'All containers');
    await waitFor(() =>
      expect(log.requests[1]).toBe(`${OF_ALL}&tail=500&follow=true`),
    );
    await choose(/^From/, 'Last 5 minutes');
    await waitFor(() =>
      expect(log.requests[2]).toBe(
        `${OF_ALL}&tail=10000&since=300&follow=true`,
      ),
    );
    await choose(/^Pod/, 'orders-z');
    await drawer();
    await waitFor(() =>
      expect(log.requests[3]).toBe(
        `${OF_POD}&container=orders&tail=2000&follow=true`,
      ),
    );
  });

  it('show binary, escapes of terminals and endless lines as text that harms nobody', async () => {
    serveCrashing();
    const log = serveLog();
    renderOrders(<PodsCard />, { path: PATH });
    await waitFor(() => expect(log.requests).toHaveLength(1));
    act(() =>
      log.tell(
        [
          0,
          null,
          '\u001b[1;31mred\u001b[0m \u001b]0;title\u0007and \u0000\u0008',
        ],
        [0, null, '<img src=x onerror=alert(1)>'],
        [0, null, 'x'.repeat(60_000)],
      ),
    );
    expect(
      await (await lines()).findByText('red and \u2400\u2408'),
    ).toBeInTheDocument();
    expect(
      (await lines()).getByText('<img src=x onerror=alert(1)>'),
    ).toBeInTheDocument();
    expect(
      (await lines()).getByText(/52,000 more characters are in the download/),
    ).toBeInTheDocument();
  });
});
