import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { aGate, anInbox, aRun, aRunAtGates } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import {
  BASE_URL,
  BellSignals,
  renderPage,
} from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const waiting = (gate = aGate()) => ({
  run: aRunAtGates([gate]),
  planHash: 'sha256:aaaa',
  gate,
});

function serve(inbox = anInbox()) {
  const backend = { inbox, said: [] as unknown[] };
  server.use(
    http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(backend.inbox)),
    http.get(`${BASE_URL}/v1/runs/run-412`, () =>
      HttpResponse.json(aRunAtGates([aGate()])),
    ),
    http.post(`${BASE_URL}/v1/gates/gate-1/:verb`, async ({ request }) => {
      backend.said.push(await request.json());
      backend.inbox = anInbox();
      return HttpResponse.json(aRun());
    }),
  );
  return backend;
}

describe('the page of approvals', () => {
  it('says that nothing waits', async () => {
    serve();
    renderPage('/runs/approvals');
    expect(
      await screen.findByRole('heading', { name: 'Nothing waits for you' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Approvals' })).toHaveAttribute(
      'aria-current',
      'page',
    );
  });

  it('lists what waits for me, with its count, and takes my word there', async () => {
    const backend = serve(anInbox({ forMe: [waiting()] }));
    renderPage('/runs/approvals');
    expect(await screen.findByText('1 run waits for you')).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Approvals (1)' }),
    ).toBeInTheDocument();
    const list = screen.getByRole('region', { name: 'Waits for you' });
    expect(
      within(list).getByRole('link', {
        name: '#412 Ship v5.3.25 to 2 clusters',
      }),
    ).toHaveAttribute('href', '/runs/run-412');
    expect(list).toHaveTextContent('asked for by dana');
    expect(list).toHaveTextContent('Reason: Checkout is slow');
    expect(list).toHaveTextContent('1 of 2 approvals');

    await userEvent.click(
      within(list).getByRole('button', { name: 'Approve…' }),
    );
    // Nobody approves what was not shown.
    expect(await screen.findByText('orders:v5.3.25')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', {
        name: 'Approve: Ship v5.3.25 to 2 clusters',
      }),
    );
    await waitFor(() =>
      expect(backend.said).toEqual([{ planHash: 'sha256:aaaa' }]),
    );
    expect(
      await screen.findByRole('heading', { name: 'Nothing waits for you' }),
    ).toBeInTheDocument();
  });

  it('shows what I asked for apart, and changes by itself', async () => {
    const backend = serve();
    const signals = new BellSignals();
    renderPage('/runs/approvals', { signals });
    await screen.findByRole('heading', { name: 'Nothing waits for you' });
    const gate = aGate({
      verbs: [
        {
          verb: 'approve',
          allowed: false,
          why: 'You asked for it: somebody else has to agree',
        },
      ],
    });
    backend.inbox = anInbox({ mine: [waiting(gate)] });
    act(() => signals.ring('runs:all', { hash: 'h2' }));
    const mine = await screen.findByRole('region', {
      name: 'You asked for, and others must answer',
    });
    expect(
      within(mine).getByRole('button', { name: 'Approve…' }),
    ).toBeDisabled();
    expect(screen.getByRole('link', { name: 'Approvals' })).toBeInTheDocument();
  });

  it('says that it cannot be shown, and tries again', async () => {
    let broken = true;
    serve();
    server.use(
      http.get(`${BASE_URL}/v1/gates`, () =>
        broken
          ? refusal(403, 'NotAllowedError', 'You may not see runs')
          : HttpResponse.json(anInbox()),
      ),
    );
    renderPage('/runs/approvals');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'You may not see runs',
    );
    broken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('heading', { name: 'Nothing waits for you' }),
    ).toBeInTheDocument();
  });
});
