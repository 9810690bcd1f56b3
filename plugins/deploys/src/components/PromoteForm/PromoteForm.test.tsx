import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  aDeployment,
  aDeploysState,
  anAction,
  aPod,
  aPreview,
  aRollout,
  aRunsState,
  aWorkload,
  renderOrders,
  RUNS_URL,
  serveOrders,
} from '../../__testUtils__';
import { DeployCard } from '../DeployCard';

const server = setupServer();
registerMswTestHooks(server);

const ACTIONS = [
  ['promote', 'Promote'],
  ['abort-rollout', 'Abort rollout'],
  ['retry-rollout', 'Retry rollout'],
  ['pause-rollout', 'Pause rollout'],
  ['resume-rollout', 'Resume rollout'],
] as const;

function serve(rollout: ReturnType<typeof aRollout>) {
  return serveOrders(server, {
    runs: aRunsState({
      actions: [
        anAction(),
        ...ACTIONS.map(([action, title]) => anAction({ action, title })),
      ],
    }),
    deploys: aDeploysState({
      deployments: [
        aDeployment('prod-blue', {
          workloads: [aWorkload([aPod('orders-1')], { rollout })],
        }),
      ],
    }),
  });
}

const openMenu = async () => {
  await userEvent.click(
    await screen.findByRole('button', { name: 'More for production' }),
  );
  return (await screen.findAllByRole('menuitem'))
    .map(item => item.textContent)
    .filter(text => /rollout|Promote/.test(text ?? ''));
};

it.each([
  ['waits', aRollout(), ['Promote…', 'Abort rollout…', 'Pause rollout…']],
  [
    'was aborted',
    aRollout({ status: 'aborted', paused: undefined }),
    ['Retry rollout…'],
  ],
  [
    'is paused by hand',
    aRollout({ pausedByHand: true }),
    ['Abort rollout…', 'Resume rollout…'],
  ],
])(
  'offers for a Rollout that %s what can be done with it',
  async (_, rollout, expected) => {
    serve(rollout);
    renderOrders(<DeployCard />);
    expect(await openMenu()).toEqual(expected);
  },
);

it('offers nothing where no version is rolled out', async () => {
  serve(aRollout({ status: 'healthy', next: undefined, paused: undefined }));
  renderOrders(<DeployCard />);
  expect(await openMenu()).toEqual([]);
});

it('promotes by a step, or in full behind what that costs', async () => {
  const previews: unknown[] = [];
  serve(aRollout());
  server.use(
    http.post(`${RUNS_URL}/v1/previews`, async ({ request }) => {
      previews.push(((await request.json()) as any).input);
      return HttpResponse.json(aPreview());
    }),
  );
  renderOrders(<DeployCard />);
  await openMenu();
  await userEvent.click(screen.getByRole('menuitem', { name: 'Promote…' }));
  const dialog = within(
    await screen.findByRole('dialog', {
      name: 'Promote: orders in production',
    }),
  );
  expect(
    await dialog.findByRole('list', { name: 'What is rolled out now' }),
  ).toHaveTextContent(
    'orders in prod-blue: Canary step 2 of 5 · 20 % · paused until somebody promotes it',
  );
  expect(dialog.getByLabelText('To the next step')).toBeChecked();
  await userEvent.click(dialog.getByLabelText('In full'));
  expect(
    dialog.getByText(/it cannot be aborted after that/),
  ).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('button', { name: 'See the change' }));
  await waitFor(() => expect(previews).toEqual([{ full: true }]));
});
