import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  anAction,
  aPreview,
  aRunsState,
  renderOrders,
  RUNS_URL,
  serveOrders,
} from '../../__testUtils__';
import { DeployCard } from '../DeployCard';

const server = setupServer();
registerMswTestHooks(server);

it('takes a whole number to the preview, and nothing else', async () => {
  const previews: unknown[] = [];
  const backend = serveOrders(server, {
    runs: aRunsState({
      actions: [anAction(), anAction({ action: 'scale', title: 'Scale' })],
    }),
  });
  server.use(
    http.post(`${RUNS_URL}/v1/previews`, async ({ request }) => {
      previews.push(((await request.json()) as any).input);
      const { plan, ...rest } = aPreview();
      const title = 'Scale 2 workloads to 5 pods each in 2 clusters';
      return HttpResponse.json({
        ...rest,
        plan: { ...plan, kind: 'scale', title },
      });
    }),
  );
  renderOrders(<DeployCard />);
  await userEvent.click(
    await screen.findByRole('button', { name: 'More for production' }),
  );
  await userEvent.click(
    await screen.findByRole('menuitem', { name: 'Scale…' }),
  );
  const dialog = within(
    await screen.findByRole('dialog', { name: 'Scale: orders in production' }),
  );
  const pods = await dialog.findByRole('textbox', { name: 'Pods' });
  const next = () => dialog.getByRole('button', { name: 'See the change' });
  expect(next()).toBeDisabled();
  await userEvent.type(pods, '-5');
  expect(dialog.getByText('A whole number')).toBeInTheDocument();
  expect(next()).toBeDisabled();
  await userEvent.clear(pods);
  await userEvent.type(pods, '5');
  await userEvent.click(next());
  await userEvent.type(
    await screen.findByRole('textbox', { name: /Reason/ }),
    'A sale begins',
  );
  await userEvent.click(
    screen.getByRole('button', { name: /^Scale 2 workloads to 5 pods/ }),
  );
  await waitFor(() => expect(backend.requests).toHaveLength(1));
  expect(previews).toEqual([{ replicas: 5 }]);
  expect(backend.requests[0].body).toMatchObject({
    action: 'scale',
    input: { replicas: 5 },
  });
});
