import { PodsMetrics } from '@switchyard/backstage-plugin-deploys-common';
import { createContext, useContext } from 'react';

/** What all rows of the pods table share. */
export interface PodsContextValue {
  entityRef: string;
  /** Undefined while they are not known. */
  metrics: PodsMetrics | undefined;
}

const PodsContext = createContext<PodsContextValue | undefined>(undefined);

/** Gives the rows what they share. */
export const PodsContextProvider = PodsContext.Provider;

/** @throws outside of the Pods card */
export function usePodsContext(): PodsContextValue {
  const value = useContext(PodsContext);
  if (!value) throw new Error('Rows of pods are shown in the Pods card only');
  return value;
}
