import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { TreeNode } from '@switchyard/backstage-plugin-deploys-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
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

const sync = anAction({ action: 'sync', title: 'Sync' });

function aNode(kind: string, name: string, more: Partial<TreeNode> = {}) {
  return {
    group: kind === 'Deployment' ? 'apps' : '',
    kind,
    namespace: 'storefront',
    name,
    uid: `uid-${name}`,
    sync: 'Synced',
    images: [],
    children: [],
    ...more,
  };
}

/** The backend of orders with a sync that is possible, and what previews were asked for. */
function serve() {
  const previews: any[] = [];
  const backend = serveOrders(server, {
    runs: aRunsState({ actions: [anAction(), sync] }),
    parts: {
      tree: () => ({
        roots: [
          aNode('Deployment', 'orders', { sync: 'OutOfSync' }),
          aNode('ConfigMap', 'orders-settings', { sync: 'OutOfSync' }),
          aNode('Service', 'orders'),
        ],
        more: 0,
      }),
    },
  });
  server.use(
    http.post(`${RUNS_URL}/v1/previews`, async ({ request }) => {
      previews.push(((await request.json()) as any).input);
      const { plan, ...rest } = aPreview();
      return HttpResponse.json({
        ...rest,
        plan: { ...plan, kind: 'sync', title: 'Sync 2 Applications' },
      });
    }),
  );
  return { backend, previews };
}

async function openForm() {
  renderOrders(<DeployCard />);
  await userEvent.click(
    await screen.findByRole('button', { name: 'More for production' }),
  );
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Sync…' }));
  const dialog = within(
    await screen.findByRole('dialog', { name: 'Sync: orders in production' }),
  );
  await dialog.findByRole('radio', { name: 'Everything, with its hooks' });
  return dialog;
}

const seeChange = () =>
  userEvent.click(screen.getByRole('button', { name: 'See the change' }));

describe('the form of a sync', () => {
  it('is about everything from the beginning, and leads to a run', async () => {
    const { backend, previews } = serve();
    await openForm();
    await seeChange();
    await userEvent.type(
      await screen.findByRole('textbox', { name: /Reason/ }),
      'Somebody edited it by hand',
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Sync 2 Applications' }),
    );
    await waitFor(() => expect(backend.requests).toHaveLength(1));
    expect(previews).toEqual([{}]);
    expect(backend.requests[0].body).toMatchObject({
      action: 'sync',
      environment: 'production',
      input: {},
    });
  });

  it('takes single resources out of what differs, of the Applications that are meant', async () => {
    const { previews } = serve();
    const dialog = await openForm();
    await userEvent.click(
      dialog.getByRole('checkbox', { name: /orders-green in prod-green/ }),
    );
    await userEvent.click(
      dialog.getByRole('radio', { name: 'Only some of what differs' }),
    );
    expect(dialog.getByText(/No hook runs then/)).toBeInTheDocument();
    expect(
      dialog.getByRole('button', { name: 'See the change' }),
    ).toBeDisabled();
    const differing = within(
      await dialog.findByRole('group', {
        name: 'Resources of orders-blue that differ',
      }),
    );
    expect(
      dialog.queryByRole('group', { name: /orders-green/ }),
    ).not.toBeInTheDocument();
    expect(
      (await differing.findAllByRole('checkbox')).map(
        box => box.closest('label')?.textContent,
      ),
    ).toEqual(['Deployment orders', 'ConfigMap orders-settings']);
    await userEvent.click(
      differing.getByRole('checkbox', { name: 'ConfigMap orders-settings' }),
    );
    await seeChange();
    await screen.findByText('What will change');
    expect(previews).toEqual([
      {
        applications: ['orders-blue'],
        resources: [
          {
            group: '',
            kind: 'ConfigMap',
            namespace: 'storefront',
            name: 'orders-settings',
          },
        ],
      },
    ]);

    await userEvent.click(screen.getByRole('button', { name: 'Back' }));
    expect(
      await screen.findByRole('checkbox', {
        name: 'ConfigMap orders-settings',
      }),
    ).toBeChecked();
  });

  it('says what pruning, forcing and an empty choice mean', async () => {
    const { previews } = serve();
    const dialog = await openForm();
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Prune' }));
    expect(
      dialog.getByText(/What Git no longer has is deleted/),
    ).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Force' }));
    expect(
      dialog.getByText(/pods may all be gone for a while/),
    ).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', { name: /Before/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Look at Git again' }),
    );
    for (const name of [/orders-blue in/, /orders-green in/])
      await userEvent.click(dialog.getByRole('checkbox', { name }));
    expect(
      dialog.getByRole('button', { name: 'See the change' }),
    ).toBeDisabled();
    await userEvent.click(
      dialog.getByRole('checkbox', { name: /orders-blue in/ }),
    );
    await seeChange();
    await screen.findByText('What will change');
    expect(previews).toEqual([
      {
        applications: ['orders-blue'],
        prune: true,
        force: true,
        refresh: 'normal',
      },
    ]);
  });

  it('says what is not readable of what differs', async () => {
    const { backend } = serve();
    backend.parts.tree = () => {
      throw refusal(403, 'Resources are shown to those who own orders');
    };
    const dialog = await openForm();
    await userEvent.click(
      dialog.getByRole('radio', { name: 'Only some of what differs' }),
    );
    expect(
      await dialog.findAllByText('Resources are shown to those who own orders'),
    ).toHaveLength(2);
  });
});

it('keeps an action that is not possible in the menu, and says all that stands in its way', async () => {
  const { backend } = serve();
  backend.runs = aRunsState({
    actions: [
      {
        ...sync,
        allowed: false,
        blockers: [
          { type: 'lock', what: 'Locked', why: 'Rehearsal.' },
          { type: 'sync-window', what: 'Window closed', why: 'Until 18:00.' },
        ],
      },
      anAction({ action: 'hidden', title: 'Hidden', visible: false }),
    ],
  });
  renderOrders(<DeployCard />);
  await userEvent.click(
    await screen.findByRole('button', { name: 'More for production' }),
  );
  expect(
    screen.queryByRole('menuitem', { name: /Hidden/ }),
  ).not.toBeInTheDocument();
  const item = await screen.findByRole('menuitem', { name: /Sync…/ });
  expect(item).toHaveTextContent('Rehearsal.');
  expect(item).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(item);
  const why = await screen.findByRole('dialog', {
    name: 'Sync in production is not possible now',
  });
  expect(why).toHaveTextContent('Until 18:00.');
});
