import {
  createExtensionTester,
  mockApis,
  renderInTestApp,
} from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { SignalApi, signalApiRef } from '@backstage/plugin-signals-react';
import {
  RunsClient,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { runsPage } from '../alpha/plugin';
import { HistoryClient, historyApiRef } from '../history';
import { rootRouteRef } from '../routes';

export const BASE_URL = 'http://localhost:7007/api/runs';

/** A signals client that a test rings by hand. */
export class BellSignals implements SignalApi {
  readonly #listeners = new Map<string, Set<(message: any) => void>>();

  subscribe(channel: string, onMessage: (message: any) => void) {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(onMessage));
    return { unsubscribe: () => listeners.delete(onMessage) };
  }

  ring(channel: string, message: { hash: string }) {
    for (const listener of this.#listeners.get(channel) ?? []) {
      listener(message);
    }
  }
}

/** APIs with the real client, against whatever answers at {@link BASE_URL}. */
export function makeApis(signals: BellSignals = new BellSignals()) {
  const client = RunsClient.create({
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
    fetchApi: mockApis.fetch(),
  });
  const history = HistoryClient.create({
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
    fetchApi: mockApis.fetch(),
  });
  return [
    [runsApiRef, client],
    [historyApiRef, history],
    [signalApiRef, signals],
  ] as const;
}

/** Renders the plugin's page at an address below `/runs`. */
export function renderPage(
  address: string,
  options: { signals?: BellSignals } = {},
) {
  return renderInTestApp(createExtensionTester(runsPage).reactElement(), {
    apis: makeApis(options.signals),
    mountPath: '/runs',
    initialRouteEntries: [address],
    mountedRoutes: {
      '/runs': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
  });
}
