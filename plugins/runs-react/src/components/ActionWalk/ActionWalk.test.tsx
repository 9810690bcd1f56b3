import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { RunPreview } from '@switchyard/backstage-plugin-runs-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { ActionFormProps } from '../../forms';
import {
  aPreview,
  aRun,
  aRunDetail,
  aState,
  lockBlocker,
  ORDERS,
} from '../../__testUtils__';
import { BellSignals } from '../../__testUtils__/BellSignals';
import { refusal } from '../../__testUtils__/refusal';
import { BASE_URL, renderWithRuns } from '../../__testUtils__/renderWithRuns';
import { ActionWalk, ActionWalkProps } from './ActionWalk';

const server = setupServer();
registerMswTestHooks(server);

const onRequested = jest.fn();
const onClose = jest.fn();

/** The form of an action, as plugins bring one. */
function VersionForm({ input, onChange }: ActionFormProps) {
  return (
    <>
      <p>{input ? `${input.version} chosen` : 'nothing chosen'}</p>
      <button onClick={() => onChange({ version: 'v5.3.25' })}>v5.3.25</button>
      <button onClick={() => onChange({ version: 'v5.3.26' })}>v5.3.26</button>
    </>
  );
}

const forms = { hotfix: { Form: VersionForm } };

function Hotfix(props: { fork?: ActionWalkProps['fork'] }) {
  return (
    <ActionWalk
      open
      action="hotfix"
      title="Hotfix orders"
      entityRef={ORDERS}
      environment="production"
      fork={props.fork}
      runHref={id => `/runs/${id}`}
      onClose={onClose}
      onRequested={onRequested}
    />
  );
}

/** A backend whose answers a test changes. */
function serve(preview: RunPreview) {
  const backend = {
    state: aState(),
    preview,
    previews: [] as any[],
    requests: [] as Array<{ key: string | null; body: any }>,
    answer: () => HttpResponse.json(aRun(), { status: 201 }) as Response,
  };
  server.use(
    http.get(`${BASE_URL}/v1/entities/component/default/orders/state`, () =>
      HttpResponse.json(backend.state),
    ),
    http.post(`${BASE_URL}/v1/previews`, async ({ request }) => {
      backend.previews.push(await request.json());
      return HttpResponse.json(backend.preview);
    }),
    http.post(`${BASE_URL}/v1/runs`, async ({ request }) => {
      backend.requests.push({
        key: request.headers.get('idempotency-key'),
        body: await request.json(),
      });
      return backend.answer();
    }),
    http.get(`${BASE_URL}/v1/runs/run-412`, () =>
      HttpResponse.json(aRunDetail({ stepsDone: 4 })),
    ),
  );
  return backend;
}

async function chooseAndReview() {
  await userEvent.click(await screen.findByRole('button', { name: 'v5.3.25' }));
  await userEvent.click(screen.getByRole('button', { name: 'See the change' }));
  await screen.findByText('What will change');
}

const confirmButton = (name = 'Ship v5.3.25 to 2 clusters') =>
  screen.getByRole('button', { name });

describe('ActionWalk', () => {
  beforeEach(() => jest.clearAllMocks());

  it('walks from the choice over the change and a reason to the run', async () => {
    const backend = serve(aPreview());
    renderWithRuns(<Hotfix />, { forms });
    const dialog = await screen.findByRole('dialog', { name: 'Hotfix orders' });
    expect(
      within(dialog).getByRole('button', { name: 'See the change' }),
    ).toBeDisabled();
    expect(backend.previews).toEqual([]);

    await chooseAndReview();
    // Not on the dialog around it: from here keys scroll the change.
    expect(document.activeElement).toContainElement(
      screen.getByText('What will change'),
    );
    expect(document.activeElement).not.toContainElement(confirmButton());
    expect(backend.previews).toEqual([
      {
        action: 'hotfix',
        entityRef: ORDERS,
        environment: 'production',
        input: { version: 'v5.3.25' },
      },
    ]);
    expect(screen.getByText('Nothing stands in the way')).toBeInTheDocument();
    const images = screen.getByRole('row', { name: /image of Deployment/ });
    expect(images).toHaveTextContent('prod-blue');
    expect(images).toHaveTextContent('registry/storefront/orders:v5.3.24');
    expect(images).toHaveTextContent('registry/storefront/orders:v5.3.25');
    const diff = screen.getByRole('region', { name: /deploy-blue/ });
    expect(
      within(diff).getByRole('row', { name: /removed:.*v5\.3\.24/ }),
    ).toHaveTextContent('11');
    expect(
      within(diff).getByRole('row', { name: /added:.*v5\.3\.25/ }),
    ).toHaveTextContent('11');

    await userEvent.click(confirmButton());
    expect(screen.getByRole('textbox', { name: /Reason/ })).toBeInvalid();
    expect(screen.getByRole('textbox', { name: /Reason/ })).toHaveFocus();
    expect(backend.requests).toEqual([]);

    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Checkout is slow{Enter}',
    );
    expect(
      await screen.findByText('Run #412 Ship v5.3.25 to 2 clusters'),
    ).toBeInTheDocument();
    expect(backend.requests).toHaveLength(1);
    expect(backend.requests[0].key).toMatch(/^[0-9a-f-]{32,36}$/);
    expect(backend.requests[0].body).toMatchObject({
      reason: 'Checkout is slow',
      planHash: 'sha256:aaaa',
      input: { version: 'v5.3.25' },
    });
    expect(onRequested).toHaveBeenCalledWith(
      expect.objectContaining({ number: 412 }),
    );
    expect(
      screen.getAllByRole('link', { name: 'Open run #412' })[0],
    ).toHaveAttribute('href', '/runs/run-412');
    expect(await screen.findByText(/step 5\/7/)).toBeInTheDocument();
  });

  it('shows the new change when the plan is not the one that was shown, and asks again', async () => {
    const backend = serve(aPreview());
    renderWithRuns(<Hotfix />, { forms });
    await chooseAndReview();
    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Slow',
    );

    const changed = aPreview({ planHash: 'sha256:bbbb' });
    changed.plan = { ...changed.plan, title: 'Ship v5.3.25 to 1 cluster' };
    backend.preview = changed;
    backend.answer = () => refusal(409, 'prod-green left the environment.');
    await userEvent.click(confirmButton());

    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(
      'The change is not the one that you were shown',
    );
    expect(alert).toHaveTextContent('prod-green left the environment.');
    expect(screen.getByRole('textbox', { name: /Reason/ })).toHaveValue('Slow');

    backend.answer = () => HttpResponse.json(aRun(), { status: 201 });
    await userEvent.click(confirmButton('Ship v5.3.25 to 1 cluster'));
    await screen.findByText(/^Run #412/);
    const [first, second] = backend.requests;
    expect(first.body.planHash).toBe('sha256:aaaa');
    expect(second.body.planHash).toBe('sha256:bbbb');
    expect(second.key).not.toBe(first.key);
  });

  it('sends the same key again when the answer was lost, so that there is one run', async () => {
    const backend = serve(aPreview());
    renderWithRuns(<Hotfix />, { forms });
    await chooseAndReview();
    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Slow',
    );
    backend.answer = () => HttpResponse.error();
    await userEvent.click(confirmButton());
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The portal could not be reached.',
    );
    backend.answer = () => HttpResponse.json(aRun(), { status: 201 });
    await userEvent.click(confirmButton());
    await screen.findByText(/^Run #412/);
    expect(backend.requests).toHaveLength(2);
    expect(backend.requests[1].key).toBe(backend.requests[0].key);
  });

  it('shows what stands in the way and keeps the button, disabled', async () => {
    const preview = aPreview({
      verdict: {
        allowed: false,
        blockers: [lockBlocker],
        approvals: [],
        warnings: [{ what: 'Friday', why: 'Few people are around.' }],
      },
      ahead: [aRun({ id: 'run-411', number: 411, title: 'Ship v5.3.24' })],
    });
    preview.plan.problems = [
      { what: 'No image', why: 'green-eu has no v5.3.25.', field: 'version' },
    ];
    serve(preview);
    renderWithRuns(<Hotfix />, { forms });
    await chooseAndReview();
    expect(screen.getByText('2 things stand in the way')).toBeInTheDocument();
    expect(screen.getByText('green-eu has no v5.3.25.')).toBeInTheDocument();
    expect(screen.getByText('Black Friday rehearsal.')).toBeInTheDocument();
    expect(screen.getByText('Few people are around.')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Run #411' })).toHaveAttribute(
      'href',
      '/runs/run-411',
    );
    expect(confirmButton()).toBeDisabled();
    expect(confirmButton()).toHaveAccessibleDescription(
      'No image: green-eu has no v5.3.25. And 1 more.',
    );
  });

  it('says who must approve before it is confirmed', async () => {
    serve(
      aPreview({
        verdict: {
          allowed: true,
          blockers: [],
          approvals: [
            {
              name: 'critical in production',
              title: 'Needs 2 approvals of storefront or platform',
              needed: 2,
              from: ['group:default/storefront', 'group:default/platform'],
              given: [
                {
                  by: 'user:default/inge',
                  at: '2026-11-21T08:00:00.000Z',
                  reusedFrom: 410,
                },
              ],
              missing: 1,
              missingRequired: [],
              void: [],
            },
          ],
          warnings: [],
        },
      }),
    );
    renderWithRuns(<Hotfix />, { forms });
    await chooseAndReview();
    expect(screen.getByText('It waits for approval first')).toBeInTheDocument();
    const heading = screen.getByRole('heading', { name: 'Who must approve' });
    const section = heading.closest('section');
    expect(section).toHaveTextContent(
      '1 of 2 approvals critical in production',
    );
    expect(section).toHaveTextContent(
      '2 people of storefront or platform must approve.',
    );
    expect(section).toHaveTextContent('the same plan, for run #410');
    expect(confirmButton()).toBeEnabled();
  });

  it('says a warning once that plan and verdict both have', async () => {
    const olderVersion = { what: 'Older version', why: 'Migrations stay.' };
    const preview = aPreview({
      verdict: {
        allowed: true,
        blockers: [],
        approvals: [],
        warnings: [olderVersion],
      },
    });
    preview.plan.warnings = [olderVersion];
    serve(preview);
    renderWithRuns(<Hotfix />, { forms });
    await chooseAndReview();
    expect(
      screen.getByText('Possible, with one thing to know'),
    ).toBeInTheDocument();
    expect(screen.getAllByText('Older version')).toHaveLength(1);
  });

  it('disables the button when somebody locks the component meanwhile', async () => {
    const backend = serve(aPreview());
    const signals = new BellSignals();
    renderWithRuns(<Hotfix />, { signals, forms });
    await chooseAndReview();
    expect(confirmButton()).toBeEnabled();

    backend.state = aState({
      hash: 's2',
      locks: [
        {
          id: 'lock-1',
          entityRef: ORDERS,
          reason: 'Black Friday rehearsal.',
          createdBy: 'user:default/omar',
          holder: 'user:default/omar',
          holderMayDeploy: true,
          scope: 'component',
          kind: 'lock',
          binds: true,
          overdue: false,
          createdAt: '2026-11-21T08:00:00.000Z',
          release: { allowed: false, needsReason: true },
        },
      ],
    });
    backend.preview = aPreview({
      verdict: {
        allowed: false,
        blockers: [lockBlocker],
        approvals: [],
        warnings: [],
      },
    });
    act(() => signals.ring('runs:entity:x1', { hash: 's2' }));
    await waitFor(() => expect(confirmButton()).toBeDisabled());
    expect(
      await screen.findByText('One thing stands in the way'),
    ).toBeInTheDocument();
  });

  it('says why a preview cannot be had, and tries again', async () => {
    const backend = serve(aPreview());
    let broken = true;
    server.use(
      http.post(`${BASE_URL}/v1/previews`, () =>
        broken
          ? refusal(503, 'The deploy repository cannot be reached.', 'req-5')
          : HttpResponse.json(backend.preview),
      ),
    );
    renderWithRuns(<Hotfix />, { forms });
    await userEvent.click(
      await screen.findByRole('button', { name: 'v5.3.25' }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'See the change' }),
    );
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The deploy repository cannot be reached.');
    expect(alert).toHaveTextContent('req-5');
    broken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('What will change')).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('goes back to the choice and shows the change of the new one', async () => {
    const backend = serve(aPreview());
    renderWithRuns(<Hotfix />, { forms });
    await chooseAndReview();
    await userEvent.click(screen.getByRole('button', { name: 'Back' }));
    expect(screen.getByText('v5.3.25 chosen')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'v5.3.26' }));
    const next = aPreview({ planHash: 'sha256:cccc' });
    next.plan = { ...next.plan, title: 'Ship v5.3.26 to 2 clusters' };
    backend.preview = next;
    await userEvent.click(
      screen.getByRole('button', { name: 'See the change' }),
    );
    expect(
      await screen.findByRole('button', { name: 'Ship v5.3.26 to 2 clusters' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Ship v5.3.25 to 2 clusters' }),
    ).not.toBeInTheDocument();
    expect(backend.previews[backend.previews.length - 1].input).toEqual({
      version: 'v5.3.26',
    });
  });

  it('begins with the change where an action has nothing to choose', async () => {
    const backend = serve(aPreview());
    renderWithRuns(
      <ActionWalk
        open
        action="resume"
        title="Resume orders"
        entityRef={ORDERS}
        environment="production"
        onClose={onClose}
      />,
      { forms },
    );
    expect(await screen.findByText('What will change')).toBeInTheDocument();
    expect(backend.previews[0]).toMatchObject({ action: 'resume', input: {} });
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(onClose).toHaveBeenCalled();
  });

  it('takes up the choice of an earlier run, and replaces one that waits where that is wanted', async () => {
    const waiting = aRun({ id: 'run-411', number: 411, status: 'queued' });
    const other = aRun({ id: 'run-410', number: 410, status: 'queued' });
    const backend = serve(
      aPreview({
        ahead: [waiting],
        replaceable: [
          { run: waiting, allowed: true },
          { run: other, allowed: false, why: 'Only its owners may' },
        ],
      }),
    );
    renderWithRuns(
      <Hotfix
        fork={{
          action: 'hotfix',
          entityRef: ORDERS,
          environment: 'production',
          input: { version: 'v5.3.26' },
          forkedFrom: 'run-400',
        }}
      />,
      { forms },
    );
    expect(await screen.findByText('v5.3.26 chosen')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'See the change' }),
    );
    expect(
      await screen.findByText('It waits for the run ahead'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('radio', { name: /#410 .*Only its owners may/ }),
    ).toBeDisabled();
    await userEvent.click(screen.getByRole('radio', { name: /#411/ }));
    expect(
      screen.getByText('Replaces run #411, which waits.'),
    ).toBeInTheDocument();
    expect(screen.getByText('Nothing stands in the way')).toBeInTheDocument();
    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Slow{Enter}',
    );
    await screen.findByText(/^Run #412/);
    expect(backend.requests[0].body).toMatchObject({
      input: { version: 'v5.3.26' },
      forkedFrom: 'run-400',
      replaces: 'run-411',
    });
  });
});
