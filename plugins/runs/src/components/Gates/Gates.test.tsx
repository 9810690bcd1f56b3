import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { aGate, aRunAtGates, aRunDetail } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import {
  BASE_URL,
  BellSignals,
  renderPage,
} from '../../__testUtils__/renderPage';
import { toUserRef } from '@switchyard/backstage-plugin-runs-react';

const server = setupServer();
registerMswTestHooks(server);

function serve(run: RunDetail) {
  const backend = {
    run,
    said: [] as unknown[],
    /** What it is once somebody has given a word. */
    next: undefined as RunDetail | undefined,
  };
  server.use(
    http.get(`${BASE_URL}/v1/runs/run-412`, () =>
      HttpResponse.json(backend.run),
    ),
    http.get(`${BASE_URL}/v1/runs/run-412/steps/:id/log`, () =>
      HttpResponse.json({ items: [] }),
    ),
    http.post(
      `${BASE_URL}/v1/gates/gate-1/:verb`,
      async ({ params, request }) => {
        backend.said.push([params.verb, await request.json()]);
        backend.run = backend.next ?? backend.run;
        return HttpResponse.json({});
      },
    ),
  );
  return backend;
}

const gates = () => screen.findByRole('region', { name: 'Gates' });
const press = async (name: string) =>
  userEvent.click(await screen.findByRole('button', { name }));
const dialogOf = (title: string) =>
  screen.findByRole('dialog', { name: title });

describe('the gates of a run', () => {
  it('say who must approve, how many of how many, by whom, and until when', async () => {
    serve(aRunAtGates([aGate()]));
    renderPage('/runs/run-412');
    const section = await gates();
    expect(section).toHaveTextContent('Waits for people');
    expect(section).toHaveTextContent('1 of 2 approvals');
    expect(section).toHaveTextContent(
      '2 people of storefront or platform must approve.',
    );
    expect(section).toHaveTextContent('omar approved');
    expect(section).toHaveTextContent('“Looked at the diff”');
    expect(section).toHaveTextContent('ends unanswered');
    // Said once, with the gate.
    expect(
      screen.queryByRole('region', { name: 'Why this run waits' }),
    ).not.toBeInTheDocument();
  });

  it('take an approval of the plan that is shown, with a comment', async () => {
    const backend = serve(aRunAtGates([aGate()]));
    const signals = new BellSignals();
    renderPage('/runs/run-412', { signals });
    await press('Approve…');
    const dialog = await dialogOf('Approve run #412?');
    expect(dialog).toHaveTextContent('Checkout is slow');
    expect(within(dialog).getByText('orders:v5.3.25')).toBeInTheDocument();
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: 'Comment' }),
      'Fine',
    );
    backend.next = aRunDetail({
      hash: 'h2',
      gates: [
        aGate({
          status: 'open',
          decidedAt: '2026-11-21T08:02:00.000Z',
          expiresAt: undefined,
          verbs: [],
        }),
      ],
    });
    await press('Approve: Ship v5.3.25 to 2 clusters');
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(backend.said).toEqual([
      ['approve', { planHash: 'sha256:aaaa', comment: 'Fine' }],
    ]);
    const section = await gates();
    expect(within(section).getByText('Approved')).toBeInTheDocument();
    expect(within(section).queryByRole('button')).not.toBeInTheDocument();
  });

  it('keep the question open with the reason when the word is refused', async () => {
    serve(aRunAtGates([aGate()]));
    server.use(
      http.post(`${BASE_URL}/v1/gates/gate-1/approve`, () =>
        refusal(409, 'ConflictError', 'Run #412 does not wait at this gate'),
      ),
    );
    renderPage('/runs/run-412');
    await press('Approve…');
    await press('Approve: Ship v5.3.25 to 2 clusters');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Run #412 does not wait at this gate',
    );
  });

  it('take a rejection with its reason only', async () => {
    const backend = serve(aRunAtGates([aGate()]));
    renderPage('/runs/run-412');
    await press('Reject…');
    const dialog = await dialogOf('Reject run #412?');
    expect(dialog).toHaveTextContent('It ends here, for good.');
    await press('Reject run #412');
    expect(await screen.findByRole('alert')).toHaveTextContent('Say why');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Comment/ }),
      'Not on a Friday',
    );
    await press('Reject run #412');
    await waitFor(() =>
      expect(backend.said).toEqual([
        ['reject', { planHash: 'sha256:aaaa', comment: 'Not on a Friday' }],
      ]),
    );
  });

  it('let an approver hand the right on to somebody by name', async () => {
    const backend = serve(aRunAtGates([aGate()]));
    renderPage('/runs/run-412');
    await press('Hand on…');
    const dialog = await dialogOf('Hand on your approval of run #412?');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /To whom/ }),
      'Pia',
    );
    await press('Hand on');
    await waitFor(() =>
      expect(backend.said).toEqual([['delegate', { to: 'user:default/pia' }]]),
    );
  });

  it('keep buttons that are not for this viewer, disabled, and say why', async () => {
    serve(
      aRunAtGates([
        aGate({
          verbs: [
            {
              verb: 'approve',
              allowed: false,
              why: 'You asked for it: somebody else has to agree',
            },
          ],
        }),
      ]),
    );
    renderPage('/runs/run-412');
    const button = await screen.findByRole('button', { name: 'Approve…' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'Approve is not for you: You asked for it: somebody else has to agree',
    );
    expect(
      screen.queryByRole('button', { name: 'Reject…' }),
    ).not.toBeInTheDocument();
  });

  it('say which approvals are void, and why; who handed on; who is missing', async () => {
    const gate = aGate();
    const [approval] = gate.approval!.given;
    serve(
      aRunAtGates([
        aGate({
          approval: {
            ...gate.approval!,
            given: [],
            missing: 2,
            missingRequired: ['group:default/security'],
            void: [approval],
          },
          delegations: [
            {
              from: 'user:default/inge',
              to: 'user:default/pia',
              comment: 'Away',
            },
          ],
        }),
      ]),
    );
    renderPage('/runs/run-412');
    const section = await gates();
    expect(section).toHaveTextContent('0 of 2 approvals');
    expect(section).toHaveTextContent('among them somebody of security');
    expect(section).toHaveTextContent('The approval of omar is void');
    expect(section).toHaveTextContent('The plan has changed since');
    expect(section).toHaveTextContent(
      'inge asked pia to approve instead: “Away”',
    );
  });

  it.each([
    [
      'rejected' as const,
      { rejection: { by: 'user:default/inge', comment: 'Not on a Friday' } },
      /Rejected.*inge rejected it: “Not on a Friday”/,
    ],
    ['expired' as const, {}, /Nobody answered in time/],
  ])('say how it ended: %s', async (status, more, text) => {
    serve(
      aRunDetail({
        status: 'cancelled',
        gates: [aGate({ status, expiresAt: undefined, verbs: [], ...more })],
      }),
    );
    renderPage('/runs/run-412');
    expect(await gates()).toHaveTextContent(text);
  });

  it('of a pause are opened by who may steer the run, and follow it live', async () => {
    const pause = aGate({
      kind: 'pause',
      title: 'Look at the first cluster',
      before: 'sync.green',
      approval: undefined,
      expiresAt: undefined,
      verbs: [{ verb: 'open', allowed: true }],
    });
    const backend = serve(aRunAtGates([pause]));
    const signals = new BellSignals();
    renderPage('/runs/run-412', { signals });
    expect(await gates()).toHaveTextContent(
      /Waits for a person.*Look at the first cluster/,
    );
    await press('Let it go on…');
    await press('Let run #412 go on');
    await waitFor(() => expect(backend.said).toEqual([['open', {}]]));
    backend.run = aRunDetail({
      hash: 'h2',
      gates: [{ ...pause, status: 'open', verbs: [] }],
    });
    act(() => signals.ring('runs:run:412', { hash: 'h2' }));
    expect(await screen.findByText('Opened')).toBeInTheDocument();
  });
});

describe('toUserRef', () => {
  it.each([
    ['Pia ', 'user:default/pia'],
    ['user:pia', 'user:default/pia'],
    ['user:ops/pia', 'user:ops/pia'],
    ['ops/pia', 'user:ops/pia'],
  ])('%s is %s', (text, ref) => expect(toUserRef(text)).toBe(ref));
});
