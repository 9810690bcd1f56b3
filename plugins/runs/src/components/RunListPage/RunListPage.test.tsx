import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox, aRun } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import {
  BASE_URL,
  BellSignals,
  renderPage,
} from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const parked = aRun({
  id: 'run-410',
  number: 410,
  title: 'Ship v5.3.24',
  status: 'waiting',
  waiting: {
    reason: 'parked',
    message: 'Locked by omar',
    since: '2026-11-21T08:00:00.000Z',
    blockers: [],
  },
});
const searchRun = aRun({
  id: 'run-411',
  number: 411,
  title: 'Ship v1.0.1',
  entityRef: 'component:default/search',
  status: 'succeeded',
  finishedAt: '2026-11-21T08:02:11.000Z',
});

/** A backend that filters and pages as the real one does. */
function serve(items = [aRun(), searchRun, parked]) {
  const backend = { items, queries: [] as URLSearchParams[] };
  server.use(
    http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
    http.get(`${BASE_URL}/v1/kinds`, () =>
      HttpResponse.json({
        items: [
          { kind: 'hotfix', title: 'Hotfix' },
          { kind: 'sync', title: 'Sync' },
        ],
      }),
    ),
    http.get(`${BASE_URL}/v1/runs`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      backend.queries.push(query);
      const status = query.getAll('status');
      const limit = Number(query.get('limit') ?? 50);
      const before = Number(query.get('cursor') ?? Infinity);
      const entityRef = query.get('entityRef');
      const found = backend.items
        .filter(run => status.length === 0 || status.includes(run.status))
        .filter(run => !entityRef || run.entityRef === entityRef)
        .filter(run => [null, run.kind].includes(query.get('kind')))
        .filter(run =>
          [null, run.requestedBy].includes(query.get('requestedBy')),
        )
        .filter(run => run.number < before)
        .sort((a, b) => b.number - a.number);
      const page = found.slice(0, limit);
      return HttpResponse.json({
        items: page,
        channel: 'runs:all',
        nextCursor:
          found.length > limit ? String(page[limit - 1].number) : undefined,
      });
    }),
  );
  return backend;
}

function rows(): string[] {
  return within(screen.getByRole('table', { name: 'Runs' }))
    .getAllByRole('row')
    .slice(1)
    .map(row => row.textContent ?? '');
}

describe('the page of runs', () => {
  it('shows what needs a person first, with a sentence over it', async () => {
    serve();
    renderPage('/runs');
    expect(
      await screen.findByText('1 run needs a person, 1 is under way'),
    ).toBeInTheDocument();
    const [first, second, third] = rows();
    expect(first).toContain('Parked');
    expect(first).toContain('#410 Ship v5.3.24');
    expect(first).toContain('Locked by omar');
    expect(second).toContain('step 4/5 Wait for pods in prod-blue');
    expect(third).toContain('Succeeded');
    expect(third).toContain('2:10');
    expect(
      screen.getByRole('link', { name: '#410 Ship v5.3.24' }),
    ).toHaveAttribute('href', '/runs/run-410');
    expect(screen.getByText('search').closest('a')).toHaveAttribute(
      'href',
      '/catalog/default/component/search',
    );
  });

  it('takes its filters from the address', async () => {
    const backend = serve();
    renderPage('/runs?entity=sear&status=succeeded&status=nonsense');
    await screen.findByText('#411 Ship v1.0.1');
    expect(rows()).toHaveLength(1);
    expect(backend.queries.map(query => query.getAll('status'))).toEqual([
      ['succeeded'],
    ]);
    expect(screen.getByLabelText('Component')).toHaveValue('sear');
  });

  it('asks the backend by kind, environment, person and day, as the address says', async () => {
    const backend = serve();
    renderPage(
      '/runs?kind=hotfix&environment=production&person=dana&from=2026-11-01&to=2026-11-21',
    );
    await screen.findByText('#411 Ship v1.0.1');
    for (const query of backend.queries)
      expect(Object.fromEntries(query)).toMatchObject({
        kind: 'hotfix',
        environment: 'production',
        requestedBy: 'user:default/dana',
        from: new Date(2026, 10, 1).toISOString(),
        // The day itself is in it.
        to: new Date(2026, 10, 22).toISOString(),
      });
    expect(screen.getByLabelText('Asked for by')).toHaveValue('dana');
    expect(screen.getByLabelText('Until')).toHaveValue('2026-11-21');
  });

  it('takes a kind from the menu, and a person when the name is finished', async () => {
    const backend = serve();
    renderPage('/runs');
    await screen.findByText('#411 Ship v1.0.1');
    const asked = () => backend.queries.length;
    const before = asked();
    await userEvent.type(screen.getByLabelText('Asked for by'), 'omar');
    expect(asked()).toBe(before);
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByText('No run matches')).toBeInTheDocument();
    expect(backend.queries.at(-1)!.get('requestedBy')).toBe(
      'user:default/omar',
    );

    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    await screen.findByText('#411 Ship v1.0.1');
    await userEvent.click(screen.getByLabelText(/Kind/));
    await userEvent.click(await screen.findByRole('option', { name: 'Sync' }));
    expect(await screen.findByText('No run matches')).toBeInTheDocument();
    expect(backend.queries.at(-1)!.get('kind')).toBe('sync');
  });

  it('asks the backend for the runs of one component when its full ref is given', async () => {
    const backend = serve();
    renderPage('/runs?entity=component:default/orders');
    await screen.findByText('#410 Ship v5.3.24');
    expect(rows()).toHaveLength(2);
    for (const query of backend.queries) {
      expect(query.get('entityRef')).toBe('component:default/orders');
    }
  });

  it('filters as one types, and by state, without losing the old rows meanwhile', async () => {
    serve();
    renderPage('/runs');
    await screen.findByText('#411 Ship v1.0.1');
    await userEvent.type(screen.getByLabelText('Component'), 'orders');
    expect(rows()).toHaveLength(2);

    await userEvent.click(screen.getByLabelText(/State/));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Running' }),
    );
    expect(screen.getByRole('table', { hidden: true })).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(rows()[0]).toContain('#412');
  });

  it('says that nothing matches, and clears the filters', async () => {
    serve();
    renderPage('/runs?entity=nothing-like-it');
    expect(await screen.findByText('No run matches')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    expect(await screen.findByText('#411 Ship v1.0.1')).toBeInTheDocument();
  });

  it('changes its rows in place when a signal rings', async () => {
    const backend = serve();
    const signals = new BellSignals();
    renderPage('/runs', { signals });
    await screen.findByText('1 run needs a person, 1 is under way');
    backend.items = [
      aRun({ status: 'failed', cause: 'ImagePullBackOff: no such tag' }),
      searchRun,
      parked,
    ];
    act(() => signals.ring('runs:all', { hash: 'other' }));
    expect(await screen.findByText('2 runs need a person')).toBeInTheDocument();
    expect(rows()[0]).toContain('ImagePullBackOff: no such tag');
  });

  it('tells no runs from runs that cannot be shown', async () => {
    serve([]);
    const { unmount } = renderPage('/runs');
    expect(await screen.findByText('No runs yet')).toBeInTheDocument();
    unmount();

    server.use(
      http.get(`${BASE_URL}/v1/runs`, () =>
        refusal(403, 'NotAllowedError', 'You may not see runs.', 'req-1'),
      ),
    );
    renderPage('/runs');
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Runs cannot be shown.');
    expect(alert).toHaveTextContent('You may not see runs.');
    expect(alert).toHaveTextContent('req-1');
    expect(screen.queryByText('No runs yet')).not.toBeInTheDocument();
  });

  it('shows older runs when asked, and what needs a person however old it is', async () => {
    const runs = Array.from({ length: 250 }, (_, index) =>
      aRun({ id: `r${index}`, number: index + 1, status: 'succeeded' }),
    );
    runs[3] = { ...runs[3], status: 'dead', cause: 'Push refused' };
    serve(runs);
    renderPage('/runs');
    await screen.findByRole('table');
    expect(rows()).toHaveLength(101);
    expect(rows()[0]).toContain('#4 ');
    expect(rows()[0]).toContain('Push refused');

    await userEvent.click(
      screen.getByRole('button', { name: 'Show older runs' }),
    );
    await waitFor(() => expect(rows()).toHaveLength(201));
    await userEvent.click(
      screen.getByRole('button', { name: 'Show older runs' }),
    );
    await waitFor(() => expect(rows()).toHaveLength(250));
    expect(
      screen.queryByRole('button', { name: 'Show older runs' }),
    ).not.toBeInTheDocument();
    // Hundreds of rows are drawn three times.
  }, 120_000);
});
