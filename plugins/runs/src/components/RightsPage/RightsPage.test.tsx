import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { ActionState } from '@switchyard/backstage-plugin-runs-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { anInbox, aState, ORDERS } from '../../__testUtils__';
import { refusal } from '../../__testUtils__/refusal';
import { BASE_URL, renderPage } from '../../__testUtils__/renderPage';

const server = setupServer();
registerMswTestHooks(server);

const anAction = (overrides: Partial<ActionState> = {}): ActionState => ({
  action: 'hotfix',
  title: 'Hotfix',
  environment: 'production',
  visible: true,
  allowed: true,
  blockers: [],
  approvals: [],
  warnings: [],
  ...overrides,
});

const approval = {
  name: 'critical in production',
  title: 'Needs 2 approvals of platform',
  needed: 2,
  from: ['group:default/platform'],
  given: [],
  missing: 2,
  missingRequired: [],
  void: [],
};

function serve(actions: ActionState[] = []) {
  server.use(
    http.get(`${BASE_URL}/v1/gates`, () => HttpResponse.json(anInbox())),
    http.get(`${BASE_URL}/v1/entities/component/default/orders/state`, () =>
      HttpResponse.json(aState({ actions })),
    ),
    http.get(`${BASE_URL}/v1/why-not`, () =>
      HttpResponse.json({
        items: [
          {
            action: 'hotfix',
            title: 'Hotfix',
            environment: 'production',
            on: 'some',
            ownedBy: ['group:default/storefront'],
            approvals: [
              {
                name: 'critical in production',
                needed: 2,
                from: ['group:default/platform'],
                owners: true,
                always: false,
              },
            ],
          },
          {
            action: 'hotfix',
            title: 'Hotfix',
            environment: 'development',
            on: 'every',
            ownedBy: [],
            approvals: [],
          },
          {
            action: 'lock',
            title: 'Lock',
            environment: 'production',
            on: 'none',
            ownedBy: [],
            approvals: [],
          },
        ],
      }),
    ),
  );
}

const cellOf = async (row: string, column: number) =>
  within(
    (await screen.findByRole('rowheader', { name: row })).closest('tr')!,
  ).getAllByRole('cell')[column];

describe('what may I do', () => {
  it('says for a component what is allowed, what takes approval, and why the rest is not', async () => {
    serve([
      anAction({ approvals: [approval] }),
      anAction({
        environment: 'development',
        warnings: [{ what: 'Locked by you', why: 'Your lock lets you go on.' }],
      }),
      anAction({
        action: 'sync',
        title: 'Sync',
        allowed: false,
        blockers: [
          {
            type: 'lock',
            what: 'Locked',
            why: 'Locked by omar: Stock-taking',
            since: '2026-11-21T08:00:00.000Z',
            until: '2026-11-22T08:00:00.000Z',
            liftedBy: ['user:default/omar'],
          },
        ],
      }),
      anAction({
        action: 'lock',
        title: 'Lock',
        visible: false,
        allowed: false,
        blockers: [
          {
            type: 'permission',
            what: 'Not permitted',
            why: 'You may not lock component:default/orders in production.',
            ask: ['group:default/storefront'],
          },
        ],
      }),
    ]);
    renderPage(`/runs/rights?entity=${encodeURIComponent(ORDERS)}`);
    await screen.findByRole('table', {
      name: `What you may do with ${ORDERS}`,
    });
    expect(screen.getByText(/^2 of 4 allowed now/)).toBeInTheDocument();

    const hotfix = await cellOf('Hotfix', 0);
    expect(hotfix).toHaveTextContent('Needs approval');
    expect(hotfix).toHaveTextContent('2 people of platform must approve');
    const development = await cellOf('Hotfix', 1);
    expect(development).toHaveTextContent('Allowed');
    expect(development).toHaveTextContent('Your lock lets you go on.');

    const sync = await cellOf('Sync', 0);
    expect(sync).toHaveTextContent('Not allowed now');
    expect(sync).toHaveTextContent('Locked by omar: Stock-taking');
    expect(sync).toHaveTextContent('Can be lifted by omar');
    expect(await cellOf('Sync', 1)).toHaveTextContent('Makes no sense here');

    const lock = await cellOf('Lock', 0);
    expect(lock).toHaveTextContent('Not allowed for you');
    expect(
      within(lock).getByRole('link', { name: 'storefront' }),
    ).toBeVisible();
  });

  it('says without a component what is allowed at all', async () => {
    serve();
    renderPage('/runs/rights');
    const production = await cellOf('Hotfix', 0);
    expect(production).toHaveTextContent('On some components');
    expect(production).toHaveTextContent('Those that storefront owns.');
    expect(production).toHaveTextContent('May need approval');
    expect(production).toHaveTextContent(
      '2 people of platform or the owners of the component must approve (critical in production).',
    );
    expect(await cellOf('Hotfix', 1)).toHaveTextContent('On every component');
    expect(await cellOf('Lock', 0)).toHaveTextContent('Not allowed for you');
    expect(screen.getByRole('link', { name: 'What may I do' })).toHaveAttribute(
      'aria-current',
      'page',
    );
  });

  it('goes on to a component by its name', async () => {
    serve([anAction()]);
    renderPage('/runs/rights');
    const field = await screen.findByLabelText('Component');
    await userEvent.type(field, 'or ders/x/');
    expect(
      screen.getByText(
        'Give a name, such as orders or component:default/orders',
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Show' })).toBeDisabled();
    await userEvent.clear(field);
    await userEvent.type(field, 'orders{Enter}');
    expect(
      await screen.findByRole('table', {
        name: `What you may do with ${ORDERS}`,
      }),
    ).toBeInTheDocument();
    expect(await cellOf('Hotfix', 0)).toHaveTextContent('Allowed');
  });

  it('says that there is nothing to do, and that it cannot be shown', async () => {
    serve([]);
    const { unmount } = renderPage(
      `/runs/rights?entity=${encodeURIComponent(ORDERS)}`,
    );
    expect(
      await screen.findByRole('heading', {
        name: 'There is nothing to do with it',
      }),
    ).toBeInTheDocument();
    unmount();

    let broken = true;
    server.use(
      http.get(`${BASE_URL}/v1/why-not`, () =>
        broken
          ? refusal(403, 'NotAllowedError', 'You may not see runs')
          : HttpResponse.json({ items: [] }),
      ),
    );
    renderPage('/runs/rights');
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'You may not see runs',
    );
    broken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('table', { name: 'What you may do' }),
    ).toBeInTheDocument();
  });
});
