import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import {
  RunDetail,
  RunEvidence,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox, aRun, aRunDetail } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import { BASE_URL, renderPage } from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const unclear = {
  status: 'needs-attention' as const,
  cause: 'Sync orders-blue: The answer to the sync was lost',
  finishedAt: '2026-11-21T08:05:00.000Z',
};
const dead = aRun({
  id: 'run-420',
  number: 420,
  title: 'Restart chat',
  status: 'dead',
  cause: 'Wait for pods: The attempt took longer than 5 min',
});

const aLetter = (): RunDetail =>
  aRunDetail({
    ...unclear,
    steps: aRunDetail().steps.map(step =>
      step.id === 'sync.blue'
        ? {
            ...step,
            status: 'needs-attention',
            error: 'The answer to the sync was lost',
          }
        : step,
    ),
    verbs: [
      { verb: 'redrive', allowed: true },
      { verb: 'discard', allowed: true },
      { verb: 'retry-step', stepId: 'sync.blue', allowed: true },
      { verb: 'fork', allowed: false, why: 'You may not hotfix orders.' },
    ],
  });

const evidence = (message: string): RunEvidence => ({
  runId: 'run-412',
  asOf: new Date().toISOString(),
  steps: [
    {
      stepId: 'sync.blue',
      title: 'Sync orders-blue',
      cluster: 'prod-blue',
      finding: 'done',
      message,
      changes: [{ system: 'argocd', what: 'operation', ref: 'orders-blue' }],
      details: ['Found by the id of the run'],
    },
  ],
});

function serve(items: RunSummary[]) {
  const backend = { items, asked: '', posts: [] as unknown[], looks: 0 };
  server.use(
    http.get(`${BASE_URL}/v1/runs`, ({ request }) => {
      backend.asked = new URL(request.url).search;
      return HttpResponse.json({ items: backend.items });
    }),
    http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
    http.get(`${BASE_URL}/v1/runs/run-412`, () => HttpResponse.json(aLetter())),
    http.get(`${BASE_URL}/v1/runs/run-412/evidence`, () => {
      backend.looks += 1;
      return HttpResponse.json(
        evidence(`What the step was to do is there now (${backend.looks})`),
      );
    }),
    http.post(`${BASE_URL}/v1/runs/run-412/:verb`, async ({ request }) => {
      backend.posts.push([
        new URL(request.url).pathname.split('/').pop(),
        await request.json(),
      ]);
      backend.items = [];
      return HttpResponse.json(aRun());
    }),
  );
  return backend;
}

const letter = () =>
  screen.findByRole('region', { name: '#412 Ship v5.3.25 to 2 clusters' });

describe('the page of dead letters', () => {
  it('says that no run needs a decision', async () => {
    serve([]);
    renderPage('/runs/dead-letters');
    expect(
      await screen.findByRole('heading', { name: 'No dead letters' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Dead letters' })).toHaveAttribute(
      'aria-current',
      'page',
    );
  });

  it('says what is wrong when the list cannot be read, and tries again', async () => {
    const backend = serve([dead]);
    server.use(
      http.get(
        `${BASE_URL}/v1/runs`,
        () => refusal(403, 'NotAllowedError', 'You may not see runs'),
        { once: true },
      ),
    );
    renderPage('/runs/dead-letters');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'You may not see runs',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('1 run needs a decision')).toBeVisible();
    expect(backend.asked).toBe('?limit=100&status=needs-attention&status=dead');
  });

  it('shows unclear outcomes first, each with its cause in a line', async () => {
    serve([dead, aRun(unclear)]);
    renderPage('/runs/dead-letters');
    expect(
      await screen.findByText(
        '2 runs need a decision; of 1 it is not known whether a change happened',
      ),
    ).toBeInTheDocument();
    const letters = screen.getAllByRole('region', { name: /^#/ });
    expect(letters[0]).toHaveTextContent(/Needs attention#412/);
    expect(letters[0]).toHaveTextContent(unclear.cause);
    expect(letters[1]).toHaveTextContent(/Gave up#420 Restart chat/);
    expect(
      within(letters[0]).getByRole('link', { name: /#412/ }),
    ).toHaveAttribute('href', '/runs/run-412');
  });

  it('opened, tells what is known, what is not, and how the world stands now', async () => {
    const backend = serve([aRun(unclear)]);
    renderPage('/runs/dead-letters');
    const toggle = await screen.findByRole('button', {
      name: 'Look into it: run #412',
    });
    expect(backend.looks).toBe(0);
    await userEvent.click(toggle);
    expect(toggle).toHaveAttribute('aria-expanded', 'true');

    const known = await screen.findByRole('region', { name: 'What is known' });
    expect(known).toHaveTextContent('3 of 5 steps are done');
    expect(known).toHaveTextContent('4f2a9c1');
    expect(
      screen.getByRole('region', { name: 'What is not known' }),
    ).toHaveTextContent(
      'Whether “Sync orders-blue” happened: The answer to the sync was lost',
    );
    const world = screen.getByRole('region', { name: 'The world now' });
    await waitFor(() => expect(world).toHaveTextContent('Has happened'));
    expect(world).toHaveTextContent('Sync orders-blue · prod-blue');
    expect(world).toHaveTextContent('Found by the id of the run');
    expect(world).toHaveTextContent(/as of/);

    await userEvent.click(
      within(world).getByRole('button', { name: 'Look again' }),
    );
    await waitFor(() => expect(world).toHaveTextContent('is there now (2)'));
  });

  it('keeps what was seen when a system does not answer the next time', async () => {
    serve([aRun(unclear)]);
    renderPage('/runs/dead-letters?open=run-412');
    const world = await screen.findByRole('region', { name: 'The world now' });
    await waitFor(() => expect(world).toHaveTextContent('is there now (1)'));
    server.use(
      http.get(`${BASE_URL}/v1/runs/run-412/evidence`, () =>
        refusal(503, 'ServiceUnavailableError', 'The database is away'),
      ),
    );
    await userEvent.click(
      within(world).getByRole('button', { name: 'Look again' }),
    );
    expect(await within(world).findByRole('alert')).toHaveTextContent(
      'It could not be looked at again.',
    );
    expect(world).toHaveTextContent('is there now (1)');
  });

  it('discards with a reason, and is gone then', async () => {
    const backend = serve([aRun(unclear)]);
    renderPage('/runs/dead-letters?open=run-412');
    const article = await letter();
    expect(
      await within(article).findByRole('button', {
        name: 'Run again with changes…',
      }),
    ).toBeDisabled();
    await userEvent.click(
      within(article).getByRole('button', { name: 'Discard run…' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Discard run #412?',
    });
    const confirm = within(dialog).getByRole('button', {
      name: 'Discard run #412',
    });
    await userEvent.click(confirm);
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'Say why',
    );
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Reason/ }),
      'Synced by hand',
    );
    await userEvent.click(confirm);
    expect(
      await screen.findByRole('heading', { name: 'No dead letters' }),
    ).toBeInTheDocument();
    expect(backend.posts).toEqual([['discard', { reason: 'Synced by hand' }]]);
  });

  it('tries the whole run again', async () => {
    const backend = serve([aRun(unclear)]);
    renderPage('/runs/dead-letters?open=run-412');
    await userEvent.click(
      await within(await letter()).findByRole('button', {
        name: 'Try run again…',
      }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Try run #412 again' }),
    );
    await waitFor(() => expect(backend.posts).toEqual([['redrive', {}]]));
    // It is no dead letter any more: what becomes of it is still said here.
    const decided = await screen.findByRole('list', {
      name: 'Decided just now',
    });
    expect(decided).toHaveTextContent('#412 Ship v5.3.25 to 2 clusters');
    expect(within(decided).getByRole('link', { name: /#412/ })).toHaveAttribute(
      'href',
      '/runs/run-412',
    );
    expect(
      screen.getByRole('heading', { name: 'No dead letters' }),
    ).toBeInTheDocument();
  });
});
