import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import {
  PassOffer,
  RunDetail,
  RunPass,
} from '@switchyard/backstage-plugin-runs-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox, aRun, aRunDetail } from '../../__testUtils__';
import { BASE_URL, renderPage } from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const inMinutes = (minutes: number) =>
  new Date(Date.now() + minutes * 60_000).toISOString();
const freeze = {
  type: 'freeze' as const,
  what: 'Frozen',
  why: 'Frozen by inge: Black Friday (all of production)',
  ref: 'lock-1',
};
const aPass = (more: Partial<RunPass> = {}): RunPass => ({
  id: 'pass-1',
  status: 'asked',
  askedBy: 'user:default/omar',
  askedAt: inMinutes(-1),
  reason: 'Cards are declined',
  incident: 'https://incidents.example/42',
  passes: [freeze],
  lifts: [],
  needsSecond: true,
  confirmUntil: inMinutes(29),
  verbs: [
    { verb: 'confirm', allowed: true },
    { verb: 'refuse', allowed: true },
    { verb: 'withdraw', allowed: true },
  ],
  ...more,
});
const given = {
  status: 'given' as const,
  confirmUntil: undefined,
  answer: { by: 'user:default/inge', at: inMinutes(0), comment: 'Saw it' },
  validUntil: inMinutes(30),
  verbs: [{ verb: 'withdraw' as const, allowed: true }],
};
const offer: PassOffer = {
  allowed: true,
  passes: [freeze],
  lifts: [],
  needsSecond: true,
  confirmers: [],
  validForMs: 1_800_000,
};

function serve(overrides: Partial<RunDetail>) {
  const backend = { run: aRunDetail(overrides), said: [] as unknown[] };
  const say = (verb: string) => async (about: { request: Request }) => {
    backend.said.push([verb, await about.request.json()]);
    return HttpResponse.json(aRun());
  };
  server.use(
    http.get(`${BASE_URL}/v1/runs/run-412`, () =>
      HttpResponse.json(backend.run),
    ),
    http.get(`${BASE_URL}/v1/runs/run-412/steps/:id/log`, () =>
      HttpResponse.json({ items: [] }),
    ),
    http.post(`${BASE_URL}/v1/runs/run-412/break-glass`, say('ask')),
    ...['confirm', 'refuse', 'withdraw'].map(verb =>
      http.post(`${BASE_URL}/v1/break-glass/pass-1/${verb}`, say(verb)),
    ),
  );
  return backend;
}

const section = () => screen.findByRole('region', { name: 'Break-glass' });
const press = async (name: string) =>
  userEvent.click(await screen.findByRole('button', { name }));

describe('break-glass on the page of a run', () => {
  it.each<[string, Partial<RunPass>, RegExp]>([
    ['asked', {}, /Waits for a second person.*can be confirmed, ends in/],
    ['given', given, /Confirmed.*valid, ends in.*confirmed by inge: “Saw it”/],
    [
      'used',
      { ...given, usedAt: inMinutes(0), validUntil: inMinutes(-1) },
      /Used, and over.*used/,
    ],
    ['asked too long ago', { confirmUntil: inMinutes(-1) }, /Nobody confirmed/],
    [
      'over before it was used',
      { ...given, validUntil: inMinutes(-1) },
      /Its time is up/,
    ],
    [
      'refused',
      {
        status: 'refused',
        verbs: [],
        answer: { by: 'user:default/inge', at: inMinutes(0), comment: 'No' },
      },
      /Refused.*refused by inge: “No”/,
    ],
    [
      'withdrawn',
      {
        status: 'withdrawn',
        verbs: [],
        withdrawn: { by: 'user:default/omar', at: inMinutes(0) },
      },
      /Withdrawn.*withdrawn by omar/,
    ],
  ])('says how a pass stands: %s', async (_, pass, words) => {
    serve({ passes: [aPass(pass)] });
    renderPage('/runs/run-412');
    const shown = await section();
    expect(shown).toHaveTextContent(words);
    expect(shown).toHaveTextContent('Asked for by omar');
    expect(shown).toHaveTextContent('Because: Cards are declined');
    expect(shown).toHaveTextContent(freeze.why);
    expect(
      within(shown).getByRole('link', { name: /Incident/ }),
    ).toHaveAttribute('href', 'https://incidents.example/42');
  });

  it('lets the second person confirm the plan that is shown, by keyboard', async () => {
    const backend = serve({ passes: [aPass()] });
    renderPage('/runs/run-412');
    const button = await screen.findByRole('button', { name: 'Confirm…' });
    act(() => button.focus());
    await userEvent.keyboard('{Enter}');
    const dialog = await screen.findByRole('dialog', {
      name: 'Break the glass for run #412?',
    });
    expect(await within(dialog).findByText('orders:v5.3.25')).toBeVisible();
    await press('Break the glass: Ship v5.3.25 to 2 clusters');
    await waitFor(() =>
      expect(backend.said).toEqual([['confirm', { planHash: 'sha256:aaaa' }]]),
    );
  });

  it('takes a refusal with its reason only', async () => {
    const backend = serve({ passes: [aPass()] });
    renderPage('/runs/run-412');
    await press('Refuse…');
    await press('Refuse for run #412');
    expect(await screen.findByRole('alert')).toHaveTextContent('Say why');
    await userEvent.type(
      screen.getByRole('textbox', { name: /Comment/ }),
      'No',
    );
    await press('Refuse for run #412');
    await waitFor(() =>
      expect(backend.said).toEqual([
        ['refuse', { planHash: 'sha256:aaaa', comment: 'No' }],
      ]),
    );
  });

  it('ends a pass before its time', async () => {
    const backend = serve({ passes: [aPass(given)] });
    renderPage('/runs/run-412');
    await press('Withdraw…');
    await press('Withdraw the pass');
    await waitFor(() => expect(backend.said).toEqual([['withdraw', {}]]));
  });

  it('tells whoever asked that somebody else has to confirm', async () => {
    const why = 'You asked for it: somebody else has to confirm it.';
    serve({
      passes: [aPass({ verbs: [{ verb: 'confirm', allowed: false, why }] })],
    });
    renderPage('/runs/run-412');
    const button = await screen.findByRole('button', { name: 'Confirm…' });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      `Confirm is not for you: ${why}`,
    );
  });

  it('offers the way out to a run that is parked, and asks why', async () => {
    const backend = serve({
      status: 'waiting',
      waiting: {
        reason: 'parked',
        message: freeze.why,
        since: inMinutes(-5),
        blockers: [freeze],
      },
      passOffer: offer,
    });
    renderPage('/runs/run-412');
    await press('Break the glass…');
    const confirm = 'Ask to break the glass: Ship v5.3.25 to 2 clusters';
    await press(confirm);
    expect(await screen.findByRole('alert')).toHaveTextContent('Say why');
    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Cards are declined',
    );
    await press(confirm);
    await waitFor(() =>
      expect(backend.said).toEqual([
        ['ask', { planHash: 'sha256:aaaa', reason: 'Cards are declined' }],
      ]),
    );
  });

  it('marks the run', async () => {
    serve({ breakGlass: { status: 'expired', used: true }, passes: [] });
    renderPage('/runs/run-412');
    expect(await screen.findByText('Break-glass')).toBeInTheDocument();
  });
});

describe('break-glass on the page of approvals', () => {
  it('stands first among what waits for me, and counts', async () => {
    const item = { run: aRun(), planHash: 'sha256:aaaa', pass: aPass() };
    server.use(
      http.get(`${BASE_URL}/v1/gates`, () =>
        HttpResponse.json(anInbox({ passes: { forMe: [item], mine: [] } })),
      ),
    );
    renderPage('/runs/approvals');
    expect(await screen.findByText('1 run waits for you')).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Approvals (1)' }),
    ).toBeInTheDocument();
    const list = screen.getByRole('region', { name: 'Waits for you' });
    expect(list).toHaveTextContent('Waits for a second person');
    expect(
      within(list).getByRole('button', { name: 'Confirm…' }),
    ).toBeEnabled();
  });
});
