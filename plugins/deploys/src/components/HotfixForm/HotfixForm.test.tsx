import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import {
  aDeployment,
  aDeploysState,
  aPreview,
  aRun,
  aRunsState,
  aVersion,
  DEPLOYS_URL,
  refusal,
  renderOrders,
  serveOrders,
} from '../../__testUtils__';
import { DeployCard } from '../DeployCard';

const server = setupServer();
registerMswTestHooks(server);

const CONFIRM = 'Ship v5.3.25 to 2 clusters';

async function openWalk() {
  renderOrders(<DeployCard showRuns />);
  const button = await screen.findByRole('button', {
    name: 'Hotfix… in production',
  });
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(button);
  return screen.findByRole('dialog', { name: 'Hotfix: orders in production' });
}

const options = () => screen.findAllByRole('option');
const filterField = () => screen.findByRole('combobox', { name: 'Version' });

async function reviewChange() {
  await openWalk();
  await userEvent.click(
    await screen.findByRole('option', { name: /v5\.3\.25/ }),
  );
  await userEvent.click(screen.getByRole('button', { name: 'See the change' }));
  await screen.findByText('What will change');
}

describe('picking a version', () => {
  it('lists what the registry has, and marks what runs and what is missing', async () => {
    serveOrders(server, {
      deploys: aDeploysState({
        deployments: [
          aDeployment('prod-blue'),
          aDeployment('prod-green', {
            version: {
              version: 'v5.3.23',
              images: [{ container: 'orders', image: 'orders:v5.3.23' }],
            },
          }),
        ],
      }),
      versions: {
        items: [
          aVersion('v5.3.25', { missingIn: ['green.example.com/orders'] }),
          aVersion('v5.3.24'),
          aVersion('v5.3.23', {
            createdAt: undefined,
            commit: undefined,
            builtBy: undefined,
          }),
        ],
        repositories: [
          {
            repository: 'dev.example.com/orders',
            state: 'not-readable',
            why: 'It refused the credentials.',
          },
        ],
      },
    });
    await openWalk();
    const texts = (await options()).map(option => option.textContent);
    expect(texts).toEqual([
      'v5.3.251 d ago01234567by danamissing in green.example.com/orders',
      'v5.3.241 d ago01234567by danacurrent in prod-blue',
      'v5.3.23age unknowncurrent in prod-green',
    ]);
    expect(
      screen.getByText(
        'dev.example.com/orders could not be read. It refused the credentials.',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: 'See the change' }),
    ).toBeDisabled();
  });

  it('is done by the keyboard alone', async () => {
    serveOrders(server);
    await openWalk();
    const field = await filterField();
    expect(field).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    const second = screen.getByRole('option', { name: /v5\.3\.24/ });
    expect(field).toHaveAttribute('aria-activedescendant', second.id);
    await userEvent.keyboard('{ArrowUp}{Enter}');
    expect(screen.getByRole('option', { name: /v5\.3\.25/ })).toHaveAttribute(
      'aria-selected',
      'true',
    );
    expect(screen.getByText('3 versions · v5.3.25 chosen')).toBeInTheDocument();
  });

  it('filters as one types, by version, commit or author', async () => {
    serveOrders(server, {
      versions: {
        items: [aVersion('v5.3.25', { builtBy: 'ravi' }), aVersion('v5.3.24')],
        repositories: [],
      },
    });
    await openWalk();
    await userEvent.type(await filterField(), 'ravi');
    expect(await options()).toHaveLength(1);
    expect(screen.getByText('1 of 2 versions')).toBeInTheDocument();
    await userEvent.type(await filterField(), ' nobody');
    expect(
      screen.getByText('No version matches “ravi nobody”.'),
    ).toBeInTheDocument();
  });

  it('renders what is in sight of ten thousand versions', async () => {
    const items = Array.from({ length: 10_000 }, (_, index) =>
      aVersion(`v1.0.${index}`),
    );
    serveOrders(server, { versions: { items, repositories: [] } });
    await openWalk();
    expect((await options()).length).toBeLessThan(60);
    expect(screen.getByText('10000 versions')).toBeInTheDocument();
  });

  it('never says "none" while a registry could not be read, and tries again', async () => {
    const backend = serveOrders(server, {
      versions: {
        items: [],
        repositories: [
          {
            repository: 'registry.example.com/orders',
            state: 'not-readable',
            why: 'The registry cannot be reached.',
          },
        ],
      },
    });
    await openWalk();
    expect(
      await screen.findByText(
        'No version is known while the registry cannot be read.',
      ),
    ).toBeInTheDocument();
    expect(screen.getByText('0 versions known')).toBeInTheDocument();
    const field = await filterField();
    expect(field).toHaveAttribute('aria-expanded', 'false');
    expect(field).not.toHaveAttribute('aria-controls');
    backend.versions = { items: [aVersion('v5.3.25')], repositories: [] };
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await options()).toHaveLength(1);
    expect(field).toHaveAttribute('aria-controls', 'switchyard-versions');
  });

  it('says why the list cannot be had, and tries again', async () => {
    serveOrders(server);
    let broken = true;
    server.use(
      http.get(
        `${DEPLOYS_URL}/v1/entities/component/default/orders/versions`,
        ({ request }) => {
          expect(new URL(request.url).searchParams.get('environment')).toBe(
            'production',
          );
          return broken
            ? refusal(503, 'The registry does not answer', 'req-5')
            : HttpResponse.json({
                items: [aVersion('v5.3.25')],
                repositories: [],
              });
        },
      ),
    );
    const dialog = await openWalk();
    const alert = await within(dialog).findByRole('alert');
    expect(alert).toHaveTextContent('The registry does not answer');
    expect(alert).toHaveTextContent('req-5');
    broken = false;
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Try again' }),
    );
    expect(await options()).toHaveLength(1);
  });
});

describe('the walk', () => {
  it('goes from the version over the change and the reason to the run', async () => {
    const backend = serveOrders(server);
    await reviewChange();
    expect(screen.getByRole('dialog')).toHaveTextContent(
      'image of Deployment orders',
    );
    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Checkout is slow',
    );
    backend.runs = aRunsState({ hash: 'r2', active: [aRun()] });
    // The change is looked at again once the state of the card has come, which may be now.
    const confirm = screen.getByRole('button', { name: CONFIRM });
    await waitFor(() => expect(confirm).toBeEnabled());
    await userEvent.click(confirm);

    await waitFor(() => expect(backend.requests).toHaveLength(1));
    expect(backend.requests[0].key).toBeTruthy();
    expect(backend.requests[0].body).toEqual({
      action: 'hotfix',
      entityRef: 'component:default/orders',
      environment: 'production',
      input: { version: 'v5.3.25' },
      reason: 'Checkout is slow',
      planHash: 'sha256:aaaa',
    });
    expect(
      (await screen.findAllByRole('link', { name: 'Open run #412' }))[0],
    ).toHaveAttribute('href', '/runs/run-412');
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(
      await screen.findByRole('region', { name: 'Run #412' }),
    ).toHaveTextContent('Ship v5.3.25 to 2 clusters');
  });

  it('shows the new change when the plan is another one by now, and makes no run of the old one', async () => {
    const backend = serveOrders(server);
    backend.answerRun = () => {
      backend.preview = aPreview({ planHash: 'sha256:bbbb' });
      return refusal(409, 'Somebody shipped v5.3.26 meanwhile') as Response;
    };
    await reviewChange();
    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Checkout is slow',
    );
    await userEvent.click(screen.getByRole('button', { name: CONFIRM }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Somebody shipped v5.3.26 meanwhile');
    expect(alert).toHaveTextContent('No run was made.');
    backend.answerRun = () => HttpResponse.json(aRun(), { status: 201 });
    await waitFor(() =>
      expect(screen.getByRole('button', { name: CONFIRM })).toBeEnabled(),
    );
    await userEvent.click(screen.getByRole('button', { name: CONFIRM }));
    await waitFor(() => expect(backend.requests).toHaveLength(2));
    expect(backend.requests[1].body.planHash).toBe('sha256:bbbb');
    expect(backend.requests[1].key).not.toBe(backend.requests[0].key);
  });

  it('is the same for a service that no Application deploys: the objects are shown, and what puts them back', async () => {
    const image = 'registry.example.com/orders';
    const preview = aPreview();
    const warnings = [
      {
        what: 'Set on the object itself',
        why: 'No Application deploys Deployment storefront/orders',
      },
    ];
    const change = {
      system: 'kubernetes',
      what: 'image of Deployment orders',
      ref: 'storefront/orders/main',
      before: `${image}:v5.3.24`,
      after: `${image}:v5.3.25`,
    };
    const loose = (cluster: string) => ({
      ...aDeployment(cluster),
      application: undefined,
    });
    const backend = serveOrders(server, {
      deploys: aDeploysState({
        deployments: [loose('prod-blue'), loose('prod-green')],
      }),
      preview: {
        ...preview,
        plan: {
          ...preview.plan,
          changes: [
            { ...change, cluster: 'prod-blue' },
            { ...change, cluster: 'prod-green' },
          ],
          undo: 'Roll back to v5.3.24: what ran before is noted on each object',
        },
        verdict: { ...preview.verdict, warnings },
      },
    });
    await reviewChange();
    const walk = screen.getByRole('dialog');
    expect(walk).toHaveTextContent(`${image}:v5.3.24`);
    expect(walk).toHaveTextContent(`${image}:v5.3.25`);
    expect(walk).toHaveTextContent('prod-green');
    expect(walk).toHaveTextContent('Set on the object itself');
    expect(walk).toHaveTextContent('Roll back to v5.3.24');
    await userEvent.type(
      screen.getByRole('textbox', { name: /Reason/ }),
      'Checkout is slow',
    );
    const confirm = screen.getByRole('button', { name: CONFIRM });
    await waitFor(() => expect(confirm).toBeEnabled());
    await userEvent.click(confirm);
    await waitFor(() => expect(backend.requests).toHaveLength(1));
    expect(backend.requests[0].body).toMatchObject({ action: 'hotfix' });
  });

  it('starts with nothing chosen the next time', async () => {
    serveOrders(server);
    const dialog = await openWalk();
    await userEvent.click(
      await screen.findByRole('option', { name: /v5\.3\.25/ }),
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Cancel' }),
    );
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Hotfix… in production' }),
    );
    expect(
      (await options()).map(each => each.getAttribute('aria-selected')),
    ).toEqual(['false', 'false', 'false']);
  });
});
