import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';

const DEPLOYMENT = 'deployment';
const TAB = 'deploymentTab';

/** Which line of the Deploy card is open, and at which tab. It lives in the address, so that a link shows the same to a colleague. */
export interface OpenDeployment {
  id: string | undefined;
  tab: string | undefined;
  /** Opens a line, or closes the one that is open. One at a time: the card stays calm. */
  toggle(id: string): void;
  setTab(tab: string): void;
}

/** Reads and writes it. */
export function useOpenDeployment(): OpenDeployment {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (edit: (next: URLSearchParams) => void) =>
      setParams(
        before => {
          const next = new URLSearchParams(before);
          edit(next);
          return next;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParams],
  );
  const toggle = useCallback(
    (id: string) =>
      change(next => {
        if (next.get(DEPLOYMENT) === id) {
          next.delete(DEPLOYMENT);
          next.delete(TAB);
        } else next.set(DEPLOYMENT, id);
      }),
    [change],
  );
  const setTab = useCallback(
    (tab: string) => change(next => next.set(TAB, tab)),
    [change],
  );
  return {
    id: params.get(DEPLOYMENT) ?? undefined,
    tab: params.get(TAB) ?? undefined,
    toggle,
    setTab,
  };
}
