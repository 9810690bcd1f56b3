import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { AuditEntry } from '@switchyard/backstage-plugin-runs-common';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import { BASE_URL, renderPage } from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const effect: AuditEntry = {
  id: '12',
  at: '2026-11-21T08:00:00.000Z',
  event: 'effect',
  actor: 'user:default/dana',
  entityRef: 'component:default/orders',
  environment: 'production',
  action: 'hotfix',
  run: { id: 'run-412', number: 412 },
  what: 'image of Deployment orders',
  before: 'v5.3.24',
  after: 'v5.3.25',
  details: { system: 'git', cluster: 'prod-blue', ref: 'abc123' },
};
const ended: AuditEntry = {
  id: '11',
  at: '2026-11-21T07:59:00.000Z',
  event: 'from-a-newer-backend',
  what: 'Ship v5.3.24',
  reason: 'It broke',
};

function serve(answer: (query: URLSearchParams) => Response) {
  const queries: string[] = [];
  server.use(
    http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
    http.get(`${BASE_URL}/v1/audit`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      queries.push(query.toString());
      return answer(query);
    }),
  );
  return queries;
}

const rows = () =>
  within(screen.getByRole('table', { name: 'Audit trail' }))
    .getAllByRole('row')
    .slice(1)
    .map(row => row.textContent);

describe('the audit page', () => {
  it('says who did what, before, after, why and in which run, page by page', async () => {
    const queries = serve(query =>
      HttpResponse.json(
        query.get('cursor') === '12'
          ? { items: [ended] }
          : { items: [effect], nextCursor: '12' },
      ),
    );
    renderPage('/runs/audit');
    const older = await screen.findByRole('button', {
      name: 'Show older entries',
    });
    const [first] = rows();
    for (const text of [
      'dana',
      'Changed another system',
      'image of Deployment orders',
      'git · prod-blue · abc123',
      'v5.3.24',
      'v5.3.25',
    ])
      expect(first).toContain(text);
    expect(screen.getByRole('link', { name: '#412' })).toHaveAttribute(
      'href',
      '/runs/run-412',
    );
    await userEvent.click(older);
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(rows()[1]).toContain('from-a-newer-backend');
    expect(rows()[1]).toContain('Switchyard');
    expect(rows()[1]).toContain('It broke');
    expect(screen.queryByText('Show older entries')).not.toBeInTheDocument();
    expect(queries).toEqual(['', 'cursor=12']);
  });

  it('takes its filters from the address and puts them there', async () => {
    const queries = serve(() => HttpResponse.json({ items: [] }));
    renderPage(
      '/runs/audit?entity=orders&person=dana&run=%23412&event=effect&from=nonsense',
    );
    expect(await screen.findByText('Nothing matches')).toBeInTheDocument();
    expect(Object.fromEntries(new URLSearchParams(queries[0]))).toEqual({
      entityRef: 'component:default/orders',
      person: 'user:default/dana',
      run: '412',
      event: 'effect',
    });
    const who = screen.getByLabelText('Who');
    await userEvent.clear(who);
    await userEvent.type(who, 'inge{Enter}');
    await waitFor(() => expect(queries[queries.length - 1]).toContain('inge'));
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    expect(
      await screen.findByText('Nothing has happened yet'),
    ).toBeInTheDocument();
  });

  it('hands out the same selection as a file', async () => {
    serve(() => HttpResponse.json({ items: [effect] }));
    const asked: string[] = [];
    const blobs: Blob[] = [];
    server.use(
      http.get(`${BASE_URL}/v1/audit/export`, ({ request }) => {
        asked.push(new URL(request.url).search);
        return asked.length === 1
          ? new HttpResponse('at,who\r\n')
          : refusal(503, 'ServiceUnavailableError', 'The database is away');
      }),
    );
    URL.createObjectURL = blob => {
      blobs.push(blob as Blob);
      return 'blob:x';
    };
    URL.revokeObjectURL = jest.fn();
    renderPage('/runs/audit?environment=production');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Export CSV' }),
    );
    await waitFor(() => expect(blobs).toHaveLength(1));
    expect(asked).toEqual(['?environment=production&format=csv']);
    expect(blobs[0].type).toBe('text/csv');
    await userEvent.click(screen.getByRole('button', { name: 'Export JSON' }));
    expect(
      await screen.findByText(/The file was not made/),
    ).toBeInTheDocument();
  });

  it('says why it cannot be shown, and tries again', async () => {
    let refused = true;
    serve(() =>
      refused
        ? refusal(403, 'NotAllowedError', 'You may not see the audit trail')
        : HttpResponse.json({ items: [effect] }),
    );
    renderPage('/runs/audit');
    expect(
      await screen.findByText(/You may not see the audit trail/),
    ).toBeInTheDocument();
    refused = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByText('image of Deployment orders'),
    ).toBeInTheDocument();
  });
});
