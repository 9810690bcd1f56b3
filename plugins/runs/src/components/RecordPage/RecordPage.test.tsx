import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import {
  RecordNumbers,
  RecordReport,
} from '@switchyard/backstage-plugin-runs-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import { BASE_URL, renderPage } from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const numbers: RecordNumbers = {
  runs: 9,
  succeeded: 7,
  failed: 1,
  cancelled: 1,
  rollbacks: 1,
  durationP50Ms: 180_000,
  durationP95Ms: 600_000,
  leadP50Ms: 7_200_000,
  leadP95Ms: 9_000_000,
  savedMs: 3_600_000,
};

function aReport(overrides: Partial<RecordReport> = {}): RecordReport {
  return {
    from: '2026-08-24T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    asOf: '2026-11-21T12:00:00.000Z',
    by: 'week',
    total: numbers,
    series: [
      { at: '2026-11-09T00:00:00.000Z', ...numbers, durationP50Ms: undefined },
      { at: '2026-11-16T00:00:00.000Z', ...numbers },
    ],
    components: [{ entityRef: 'component:default/orders', ...numbers }],
    actions: [{ action: 'hotfix', ...numbers }],
    choices: {
      components: ['component:default/orders'],
      systems: ['system:default/storefront'],
      teams: ['group:default/storefront'],
    },
    manual: { defaultMs: 1_200_000, actionsMs: { rollback: 1_800_000 } },
    ...overrides,
  };
}

function serve(answer: () => Response) {
  const queries: URLSearchParams[] = [];
  server.use(
    http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
    http.get(`${BASE_URL}/v1/kinds`, () => HttpResponse.json({ items: [] })),
    http.get(`${BASE_URL}/v1/record`, ({ request }) => {
      queries.push(new URL(request.url).searchParams);
      return answer();
    }),
  );
  return queries;
}

describe('the record page', () => {
  it('says how deploys went, in numbers, charts and tables', async () => {
    serve(() => HttpResponse.json(aReport()));
    renderPage('/runs/record');
    expect(await screen.findByText('12.5 %', { selector: 'dd' })).toBeVisible();
    for (const [name, value] of [
      ['Rollback rate', '14.3 %'],
      ['Duration, median', '3 min'],
      ['Duration, 95 of 100 within', '10 min'],
      ['Lead time, median', '2 h'],
      ['Time saved', '1 h'],
    ]) {
      const fact = screen.getByText(name, { selector: 'dt' }).parentElement!;
      expect(fact).toHaveTextContent(value);
    }
    // Each point can be read and reached without seeing the chart, and opens its runs.
    const chart = screen.getByRole('group', { name: 'Runs per week' });
    const point = within(chart).getByRole('link', {
      name: '2026-11-16, Succeeded 7, Failed 1, Cancelled 1',
    });
    expect(point).toHaveAttribute(
      'href',
      '/runs?from=2026-11-16&to=2026-11-22',
    );
    const durations = screen.getByRole('group', {
      name: 'Duration of what succeeded',
    });
    expect(
      within(durations).getByRole('link', {
        name: '2026-11-09, 95 of 100 within 10 min',
      }),
    ).toBeInTheDocument();
    const table = screen.getByRole('table', { name: 'Record by component' });
    expect(within(table).getAllByRole('row')[1]).toHaveTextContent('orders');
    expect(screen.getByText(/by hand: 20 min, rollback 30 min/)).toBeVisible();
  });

  it('takes its filters from the address and puts them there', async () => {
    const queries = serve(() =>
      HttpResponse.json(aReport({ total: { ...numbers, runs: 0 } })),
    );
    renderPage('/runs/record?team=group:default/storefront&days=7&entity=:');
    expect(
      await screen.findByText('No run ended in this time'),
    ).toBeInTheDocument();
    expect(queries[0].get('team')).toBe('group:default/storefront');
    expect(queries[0].has('entityRef')).toBe(false);
    const days = (query: URLSearchParams) =>
      (Date.parse(query.get('to')!) - Date.parse(query.get('from')!)) /
      86_400_000;
    expect(days(queries[0])).toBe(7);
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    await waitFor(() => expect(queries).toHaveLength(2));
    expect(queries[1].has('team')).toBe(false);
    expect(days(queries[1])).toBe(90);
  });

  it('keeps the old numbers and says what is wrong', async () => {
    let isDown = false;
    serve(() =>
      isDown
        ? refusal(503, 'ServiceUnavailableError', 'The database is away')
        : HttpResponse.json(aReport()),
    );
    renderPage('/runs/record');
    await screen.findByText('12.5 %', { selector: 'dd' });
    isDown = true;
    await userEvent.click(screen.getByLabelText('Team'));
    await userEvent.click(
      await screen.findByRole('option', { name: 'storefront' }),
    );
    expect(
      await screen.findByText(/The numbers may be out of date/),
    ).toBeInTheDocument();
    expect(screen.getByText('12.5 %', { selector: 'dd' })).toBeInTheDocument();
    isDown = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() =>
      expect(
        screen.queryByText(/The numbers may be out of date/),
      ).not.toBeInTheDocument(),
    );
  });
});
