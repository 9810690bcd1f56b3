import { useRouteRef } from '@backstage/core-plugin-api';
import { useCallback } from 'react';
import { runRouteRef } from '../routes';

/** Makes the address of a run's page; undefined where there is no such page. */
export function useRunHref(): (runId: string) => string | undefined {
  const runRoute = useRouteRef(runRouteRef);
  return useCallback((runId: string) => runRoute?.({ id: runId }), [runRoute]);
}
