import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { RunDetail, RunStep } from '@switchyard/backstage-plugin-runs-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { aRunDetail, aState, ORDERS } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import {
  BASE_URL,
  BellSignals,
  renderPage,
} from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const lockBlocker = {
  type: 'lock' as const,
  what: 'Locked',
  why: 'Black Friday rehearsal.',
  liftedBy: ['user:default/omar'],
};

function serve(run: RunDetail) {
  const backend = { run, posts: [] as string[] };
  server.use(
    http.get(`${BASE_URL}/v1/runs/run-412`, () =>
      HttpResponse.json(backend.run),
    ),
    http.get(`${BASE_URL}/v1/runs/run-412/steps/:id/log`, ({ params }) =>
      HttpResponse.json({
        items: backend.run.steps.find(step => step.id === params.id)?.log ?? [],
      }),
    ),
    http.post(`${BASE_URL}/v1/runs/*`, ({ request }) => {
      backend.posts.push(new URL(request.url).pathname);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return backend;
}

const step = (name: RegExp) => screen.getByRole('button', { name });
const panel = (name: string) =>
  screen.findByRole('region', { name: `Step ${name}` });

function withStep(id: string, change: Partial<RunStep>): RunStep[] {
  return aRunDetail().steps.map(each =>
    each.id === id ? { ...each, ...change } : each,
  );
}

describe('the page of a run', () => {
  it('says what, target, who, why and how far', async () => {
    serve(aRunDetail());
    renderPage('/runs/run-412');
    expect(
      await screen.findByRole('heading', {
        name: 'Run #412 Ship v5.3.25 to 2 clusters',
      }),
    ).toBeInTheDocument();
    expect(screen.getByText('Checkout is slow')).toBeInTheDocument();
    expect(screen.getByText('production')).toBeInTheDocument();
    expect(screen.getByText('orders').closest('a')).toHaveAttribute(
      'href',
      '/catalog/default/component/orders',
    );
    expect(screen.getByText('dana')).toBeInTheDocument();
    expect(
      screen.getByRole('progressbar', { name: '3 of 5 steps done' }),
    ).toBeInTheDocument();
  });

  it('leads to the runs that it was made from, replaces and was replaced by', async () => {
    serve(
      aRunDetail({
        forkedFrom: { id: 'run-400', number: 400, title: 'Ship v5.3.22' },
        replaces: { id: 'run-410', number: 410, title: 'Ship v5.3.23' },
        replacedBy: { id: 'run-413', number: 413, title: 'Ship v5.3.26' },
      }),
    );
    renderPage('/runs/run-412');
    for (const [name, id] of [
      ['#400 Ship v5.3.22', 'run-400'],
      ['#410 Ship v5.3.23', 'run-410'],
      ['#413 Ship v5.3.26', 'run-413'],
    ])
      expect(await screen.findByRole('link', { name })).toHaveAttribute(
        'href',
        `/runs/${id}`,
      );
  });

  it('lists the runs that it asks for, and leads from one to its parent', async () => {
    const { steps: _steps, ...orders } = aRunDetail({
      id: 'run-413',
      number: 413,
      status: 'failed',
      cause: 'Sync orders-green: refused',
    });
    serve(
      aRunDetail({
        entityRef: 'system:default/storefront',
        parent: { id: 'run-400', number: 400, title: 'Everything' },
        children: [
          {
            id: 'orders',
            entityRef: ORDERS,
            title: 'Ship v5.3.25',
            run: orders,
          },
          {
            id: 'search',
            entityRef: 'component:default/search',
            title: 'Ship search',
          },
          { id: 'secret' },
        ],
      }),
    );
    renderPage('/runs/run-412');
    const table = await screen.findByRole('table', {
      name: 'Runs that it asks for',
    });
    const rows = within(table).getAllByRole('row').slice(1);
    expect(rows[0]).toHaveTextContent(
      /^Failed#413 Ship v5.3.25 to 2 clusters.*orders.*refused/,
    );
    expect(within(rows[0]).getByRole('link', { name: /#413/ })).toHaveAttribute(
      'href',
      '/runs/run-413',
    );
    expect(rows[1]).toHaveTextContent(/^Not asked for yetShip search/);
    expect(rows[2]).toHaveTextContent('Of a component that you may not see');
    expect(screen.getByText('System')).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: '#400 Everything' }),
    ).toHaveAttribute('href', '/runs/run-400');
  });

  it('shows the steps in the order of their graph, and the running one opened', async () => {
    serve(aRunDetail());
    renderPage('/runs/run-412');
    const steps = await screen.findByRole('list', { name: 'Steps' });
    const names = within(steps)
      .getAllByRole('button')
      .map(button => button.textContent);
    expect(names[0]).toMatch(/^Commit to deploy-blueSucceeded0:02/);
    expect(names[1]).toMatch(/^Commit to deploy-greenSucceeded0:03/);
    expect(names[2]).toMatch(/^Sync orders-blueSucceeded0:17/);
    expect(names[3]).toMatch(/^Sync orders-greenNot started/);
    expect(names[4]).toMatch(/^Wait for pods in prod-blueRunning/);
    expect(
      within(steps).getAllByRole('list', { name: '2 at the same time' }),
    ).toHaveLength(2);

    const open = await panel('Wait for pods in prod-blue');
    expect(within(open).getByText('3 of 5 pods ready')).toBeInTheDocument();
    expect(
      within(open).getByText('orders-7d9 restarted once'),
    ).toBeInTheDocument();
    expect(step(/Wait for pods/)).toHaveAttribute('aria-current', 'step');
  });

  it('opens the step that the address names, and another by keyboard', async () => {
    serve(aRunDetail());
    renderPage('/runs/run-412?step=commit.blue');
    const commit = await panel('Commit to deploy-blue');
    expect(
      within(commit).getByRole('link', { name: /4f2a9c1/ }),
    ).toHaveAttribute(
      'href',
      'https://git.example.com/deploy-blue/commit/4f2a9c1',
    );
    expect(within(commit).getByText('Pushed 4f2a9c1')).toBeInTheDocument();

    act(() => step(/Sync orders-green/).focus());
    await userEvent.keyboard('{Enter}');
    const sync = await panel('Sync orders-green');
    expect(
      within(sync).getByText('The step has not started.'),
    ).toBeInTheDocument();
  });

  it('follows the run without losing the chosen step', async () => {
    const backend = serve(aRunDetail());
    const signals = new BellSignals();
    renderPage('/runs/run-412?step=commit.blue', { signals });
    await panel('Commit to deploy-blue');
    backend.run = aRunDetail({
      hash: 'h2',
      status: 'failed',
      cause: 'orders-7d9 crashed: exit code 1',
      finishedAt: '2026-11-21T08:01:00.000Z',
      verbs: [],
      steps: withStep('rollout.blue', {
        status: 'failed',
        error: 'orders-7d9 crashed: exit code 1',
        finishedAt: '2026-11-21T08:01:00.000Z',
      }),
    });
    act(() => signals.ring('runs:run:412', { hash: 'h2' }));
    expect(
      await screen.findByText('orders-7d9 crashed: exit code 1'),
    ).toBeInTheDocument();
    expect(await panel('Commit to deploy-blue')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Cancel run…' }),
    ).not.toBeInTheDocument();
    expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
    expect(
      screen.getByText('Run #412 failed: orders-7d9 crashed: exit code 1', {
        exact: false,
      }),
    ).toHaveAttribute('role', 'status');
  });

  it('cancels after saying what that does', async () => {
    const backend = serve(aRunDetail());
    renderPage('/runs/run-412');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Cancel run…' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(
      'The step that runs now is finished first; no further one starts. What has been changed stays: “Commit to deploy-blue”.',
    );
    expect(backend.posts).toEqual([]);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Cancel run #412' }),
    );
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(backend.posts).toEqual(['/api/runs/v1/runs/run-412/cancel']);
  });

  it('keeps a verb that is not allowed, disabled, with the reason', async () => {
    serve(
      aRunDetail({
        verbs: [
          {
            verb: 'cancel',
            allowed: false,
            why: 'Only storefront may cancel this run.',
          },
        ],
      }),
    );
    renderPage('/runs/run-412');
    const button = await screen.findByRole('button', { name: 'Cancel run…' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'Cancel run is not possible: Only storefront may cancel this run.',
    );
  });

  it('says why a run is parked, and lets it go on once nothing stands in the way', async () => {
    const waiting = {
      reason: 'parked' as const,
      message: 'Locked before the push to deploy-green.',
      since: '2026-11-21T08:00:05.000Z',
      blockers: [lockBlocker],
    };
    const backend = serve(
      aRunDetail({
        status: 'waiting',
        waiting,
        // Taken up, and parked before it did anything.
        steps: withStep('sync.green', {
          status: 'pending',
          startedAt: '2026-11-21T08:00:05.000Z',
        }),
        verbs: [
          { verb: 'confirm', allowed: false, why: 'The lock still holds.' },
        ],
      }),
    );
    const signals = new BellSignals();
    renderPage('/runs/run-412', { signals });
    const banner = await screen.findByRole('region', {
      name: 'Why this run waits',
    });
    expect(banner).toHaveTextContent('Parked: something stands in the way');
    expect(banner).toHaveTextContent('Black Friday rehearsal.');
    expect(step(/Sync orders-green/)).toHaveTextContent(/Not started–/);
    expect(
      within(banner).getByRole('button', { name: 'Go on…' }),
    ).toBeDisabled();

    backend.run = aRunDetail({
      hash: 'h2',
      status: 'waiting',
      waiting: { ...waiting, ready: true },
      verbs: [{ verb: 'confirm', allowed: true }],
    });
    act(() => signals.ring('runs:run:412', { hash: 'h2' }));
    expect(
      await screen.findByText('Ready to go on: confirm it'),
    ).toBeInTheDocument();
    expect(banner).toHaveTextContent(
      'It was parked: Locked before the push to deploy-green.',
    );
    expect(banner).not.toHaveTextContent('Black Friday rehearsal.');
    await userEvent.click(screen.getByRole('button', { name: 'Go on…' }));
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Go on: Ship v5.3.25 to 2 clusters',
      }),
    );
    await waitFor(() =>
      expect(backend.posts).toEqual(['/api/runs/v1/runs/run-412/confirm']),
    );
  });

  it('leads to the run that is ahead', async () => {
    serve(
      aRunDetail({
        status: 'waiting',
        startedAt: undefined,
        waiting: {
          reason: 'key-taken',
          message: 'Another run of orders is ahead.',
          since: '2026-11-21T08:00:00.000Z',
          blockers: [],
          behind: { id: 'run-411', number: 411, title: 'Ship v5.3.24' },
        },
      }),
    );
    renderPage('/runs/run-412');
    expect(
      await screen.findByRole('link', { name: 'run #411' }),
    ).toHaveAttribute('href', '/runs/run-411');
    expect(screen.getByText('Waiting for its turn')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Go on…' }),
    ).not.toBeInTheDocument();
  });

  it('tries a failed step again, and says so when the backend refuses', async () => {
    const backend = serve(
      aRunDetail({
        status: 'failed',
        verbs: [{ verb: 'retry-step', stepId: 'rollout.blue', allowed: true }],
        steps: withStep('rollout.blue', {
          status: 'failed',
          error: 'crashed',
        }),
      }),
    );
    server.use(
      http.post(
        `${BASE_URL}/v1/runs/run-412/steps/rollout.blue/retry`,
        () => refusal(409, 'ConflictError', 'Run #413 has the target now.'),
        { once: true },
      ),
    );
    renderPage('/runs/run-412');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Try again…' }),
    );
    const confirm = await screen.findByRole('button', {
      name: 'Try this step again',
    });
    await userEvent.click(confirm);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Run #413 has the target now.',
    );
    await userEvent.click(confirm);
    await waitFor(() =>
      expect(backend.posts).toEqual([
        '/api/runs/v1/runs/run-412/steps/rollout.blue/retry',
      ]),
    );
  });

  it('shows the plan as it was confirmed', async () => {
    serve(aRunDetail());
    renderPage('/runs/run-412');
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'The plan as it was confirmed',
      }),
    );
    expect(await screen.findByText('orders:v5.3.24')).toBeInTheDocument();
  });

  it.each([
    [404, 'NotFoundError'],
    [400, 'InputError'],
  ])('says that there is no such run (%d)', async (status, name) => {
    server.use(
      http.get(`${BASE_URL}/v1/runs/nowhere`, () =>
        refusal(status, name, 'No run nowhere'),
      ),
    );
    renderPage('/runs/nowhere');
    expect(await screen.findByText('There is no such run')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'All runs' })).toHaveAttribute(
      'href',
      '/runs',
    );
  });

  it('says that the run cannot be shown, with the request id, and tries again', async () => {
    let broken = true;
    server.use(
      http.get(`${BASE_URL}/v1/runs/run-412`, () =>
        broken
          ? refusal(500, 'Error', 'Something broke.', 'req-42')
          : HttpResponse.json(aRunDetail()),
      ),
      http.get(`${BASE_URL}/v1/runs/run-412/steps/:id/log`, () =>
        HttpResponse.json({ items: [] }),
      ),
    );
    renderPage('/runs/run-412');
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The run cannot be shown.');
    expect(alert).toHaveTextContent('Request req-42');
    broken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('heading', { name: /Run #412/ }),
    ).toBeInTheDocument();
  });

  it('is asked for again with changes, where the backend allows it', async () => {
    const request = {
      action: 'hotfix',
      entityRef: ORDERS,
      environment: 'production',
      input: { version: 'v5.3.25' },
      forkedFrom: 'run-412',
    };
    serve(
      aRunDetail({
        status: 'failed',
        verbs: [{ verb: 'fork', allowed: true }],
      }),
    );
    let isGone = true;
    const previews: unknown[] = [];
    server.use(
      http.post(`${BASE_URL}/v1/runs/run-412/fork`, () =>
        isGone
          ? refusal(409, 'ConflictError', 'The component is gone.')
          : HttpResponse.json({ request, preview: undefined }),
      ),
      http.post(`${BASE_URL}/v1/previews`, async ({ request: body }) => {
        previews.push(await body.json());
        return refusal(
          503,
          'ServiceUnavailableError',
          'Git cannot be reached.',
        );
      }),
      http.get(`${BASE_URL}/v1/entities/component/default/orders/state`, () =>
        HttpResponse.json(aState()),
      ),
    );
    renderPage('/runs/run-412');
    const button = await screen.findByRole('button', {
      name: 'Run again with changes…',
    });
    await userEvent.click(button);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The component is gone.',
    );
    isGone = false;
    await userEvent.click(button);
    const walk = await screen.findByRole('dialog', {
      name: 'Run #412 again with changes',
    });
    // No form of the action is known to this page: it begins with the change.
    expect(
      await within(walk).findByText('Git cannot be reached.'),
    ).toBeInTheDocument();
    expect(previews[0]).toMatchObject({ input: { version: 'v5.3.25' } });
  });

  it('looks at the world for a run that stopped without a clear end', async () => {
    serve(
      aRunDetail({
        status: 'needs-attention',
        steps: withStep('rollout.blue', { status: 'needs-attention' }),
      }),
    );
    server.use(
      http.get(`${BASE_URL}/v1/runs/run-412/evidence`, () =>
        HttpResponse.json({
          runId: 'run-412',
          asOf: new Date().toISOString(),
          steps: [
            {
              stepId: 'rollout.blue',
              title: 'Wait for pods in prod-blue',
              finding: 'not-readable',
              message: 'Cluster prod-blue does not answer',
              changes: [],
              details: [],
            },
          ],
        }),
      ),
    );
    renderPage('/runs/run-412');
    const world = await screen.findByRole('region', { name: 'The world now' });
    await waitFor(() =>
      expect(world).toHaveTextContent(
        /Not readable.*Cluster prod-blue does not answer/,
      ),
    );
  });

  it('searches the log of a step, and says how many lines match', async () => {
    const line = (index: number) => ({
      at: `2026-11-21T08:00:${String(10 + index)}.000Z`,
      level: 'info' as const,
      message: index === 7 ? 'orders-7d9 was OOMKilled' : `pod ${index} ready`,
    });
    serve(
      aRunDetail({
        steps: withStep('rollout.blue', {
          log: Array.from({ length: 20 }, (_, index) => line(index)),
        }),
      }),
    );
    renderPage('/runs/run-412');
    const rollout = await panel('Wait for pods in prod-blue');
    await userEvent.type(
      within(rollout).getByRole('searchbox', { name: 'Search the log' }),
      'oomk',
    );
    expect(rollout).toHaveTextContent('1 of 20 lines match');
    expect(within(rollout).getAllByRole('listitem')).toHaveLength(1);
    await userEvent.type(within(rollout).getByRole('searchbox'), 'zzz');
    expect(rollout).toHaveTextContent('No line matches.');
  });

  it('says of a step that it takes longer than expected, and of no other', async () => {
    const expectedBy = new Date(Date.now() - 60_000).toISOString();
    serve(
      aRunDetail({
        currentStep: {
          id: 'rollout.blue',
          title: 'Wait for pods in prod-blue',
          expectedBy,
        },
        steps: withStep('rollout.blue', { expectedBy }),
      }),
    );
    renderPage('/runs/run-412');
    const row = await screen.findByRole('button', {
      name: /^Wait for pods in prod-blue/,
    });
    expect(row).toHaveTextContent('Takes longer than expected');
    // In the header, in the list of steps, and at the step that is shown.
    expect(screen.getAllByText('Takes longer than expected')).toHaveLength(3);
  });

  it('saves the whole log as a file', async () => {
    serve(aRunDetail());
    server.use(
      http.get(
        `${BASE_URL}/v1/runs/run-412/log`,
        () => new HttpResponse('Run #412: Ship v5.3.25'),
      ),
    );
    const saved: Blob[] = [];
    const names: string[] = [];
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => {
        saved.push(blob);
        return 'blob:log';
      },
      revokeObjectURL: () => {},
    });
    const click = jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(function download(this: HTMLAnchorElement) {
        names.push(this.download);
      });
    renderPage('/runs/run-412');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Download log' }),
    );
    await waitFor(() => expect(names).toEqual(['run-412.log']));
    expect(saved[0].size).toBe('Run #412: Ship v5.3.25'.length);
    click.mockRestore();
  });
});
