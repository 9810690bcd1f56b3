import { useRouteRef } from '@backstage/core-plugin-api';
import { useCallback } from 'react';
import { runRouteRef } from './routes';

/** Makes the address of a run's page. Undefined where the portal has not mounted the runs page. */
export function useRunHref(): (runId: string) => string | undefined {
  const route = useRouteRef(runRouteRef);
  return useCallback((runId: string) => route?.({ id: runId }), [route]);
}
