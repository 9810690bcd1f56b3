import { useApi } from '@backstage/core-plugin-api';
import { PodsMetrics } from '@switchyard/backstage-plugin-deploys-common';
import { useEffect, useState } from 'react';
import { deploysApiRef } from '../../api';

/** Clusters measure every 15 s, and the backend asks them no more often. */
const READ_EVERY_MS = 20_000;

/** What the pods of an entity use, for as long as somebody looks: a hidden tab asks for nothing. What was known stays when it cannot be read. */
export function usePodMetrics(
  entityRef: string,
  enabled: boolean,
): PodsMetrics | undefined {
  const deploysApi = useApi(deploysApiRef);
  const [metrics, setMetrics] = useState<PodsMetrics>();
  useEffect(() => {
    if (!enabled) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const read = () => {
      if (document.hidden) return;
      deploysApi.getPodMetrics(entityRef, { signal }).then(
        value => !signal.aborted && setMetrics(value),
        // The pods themselves say what is wrong; usage is only left as it was.
        () => {},
      );
    };
    read();
    const timer = setInterval(read, READ_EVERY_MS);
    document.addEventListener('visibilitychange', read);
    return () => {
      controller.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', read);
    };
  }, [deploysApi, entityRef, enabled]);
  return metrics;
}
