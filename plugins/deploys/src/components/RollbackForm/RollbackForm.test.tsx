import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  anAction,
  aPreview,
  aRunsState,
  refusal,
  renderOrders,
  RUNS_URL,
  serveOrders,
} from '../../__testUtils__';
import { DeployCard } from '../DeployCard';

const server = setupServer();
registerMswTestHooks(server);

const BEFORE = 'b'.repeat(40);

function aPast(color: string, revision = BEFORE) {
  return {
    application: `orders-${color}`,
    cluster: `prod-${color}`,
    deployedAt: '2026-11-20T12:00:00Z',
    automated: color === 'blue',
    ...(color !== 'blue' && { by: 'portal' }),
    revision,
    commit: {
      author: 'Dana',
      at: '2026-11-20T11:59:00Z',
      message: 'Ship v5.3.24\n\nBecause',
    },
  };
}

const CHOICES: RollbackChoices = {
  versions: [
    {
      version: 'v5.3.25',
      isNow: true,
      missingIn: [],
      revisions: ['a'.repeat(40)],
      deploys: [aPast('blue', 'a'.repeat(40))],
    },
    {
      version: 'v5.3.24',
      isNow: false,
      missingIn: [],
      revisions: [BEFORE],
      deploys: [aPast('blue'), aPast('green')],
    },
    {
      version: 'v5.3.20',
      isNow: false,
      missingIn: ['orders-green'],
      revisions: ['c'.repeat(40)],
      deploys: [aPast('blue', 'c'.repeat(40))],
    },
  ],
  applications: [
    {
      application: 'orders-blue',
      cluster: 'prod-blue',
      deploys: [
        { ...aPast('blue', 'a'.repeat(40)), id: 7 },
        { ...aPast('blue'), id: 6 },
      ],
    },
    {
      application: 'orders-green',
      cluster: 'prod-green',
      refused: 'ApplicationSet orders makes orders-green',
      deploys: [
        { ...aPast('green', 'a'.repeat(40)), id: 3 },
        { ...aPast('green'), id: 2 },
      ],
    },
  ],
  unknown: [
    { ...aPast('green', 'd'.repeat(40)), why: 'Git named several at once' },
  ],
  problems: [],
};

function serve(answer: () => Response | object = () => CHOICES) {
  const previews: unknown[] = [];
  const asked: string[] = [];
  const backend = serveOrders(server, {
    runs: aRunsState({
      actions: [
        anAction(),
        anAction({ action: 'rollback', title: 'Roll back' }),
      ],
    }),
    parts: {
      history: () => ({
        entries: [
          {
            id: 2,
            deployedAt: '2026-11-21T12:00:00Z',
            automated: true,
            commits: [{ revision: 'a'.repeat(40) }],
          },
          {
            id: 1,
            deployedAt: '2026-11-20T12:00:00Z',
            automated: true,
            commits: [{ revision: BEFORE, message: 'Ship v5.3.24' }],
          },
        ],
      }),
    },
  });
  server.use(
    http.get(
      `${RUNS_URL}/v1/entities/component/default/orders/choices`,
      ({ request }) => {
        asked.push(new URL(request.url).search);
        const body = answer();
        return body instanceof Response ? body : HttpResponse.json(body as any);
      },
    ),
    http.post(`${RUNS_URL}/v1/previews`, async ({ request }) => {
      previews.push(((await request.json()) as any).input);
      const { plan, ...rest } = aPreview();
      const title = 'Roll back to v5.3.24 in 2 clusters';
      return HttpResponse.json({
        ...rest,
        plan: { ...plan, kind: 'rollback', title },
      });
    }),
  );
  return { backend, previews, asked };
}

async function openForm() {
  renderOrders(<DeployCard />);
  await userEvent.click(
    await screen.findByRole('button', { name: 'More for production' }),
  );
  await userEvent.click(
    await screen.findByRole('menuitem', { name: 'Roll back…' }),
  );
  return within(
    await screen.findByRole('dialog', {
      name: 'Roll back: orders in production',
    }),
  );
}

it('offers what ran, says who committed it, and rolls back to the one that was chosen', async () => {
  const { backend, previews, asked } = serve();
  const dialog = await openForm();
  const chosen = await dialog.findByRole('radio', { name: 'v5.3.24' });
  expect(asked).toEqual(['?action=rollback&environment=production']);
  expect(chosen).toHaveAccessibleDescription(
    /prod-blue: deployed .* by auto-sync · Dana: Ship v5\.3\.24.*prod-green: .* by portal/,
  );
  expect(dialog.getByRole('radio', { name: 'v5.3.25' })).toBeDisabled();
  const partly = dialog.getByRole('radio', { name: 'v5.3.20' });
  expect(partly).toBeDisabled();
  expect(partly).toHaveAccessibleDescription(/never ran with orders-green/);
  expect(
    dialog.getByText(/orders-green at d{7,10}: Git named several at once/),
  ).toBeInTheDocument();
  const next = dialog.getByRole('button', { name: 'See the change' });
  expect(next).toBeDisabled();
  await userEvent.click(chosen);
  await userEvent.click(next);
  await userEvent.type(
    await screen.findByRole('textbox', { name: /Reason/ }),
    'Totals are wrong',
  );
  await userEvent.click(
    screen.getByRole('button', { name: /^Roll back to v5\.3\.24 in 2/ }),
  );
  await waitFor(() => expect(backend.requests).toHaveLength(1));
  expect(previews).toEqual([{ version: 'v5.3.24' }]);
  expect(backend.requests[0].body).toMatchObject({
    action: 'rollback',
    input: { version: 'v5.3.24' },
  });
});

it('offers what Kubernetes remembers where no Application deploys it, and no other way', async () => {
  const { previews } = serve(() => ({
    ...CHOICES,
    applications: [],
    unknown: [],
    isSetOnObjects: true,
    versions: [
      {
        version: 'v5.3.24',
        isNow: false,
        missingIn: [],
        revisions: [],
        deploys: ['prod-blue', 'prod-green'].map(cluster => ({
          application: 'Deployment orders',
          cluster,
          deployedAt: '2026-11-20T12:00:00Z',
          automated: false,
        })),
      },
    ],
  }));
  const dialog = await openForm();
  const chosen = await dialog.findByRole('radio', { name: 'v5.3.24' });
  expect(dialog.getAllByRole('radio')).toEqual([chosen]);
  expect(chosen).toHaveAccessibleDescription(
    /prod-blue: Deployment orders, seen .*prod-green: Deployment orders, seen/,
  );
  await userEvent.click(chosen);
  await userEvent.click(dialog.getByRole('button', { name: 'See the change' }));
  await waitFor(() => expect(previews).toEqual([{ version: 'v5.3.24' }]));
});

it('rolls back by Argo CD where Git cannot be changed, and says what that costs', async () => {
  const { previews } = serve();
  const dialog = await openForm();
  await userEvent.click(
    await dialog.findByRole('radio', { name: /^By Argo CD/ }),
  );
  expect(dialog.getByText(/runs no hooks then/)).toBeInTheDocument();
  expect(
    dialog.getByText('ApplicationSet orders makes orders-green'),
  ).toBeInTheDocument();
  const next = dialog.getByRole('button', { name: 'See the change' });
  expect(next).toBeDisabled();
  await userEvent.click(
    dialog.getByRole('button', { name: /orders-blue in prod-blue/ }),
  );
  const options = within(await screen.findByRole('listbox')).getAllByRole(
    'option',
  );
  // Not to what there is.
  expect(options).toHaveLength(2);
  expect(options[1]).toHaveTextContent(
    /^v5\.3\.24 · b{7,10} · deployed .* · Dana: Ship v5\.3\.24$/,
  );
  await userEvent.click(options[1]);
  await userEvent.click(next);
  await waitFor(() =>
    expect(previews).toEqual([
      { mode: 'argocd', deploys: [{ application: 'orders-blue', id: 6 }] },
    ]),
  );
});

it('begins with the version of the line of the history that was picked', async () => {
  const { previews } = serve();
  renderOrders(<DeployCard />);
  await userEvent.click(
    (
      await screen.findAllByRole('button', { name: /^Details of / })
    )[0],
  );
  await userEvent.click(await screen.findByRole('tab', { name: 'History' }));
  const buttons = await screen.findAllByRole('button', { name: 'Roll back…' });
  // Not to what there is.
  expect(buttons).toHaveLength(1);
  await userEvent.click(buttons[0]);
  expect(await screen.findByRole('radio', { name: 'v5.3.24' })).toBeChecked();
  await userEvent.click(screen.getByRole('button', { name: 'See the change' }));
  await waitFor(() => expect(previews).toEqual([{ revision: BEFORE }]));
});

it('says why nothing can be chosen, and tries again', async () => {
  let isDown = true;
  serve(() =>
    isDown
      ? (refusal(503, 'Argo CD main does not answer') as Response)
      : {
          versions: [],
          applications: [],
          unknown: [],
          problems: [{ what: 'Git cannot be read', why: 'It is down' }],
        },
  );
  const dialog = await openForm();
  expect(
    (await dialog.findAllByText(/Argo CD main does not answer/))[0],
  ).toBeInTheDocument();
  isDown = false;
  await userEvent.click(dialog.getByRole('button', { name: 'Try again' }));
  expect(
    await dialog.findByText(/None: Argo CD remembers no deploy/),
  ).toBeInTheDocument();
  expect(
    dialog.getByText(/Git cannot be read: It is down/),
  ).toBeInTheDocument();
});
