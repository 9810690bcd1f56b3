import {
  mockApis,
  renderInTestApp,
  TestAppOptions,
} from '@backstage/frontend-test-utils';
import { signalApiRef } from '@backstage/plugin-signals-react';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { JSX } from 'react';
import { RunsClient, runsApiRef } from '../api';
import { ActionForms, actionFormsApiRef } from '../forms';
import { BellSignals } from './BellSignals';

export const BASE_URL = 'http://localhost:7007/api/runs';

/** The real client against whatever answers at {@link BASE_URL}. */
export function makeClient(): RunsClient {
  return RunsClient.create({
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
    fetchApi: mockApis.fetch(),
  });
}

/** Renders in a test app with the real client and signals that the test rings. */
export function renderWithRuns(
  element: JSX.Element,
  options: {
    signals?: BellSignals;
    client?: RunsClient;
    forms?: ActionForms;
    config?: TestAppOptions['config'];
  } = {},
) {
  const {
    signals = new BellSignals(),
    client = makeClient(),
    forms = {},
    config,
  } = options;
  return renderInTestApp(element, {
    config,
    apis: [
      [runsApiRef, client],
      [signalApiRef, signals],
      [actionFormsApiRef, forms],
    ],
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
  });
}
