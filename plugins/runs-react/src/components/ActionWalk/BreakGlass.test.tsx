import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { PassOffer } from '@switchyard/backstage-plugin-runs-common';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  aPreview,
  aRun,
  aRunDetail,
  aState,
  lockBlocker,
  ORDERS,
} from '../../__testUtils__';
import { BASE_URL, renderWithRuns } from '../../__testUtils__/renderWithRuns';
import { ActionWalk } from './ActionWalk';

const server = setupServer();
registerMswTestHooks(server);

const offer: PassOffer = {
  allowed: true,
  passes: [lockBlocker],
  lifts: [],
  needsSecond: true,
  confirmers: ['group:default/platform'],
  validForMs: 1_800_000,
};

function serve(passOffer?: PassOffer) {
  const requests: any[] = [];
  server.use(
    http.get(`${BASE_URL}/v1/entities/component/default/orders/state`, () =>
      HttpResponse.json(aState()),
    ),
    http.post(`${BASE_URL}/v1/previews`, () =>
      HttpResponse.json(
        aPreview({
          passOffer,
          verdict: {
            allowed: false,
            blockers: [lockBlocker],
            approvals: [],
            warnings: [],
          },
        }),
      ),
    ),
    http.post(`${BASE_URL}/v1/runs`, async ({ request }) => {
      requests.push(await request.json());
      return HttpResponse.json(aRun(), { status: 201 });
    }),
    http.get(`${BASE_URL}/v1/runs/run-412`, () =>
      HttpResponse.json(aRunDetail()),
    ),
  );
  renderWithRuns(
    <ActionWalk
      open
      action="sync"
      title="Sync orders"
      entityRef={ORDERS}
      environment="production"
      onClose={() => {}}
    />,
  );
  return requests;
}

describe('breaking the glass in a walk', () => {
  it('is offered where a pass would lift what is in the way: by keyboard, with its terms, a reason and the incident', async () => {
    const requests = serve(offer);
    const button = await screen.findByRole('button', {
      name: 'Break the glass…',
    });
    expect(
      screen.getByRole('button', { name: 'Ship v5.3.25 to 2 clusters' }),
    ).toBeDisabled();
    expect(button).toHaveAttribute('aria-expanded', 'false');
    act(() => button.focus());
    await userEvent.keyboard('{Enter}');
    const terms = screen.getByRole('region', { name: 'Break the glass' });
    expect(terms).toHaveTextContent('this one run passes the locks');
    expect(terms).toHaveTextContent(
      /Somebody else who may break the glass must confirm it first \(platform\)/,
    );
    expect(terms).toHaveTextContent('valid for 30 minutes');
    await userEvent.type(
      within(terms).getByRole('textbox', { name: 'Incident' }),
      'https://incidents.example/42',
    );
    const confirm = screen.getByRole('button', {
      name: 'Ask to break the glass: Ship v5.3.25 to 2 clusters',
    });
    await userEvent.click(confirm);
    expect(requests).toEqual([]);
    expect(screen.getByRole('textbox', { name: /Reason/ })).toHaveFocus();
    await userEvent.keyboard('Cards are declined{Enter}');
    await waitFor(() => expect(requests).toHaveLength(1));
    expect(requests[0]).toMatchObject({
      reason: 'Cards are declined',
      breakGlass: {
        reason: 'Cards are declined',
        incident: 'https://incidents.example/42',
      },
    });
  });

  it('can be thought better of: the request goes back to being blocked', async () => {
    serve({ ...offer, needsSecond: false });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Break the glass…' }),
    );
    expect(
      screen.getByRole('button', {
        name: 'Break the glass: Ship v5.3.25 to 2 clusters',
      }),
    ).toBeEnabled();
    await userEvent.click(
      screen.getByRole('button', { name: 'Do not break the glass' }),
    );
    expect(
      screen.getByRole('button', { name: 'Ship v5.3.25 to 2 clusters' }),
    ).toBeDisabled();
  });

  it('stays, disabled, with the reason, where the person may do it elsewhere; is not there where nowhere', async () => {
    serve({
      ...offer,
      allowed: false,
      why: 'You may not break the glass for sync.',
    });
    const button = await screen.findByRole('button', {
      name: 'Break the glass…',
    });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(
      'Not permitted: You may not break the glass for sync. Ask platform for it.',
    );
  });

  it('is not there where no pass would help', async () => {
    serve(undefined);
    await screen.findByText('What stands in the way');
    expect(
      screen.queryByRole('button', { name: /Break the glass/ }),
    ).not.toBeInTheDocument();
  });
});
