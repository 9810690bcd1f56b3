import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import {
  Blocker,
  EntityRunsState,
} from '@switchyard/backstage-plugin-runs-common';
import {
  act,
  fireEvent,
  screen,
  waitFor,
  within,
} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { aLock, aState, lockBlocker, ORDERS } from '../../__testUtils__';
import { BellSignals } from '../../__testUtils__/BellSignals';
import { refusal } from '../../__testUtils__/refusal';
import { BASE_URL, renderWithRuns } from '../../__testUtils__/renderWithRuns';
import { LocksSection } from './LocksSection';

const server = setupServer();
registerMswTestHooks(server);

const STATE_URL = `${BASE_URL}/v1/entities/component/default/orders/state`;

/** A backend whose state a test changes. */
function serveState(state: EntityRunsState) {
  const backend = { state, reads: 0 };
  server.use(
    http.get(STATE_URL, () => {
      backend.reads += 1;
      return HttpResponse.json(backend.state);
    }),
  );
  return backend;
}

describe('LocksSection', () => {
  it('says that no lock binds', async () => {
    serveState(aState());
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    expect(await screen.findByText('No lock binds')).toBeInTheDocument();
  });

  it('says that nothing blocks where every action of the viewer is allowed', async () => {
    const hotfix = {
      action: 'hotfix',
      title: 'Hotfix',
      visible: true,
      blockers: [],
      approvals: [],
      warnings: [],
    };
    serveState(
      aState({
        actions: [
          { ...hotfix, environment: 'production', allowed: true },
          { ...hotfix, environment: 'staging', allowed: false, visible: false },
        ],
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    expect(
      await screen.findByText('Nothing blocks a deploy'),
    ).toBeInTheDocument();
  });

  it('makes one request for all sections of a page', async () => {
    const backend = serveState(aState());
    renderWithRuns(
      <>
        <LocksSection entityRef={ORDERS} />
        <LocksSection entityRef={ORDERS} />
      </>,
    );
    expect(await screen.findAllByText('No lock binds')).toHaveLength(2);
    expect(backend.reads).toBe(1);
  });

  it('shows a lock that somebody else sets, as soon as the signal rings', async () => {
    const backend = serveState(aState());
    const signals = new BellSignals();
    renderWithRuns(<LocksSection entityRef={ORDERS} />, { signals });
    await screen.findByText('No lock binds');

    backend.state = aState({
      hash: 's2',
      locks: [aLock({ expiresAt: '2126-11-21T12:00:00.000Z' })],
    });
    act(() => signals.ring('runs:entity:x1', { hash: 's2' }));
    expect(await screen.findByText('Locked in production')).toBeInTheDocument();
    expect(screen.getByText('Black Friday rehearsal')).toBeInTheDocument();
    expect(screen.getByText('omar')).toBeInTheDocument();
    expect(screen.getByText(/^ends in/)).toBeInTheDocument();
    expect(screen.queryByText('No lock binds')).not.toBeInTheDocument();
  });

  it('sets a lock with a reason, an environment and an end in four hours', async () => {
    const backend = serveState(aState());
    let sent: any;
    server.use(
      http.post(`${BASE_URL}/v1/locks`, async ({ request }) => {
        sent = await request.json();
        backend.state = aState({ hash: 's2', locks: [aLock()] });
        return HttpResponse.json(aLock(), { status: 201 });
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Lock…' }));
    const dialog = await screen.findByRole('dialog');
    const reason = within(dialog).getByRole('textbox', { name: /Reason/ });
    expect(reason).toHaveFocus();

    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Lock orders' }),
    );
    expect(
      within(dialog).getByText('Say why, for those who find the lock.'),
    ).toBeInTheDocument();
    expect(reason).toBeInvalid();
    expect(sent).toBeUndefined();

    await userEvent.click(reason);
    await userEvent.paste('Checking\r\n\tthe queue');
    await userEvent.click(
      within(dialog).getByRole('button', { name: /All environments/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'production' }),
    );
    const before = Date.now();
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Lock orders in production' }),
    );
    expect(await screen.findByText('Locked in production')).toBeInTheDocument();
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(sent).toMatchObject({
      entityRef: ORDERS,
      environment: 'production',
      reason: 'Checking the queue',
    });
    const hours = (Date.parse(sent.expiresAt) - before) / 3_600_000;
    expect(hours).toBeGreaterThan(3.99);
    expect(hours).toBeLessThan(4.01);
  });

  it('sets a freeze that repeats, with its incident', async () => {
    const backend = serveState(aState());
    let sent: any;
    server.use(
      http.post(`${BASE_URL}/v1/locks`, async ({ request }) => {
        sent = await request.json();
        backend.state = aState({
          hash: 's2',
          locks: [aLock({ kind: 'freeze', scope: 'system', binds: false })],
        });
        return HttpResponse.json(aLock(), { status: 201 });
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Lock…' }));
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Reason/ }),
      'Weekend',
    );
    await userEvent.click(within(dialog).getByRole('button', { name: /Kind/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Freeze' }),
    );
    await userEvent.click(
      within(dialog).getByRole('checkbox', { name: /again and again/ }),
    );
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: 'Incident' }),
      'https://example.org/42',
    );
    const button = within(dialog).getByRole('button', {
      name: 'Freeze orders',
    });
    await userEvent.click(button);
    expect(
      within(dialog).getByText('Say when the first one begins.'),
    ).toBeInTheDocument();
    expect(sent).toBeUndefined();
    fireEvent.change(within(dialog).getByLabelText('First time'), {
      target: { value: '2026-01-02T18:00' },
    });
    await userEvent.click(button);
    expect(
      await screen.findByText('Freeze planned: all of orders in production'),
    ).toBeInTheDocument();
    expect(sent).toEqual({
      entityRef: ORDERS,
      kind: 'freeze',
      reason: 'Weekend',
      incident: 'https://example.org/42',
      expiresAt: null,
      schedule: {
        mode: 'deny',
        rule: 'FREQ=WEEKLY;BYDAY=FR',
        start: '2026-01-02T18:00',
        durationMinutes: 120,
        timeZone: expect.any(String),
      },
    });
    // What is planned forbids nothing yet.
    expect(screen.getByText('No lock binds')).toBeInTheDocument();
  });

  it('hands a lock of somebody else on, with a reason', async () => {
    serveState(
      aState({
        locks: [aLock({ release: { allowed: true, needsReason: true } })],
      }),
    );
    let sent: unknown;
    server.use(
      http.post(`${BASE_URL}/v1/locks/lock-1/transfer`, async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(aLock());
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Hand on…' }),
    );
    const dialog = await screen.findByRole('dialog');
    const button = within(dialog).getByRole('button', { name: 'Hand it on' });
    await userEvent.type(within(dialog).getByLabelText('Person'), 'dana');
    await userEvent.click(button);
    expect(within(dialog).getByText('Say why.')).toBeInTheDocument();
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Reason/ }),
      'Omar is away',
    );
    await userEvent.click(button);
    await waitFor(() =>
      expect(sent).toEqual({ to: 'user:default/dana', reason: 'Omar is away' }),
    );
  });

  it('keeps what was typed when the backend refuses, and says why', async () => {
    serveState(aState());
    server.use(
      http.post(`${BASE_URL}/v1/locks`, () =>
        refusal(403, 'Only owners may lock production.', 'req-77'),
      ),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Lock…' }));
    const reason = await screen.findByRole('textbox', { name: /Reason/ });
    await userEvent.type(reason, 'Checking');
    await userEvent.click(screen.getByRole('button', { name: 'Lock orders' }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The lock was not set.');
    expect(alert).toHaveTextContent('Only owners may lock production.');
    expect(alert).toHaveTextContent('Request req-77');
    expect(reason).toHaveValue('Checking');
  });

  it('offers only the environments that one may lock', async () => {
    const [production, development] = aState().actions;
    serveState(
      aState({
        actions: [
          { ...production, allowed: false, blockers: [lockBlocker] },
          development,
        ],
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Lock…' }));
    expect(
      await screen.findByRole('button', { name: 'Lock orders in development' }),
    ).toBeEnabled();
    expect(screen.queryByText('All environments')).not.toBeInTheDocument();
  });

  it('releases a lock after a confirmation', async () => {
    const backend = serveState(aState({ locks: [aLock()] }));
    const released: string[] = [];
    server.use(
      http.post(`${BASE_URL}/v1/locks/:id/release`, ({ params }) => {
        released.push(String(params.id));
        backend.state = aState({ hash: 's2' });
        return new HttpResponse(null, { status: 204 });
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Release…' }),
    );
    expect(released).toEqual([]);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Release lock' }),
    );
    expect(await screen.findByText('No lock binds')).toBeInTheDocument();
    expect(released).toEqual(['lock-1']);
  });

  it('says who can release a lock when the viewer may not', async () => {
    serveState(
      aState({
        locks: [
          aLock({
            release: {
              allowed: false,
              why: 'You are not an owner.',
              needsReason: true,
            },
          }),
        ],
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    const button = await screen.findByRole('button', { name: 'Release…' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'Not yours to release: You are not an owner. Can be lifted by omar.',
    );
  });

  it('has no button for somebody who could never lock', async () => {
    serveState(
      aState({
        actions: aState().actions.map(each => ({ ...each, visible: false })),
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    await screen.findByText('No lock binds');
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('says what else stands in the way, by the titles of environments', async () => {
    const notPermitted: Blocker = {
      type: 'permission',
      what: 'Not permitted',
      why: 'You may not hotfix orders.',
      liftedBy: ['group:default/storefront'],
    };
    const hotfix = {
      action: 'hotfix',
      title: 'Hotfix',
      visible: true,
      allowed: false,
      approvals: [],
      warnings: [],
    };
    serveState(
      aState({
        actions: [
          {
            ...hotfix,
            environment: 'production',
            blockers: [notPermitted],
          },
          {
            ...hotfix,
            environment: 'development',
            blockers: [notPermitted],
          },
          {
            ...hotfix,
            action: 'restart',
            title: 'Restart',
            environment: 'production',
            visible: false,
            blockers: [{ ...notPermitted, why: 'You may never restart.' }],
          },
        ],
      }),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />, {
      config: {
        switchyard: {
          environments: [
            { name: 'production', title: 'Live' },
            { name: 'development' },
          ],
        },
      },
    });
    expect(await screen.findByText('No lock binds')).toBeInTheDocument();
    const others = screen
      .getByRole('heading', { name: 'What else stands in the way' })
      .closest('section')!;
    expect(
      within(others).getByText('Hotfix in Live, Hotfix in development'),
    ).toBeInTheDocument();
    expect(within(others).getAllByText('Not permitted')).toHaveLength(1);
    expect(
      within(others).getByText('You may not hotfix orders.'),
    ).toBeInTheDocument();
    expect(
      within(others).getByRole('link', { name: /storefront/i }),
    ).toBeInTheDocument();
    expect(others).not.toHaveTextContent('Restart');
    expect(screen.getByRole('status')).toHaveTextContent(
      'Blocked: Hotfix in Live, Hotfix in development, Not permitted',
    );
  });

  it('says of a lock once what it is, and whose it is; of one that may not be seen that it binds', async () => {
    const hotfix = {
      action: 'hotfix',
      title: 'Hotfix',
      environment: 'production',
      visible: true,
      allowed: false,
      approvals: [],
      warnings: [],
    };
    const backend = serveState(
      aState({
        locks: [aLock({ entityRef: 'component:default/checkout' })],
        actions: [{ ...hotfix, blockers: [lockBlocker] }],
      }),
    );
    const signals = new BellSignals();
    renderWithRuns(<LocksSection entityRef={ORDERS} />, { signals });
    expect(
      await screen.findByRole('link', { name: 'checkout' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByText('What else stands in the way'),
    ).not.toBeInTheDocument();

    backend.state = aState({
      hash: 's2',
      actions: [
        {
          ...hotfix,
          blockers: [{ ...lockBlocker, why: 'Another locked it.' }],
        },
      ],
    });
    act(() => signals.ring('runs:entity:x1', { hash: 's2' }));
    expect(await screen.findByText('Another locked it.')).toBeInTheDocument();
    expect(screen.getByText('Locked on another component')).toBeInTheDocument();
    expect(screen.getByRole('status')).toHaveTextContent(
      /^Locked on another component\./,
    );
    expect(screen.queryByText('No lock binds')).not.toBeInTheDocument();
  });

  it('says that locks cannot be shown, and never that there are none', async () => {
    server.use(
      http.get(STATE_URL, () => refusal(403, 'You may not see runs.', 'req-9')),
    );
    renderWithRuns(<LocksSection entityRef={ORDERS} />);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Locks cannot be shown.');
    expect(alert).toHaveTextContent('You may not see runs.');
    expect(screen.queryByText('No lock binds')).not.toBeInTheDocument();
  });
});
