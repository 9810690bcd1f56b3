import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import {
  Lock,
  LockCalendar,
  LockRequest,
} from '@switchyard/backstage-plugin-runs-common';
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import {
  BASE_URL,
  BellSignals,
  renderPage,
} from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const aFreeze = (more: Partial<Lock> = {}): Lock => ({
  id: 'f1',
  scope: 'environment',
  kind: 'freeze',
  environment: 'production',
  reason: 'Black Friday',
  createdBy: 'user:default/omar',
  createdAt: '2026-11-21T08:00:00.000Z',
  holder: 'user:default/omar',
  holderMayDeploy: false,
  binds: true,
  overdue: false,
  nextEnd: '2126-11-21T12:00:00.000Z',
  release: { allowed: true, needsReason: false },
  ...more,
});

function serve(locks: Lock[], calendar: LockCalendar = { items: [] }) {
  const backend = {
    locks,
    sent: [] as LockRequest[],
    scopes: ['component', 'system', 'environment', 'cluster', 'platform'],
  };
  server.use(
    http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
    http.get(`${BASE_URL}/v1/locks`, () =>
      HttpResponse.json({ items: backend.locks }),
    ),
    http.get(`${BASE_URL}/v1/lock-calendar`, () => HttpResponse.json(calendar)),
    http.get(`${BASE_URL}/v1/lock-places`, () =>
      HttpResponse.json({
        environments: ['production', 'development'],
        clusters: ['blue'],
        scopes: backend.scopes,
        channel: 'runs:locks',
      }),
    ),
    http.post(`${BASE_URL}/v1/locks`, async ({ request }) => {
      backend.sent.push((await request.json()) as LockRequest);
      backend.locks = [aFreeze()];
      return HttpResponse.json(aFreeze(), { status: 201 });
    }),
  );
  return backend;
}

describe('the page of locks and freezes', () => {
  it('says that there are none, and sets one on an environment', async () => {
    const backend = serve([]);
    renderPage('/runs/locks');
    expect(
      await screen.findByText('Nothing is locked or frozen now'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Locks & freezes' }),
    ).toHaveAttribute('aria-current', 'page');
    await userEvent.click(
      screen.getByRole('button', { name: 'Lock or freeze…' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Reason/ }),
      'Black Friday',
    );
    const button = within(dialog).getByRole('button', { name: 'Set the lock' });
    await userEvent.click(button);
    expect(
      within(dialog).getByText('Say which environment.'),
    ).toBeInTheDocument();
    await userEvent.click(
      within(dialog).getByRole('button', { name: /Environment/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'production' }),
    );
    await userEvent.click(button);
    expect(
      await screen.findByText('1 lock or freeze binds now'),
    ).toBeInTheDocument();
    expect(backend.sent).toMatchObject([
      { scope: 'environment', environment: 'production' },
    ]);
  });

  it('lists what binds and what is planned, narrowed by the address', async () => {
    serve([
      aFreeze(),
      aFreeze({
        id: 'w1',
        kind: 'warning',
        scope: 'platform',
        environment: undefined,
        reason: 'Slow registry',
        overdue: true,
        binds: false,
      }),
    ]);
    const { unmount } = renderPage('/runs/locks');
    expect(
      await screen.findByText('Frozen: all of production'),
    ).toBeInTheDocument();
    expect(screen.getByText('Warning: everything')).toBeInTheDocument();
    expect(screen.getByText(/expiry is overdue/)).toBeInTheDocument();
    unmount();
    renderPage('/runs/locks?kind=warning');
    expect(await screen.findByText('Slow registry')).toBeInTheDocument();
    expect(screen.queryByText('Black Friday')).not.toBeInTheDocument();
  });

  it('shows the next four weeks by days', async () => {
    const today = new Date();
    const at = (day: number, hour: number) =>
      new Date(
        today.getFullYear(),
        today.getMonth(),
        today.getDate() + day,
        hour,
      ).toISOString();
    serve([aFreeze({ binds: false })], {
      items: [
        {
          lock: aFreeze(),
          windows: [{ from: at(2, 18), to: at(4, 9) }],
        },
      ],
    });
    renderPage('/runs/locks?view=calendar');
    const days = within(
      await screen.findByRole('list', { name: 'The next four weeks' }),
    ).getAllByText(/^(Today, )?(Mon|Tue|Wed|Thu|Fri|Sat|Sun),/);
    expect(days).toHaveLength(28);
    for (const times of ['from 18:00', 'all day', 'until 9:00'])
      expect(
        screen.getByText(
          new RegExp(`${times}: all of production – Black Friday`),
        ),
      ).toBeInTheDocument();
  });

  it('follows what others do, and offers nothing to who may never lock', async () => {
    const backend = serve([]);
    backend.scopes = [];
    const signals = new BellSignals();
    renderPage('/runs/locks', { signals });
    await screen.findByText('Nothing is locked or frozen now');
    expect(
      screen.queryByRole('button', { name: 'Lock or freeze…' }),
    ).not.toBeInTheDocument();
    backend.locks = [
      aFreeze({ release: { allowed: false, needsReason: true } }),
    ];
    act(() => signals.ring('runs:locks', { hash: 'h2' }));
    expect(
      await screen.findByText('1 lock or freeze binds now'),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Release…' })).toBeDisabled();
  });

  it('says that it cannot be shown, and never that there are none', async () => {
    serve([]);
    server.use(
      http.get(`${BASE_URL}/v1/locks`, () =>
        refusal(403, 'You may not see locks', 'req-9'),
      ),
    );
    renderPage('/runs/locks');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Locks cannot be shown.',
    );
    expect(screen.queryByText(/Nothing is locked/)).not.toBeInTheDocument();
  });
});
