import {
  mockApis,
  registerMswTestHooks,
  TestApiProvider,
} from '@backstage/frontend-test-utils';
import { signalApiRef } from '@backstage/plugin-signals-react';
import { LiveState } from '@switchyard/backstage-plugin-runs-react';
import { act, renderHook, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { PropsWithChildren } from 'react';
import { aDeploysState } from '../__testUtils__';
import { DEPLOYS_URL } from '../__testUtils__/backend';
import { BellSignals } from '../__testUtils__/BellSignals';
import { aFleetRow, aFleetView } from '../__testUtils__/fleet';
import { DeploysClient, deploysApiRef } from '../api';
import { FleetClient, fleetApiRef } from '../fleet';
import { useFleet, useFleetPart } from '../fleet/useFleet';
import { useEntityDeploys } from './useEntityDeploys';

const server = setupServer();
registerMswTestHooks(server);

const view = (hash: string, since: string, version: string) =>
  aFleetView([aFleetRow({ version: hash })], {
    hash,
    since,
    versions: { 'prod-blue': version },
  });
const state = (hash: string, _: string, version: string) =>
  aDeploysState({
    hash,
    versions: { 'cluster:prod-blue/Deployment': version },
  });

interface Told {
  hash: string;
}

describe.each<
  [
    name: string,
    path: string,
    answerOf: (hash: string, since: string, version: string) => Told,
    useView: () => LiveState<Told>,
  ]
>([
  ['the fleet', '/v1/fleet-view', view, () => useFleet()],
  [
    'a part of it',
    '/v1/entities/system/default/shop/fleet-view',
    view,
    () => useFleetPart('system:default/shop'),
  ],
  [
    'an entity',
    '/v1/entities/component/default/orders/state',
    state,
    () => useEntityDeploys('component:default/orders'),
  ],
])('the view of %s', (_, path, answerOf, useView) => {
  it('is read anew where the answer that is kept is behind, though its ETag still holds', async () => {
    let answer = answerOf('h0', 's0', '9000');
    const asked: Array<[ifNoneMatch: string | null, status: number]> = [];
    server.use(
      http.get(`${DEPLOYS_URL}${path}`, ({ request }) => {
        const etag = `"${answer.hash}"`;
        const known = request.headers.get('if-none-match');
        asked.push([known, known === etag ? 304 : 200]);
        return known === etag
          ? new HttpResponse(null, { status: 304 })
          : HttpResponse.json({ ...answer }, { headers: { ETag: etag } });
      }),
    );
    const clients = {
      discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
      fetchApi: mockApis.fetch(),
    };
    const apis = [
      [deploysApiRef, DeploysClient.create(clients)],
      [fleetApiRef, FleetClient.create(clients)],
      [signalApiRef, new BellSignals()],
    ] as const;
    const { result } = renderHook(useView, {
      wrapper: ({ children }: PropsWithChildren) => (
        <TestApiProvider apis={apis}>{children}</TestApiProvider>
      ),
    });
    await waitFor(() => expect(result.current.value?.hash).toBe('h0'));

    answer = answerOf('h1', 's1', '8989');
    await act(async () => result.current.retry());
    await waitFor(() => expect(result.current.value?.hash).toBe(''));
    // Another replica, or the same a moment later: it tells the same, and has come as far as what is shown.
    answer = answerOf('h1', 's1', '9001');
    await waitFor(() => expect(result.current.value?.hash).toBe('h1'), {
      timeout: 3_000,
    });
    await act(async () => result.current.retry());
    expect(asked).toEqual([
      [null, 200],
      ['"h0"', 200],
      [null, 200],
      ['"h1"', 304],
    ]);
  });
});
