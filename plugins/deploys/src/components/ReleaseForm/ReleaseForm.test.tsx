import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { ReleaseChoices } from '@switchyard/backstage-plugin-deploys-common';
import { RunPreview } from '@switchyard/backstage-plugin-runs-common';
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
import { ReleaseButtons } from '../ComponentsCard/ReleaseButtons';

const server = setupServer();
registerMswTestHooks(server);

const refOf = (name: string) => `component:default/${name}`;
const CHOICES: ReleaseChoices = {
  services: [
    { entityRef: refOf('api'), name: 'api', current: ['v2.8.3'] },
    { entityRef: refOf('chat'), name: 'chat', current: [] },
    {
      entityRef: refOf('intruder'),
      name: 'intruder',
      current: [],
      why: 'The target does not agree. Its Application is of orders.',
    },
  ],
  versions: [
    { version: 'v2.8.4', missing: [] },
    { version: 'v2.8.2', missing: ['api'] },
  ],
  notReadable: [],
};

function aReleasePreview(): RunPreview {
  const preview = aPreview();
  const childOf = (name: string) => ({
    id: name,
    input: { version: 'v2.8.4' },
    plan: { ...preview.plan, entityRef: refOf(name) },
  });
  const step = (id: string, children: string[]) => ({
    id,
    title: id,
    handler: 'children',
    needs: [],
    effect: 'none' as const,
    input: { children },
    timeoutMs: 1_000,
    maxAttempts: 1,
  });
  return {
    ...preview,
    plan: {
      ...preview.plan,
      title: 'Release v2.8.4 of 2 services to production',
      children: [childOf('api'), childOf('chat')],
      steps: [step('wave.1', ['chat']), step('wave.2', ['api'])],
      changes: [
        {
          system: 'switchyard',
          what: 'version of api',
          ref: refOf('api'),
          before: 'v2.8.3',
          after: 'v2.8.4',
        },
      ],
    },
    verdict: {
      allowed: false,
      blockers: [{ type: 'lock', what: 'chat: Locked', why: 'A rehearsal.' }],
      approvals: [],
      warnings: [],
    },
    children: [
      {
        id: 'api',
        ahead: [],
        verdict: { allowed: true, blockers: [], approvals: [], warnings: [] },
      },
      {
        id: 'chat',
        ahead: [],
        verdict: {
          allowed: false,
          blockers: [{ type: 'lock', what: 'Locked', why: 'A rehearsal.' }],
          approvals: [],
          warnings: [],
        },
      },
    ],
  };
}

async function begin() {
  const previews: any[] = [];
  serveOrders(server, {
    runs: aRunsState({
      actions: [anAction({ action: 'release', title: 'Release' })],
    }),
  });
  server.use(
    http.get(
      `${RUNS_URL}/v1/entities/component/default/orders/choices`,
      ({ request }) => {
        const query = new URL(request.url).searchParams;
        return query.get('action') === 'release'
          ? HttpResponse.json(CHOICES as any)
          : refusal(404, 'There is nothing to choose from');
      },
    ),
    http.post(`${RUNS_URL}/v1/previews`, async ({ request }) => {
      previews.push(((await request.json()) as any).input);
      return HttpResponse.json(aReleasePreview());
    }),
  );
  renderOrders(<ReleaseButtons entityRef={refOf('orders')} />);
  await userEvent.click(
    await screen.findByRole('button', { name: 'Release to production…' }),
  );
  const dialog = within(
    await screen.findByRole('dialog', { name: 'Release orders to production' }),
  );
  await dialog.findByRole('checkbox', { name: /^api/ });
  const next = () => dialog.getByRole('button', { name: 'See the change' });
  return { dialog, next, previews };
}

it('begins with all services that can be shipped, and says what a version lacks', async () => {
  const { dialog, next, previews } = await begin();
  expect(dialog.getByRole('checkbox', { name: /^api v2\.8\.3/ })).toBeChecked();
  const intruder = dialog.getByRole('checkbox', { name: /^intruder/ });
  expect(intruder).toBeDisabled();
  expect(intruder).not.toBeChecked();
  expect(dialog.getByText(/Its Application is of orders/)).toBeInTheDocument();
  expect(next()).toBeDisabled();

  const version = dialog.getByRole('textbox', {
    name: 'Version of all services',
  });
  await userEvent.type(version, 'v2.8.2');
  expect(
    await dialog.findByText('v2.8.2 has no image of api'),
  ).toBeInTheDocument();
  // Without that service nothing is missing.
  await userEvent.click(dialog.getByRole('checkbox', { name: /^api/ }));
  expect(dialog.queryByText(/has no image/)).not.toBeInTheDocument();
  await userEvent.click(dialog.getByRole('checkbox', { name: /^api/ }));
  await userEvent.clear(version);
  await userEvent.type(version, 'v2.8.4');
  await userEvent.click(next());

  const table = within(
    await screen.findByRole('table', { name: 'Runs that it asks for' }),
  );
  expect(previews).toEqual([
    {
      services: [refOf('chat'), refOf('api')],
      version: 'v2.8.4',
      onFailure: 'stop',
    },
  ]);
  expect(
    table.getByRole('row', { name: /^api v2\.8\.3 v2\.8\.4 2/ }),
  ).toHaveTextContent('Nothing');
  expect(table.getByRole('row', { name: /^chat/ })).toHaveTextContent('Locked');
  expect(
    screen.getByRole('button', {
      name: 'Release v2.8.4 of 2 services to production',
    }),
  ).toBeDisabled();
});

it('asks for the next version by a title, and goes on at a failure where that is chosen', async () => {
  const { dialog, next, previews } = await begin();
  await userEvent.click(
    dialog.getByRole('radio', {
      name: 'The next, by the title of a pull request',
    }),
  );
  expect(next()).toBeDisabled();
  await userEvent.type(
    dialog.getByRole('textbox', { name: 'Title of the pull request' }),
    'Chats in threads [[minor]',
  );
  await userEvent.click(
    dialog.getByRole('radio', { name: 'Go on with the other waves' }),
  );
  await userEvent.click(next());
  await screen.findByRole('table', { name: 'Runs that it asks for' });
  expect(previews).toEqual([
    {
      services: [refOf('api'), refOf('chat')],
      title: 'Chats in threads [minor]',
      onFailure: 'go-on',
    },
  ]);
});
