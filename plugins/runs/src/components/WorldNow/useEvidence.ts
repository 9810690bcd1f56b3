import { useApi } from '@backstage/core-plugin-api';
import { RunEvidence } from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '@switchyard/backstage-plugin-runs-react';
import { useCallback, useEffect, useState } from 'react';

/** What a look at the world gave; the last one stays while a newer is under way or cannot be had. */
export interface EvidenceState {
  evidence?: RunEvidence;
  error?: Error;
  isLooking: boolean;
  lookAgain(): void;
}

/** Looks at the world for a run that has stopped: once, again when the run has changed, and when somebody asks for it. */
export function useEvidence(runId: string, hash: string): EvidenceState {
  const runsApi = useApi(runsApiRef);
  const [asked, setAsked] = useState(0);
  const [state, setState] = useState<Omit<EvidenceState, 'lookAgain'>>({
    isLooking: true,
  });
  useEffect(() => {
    let isCurrent = true;
    setState(({ evidence }) => ({ evidence, isLooking: true }));
    runsApi
      .getEvidence(runId)
      .then(
        evidence => ({ evidence, isLooking: false }),
        (error: Error) => ({ error, isLooking: false }),
      )
      .then(found => {
        if (!isCurrent) return;
        setState(before => ({ evidence: before.evidence, ...found }));
      });
    return () => {
      isCurrent = false;
    };
  }, [runsApi, runId, hash, asked]);
  const lookAgain = useCallback(() => setAsked(count => count + 1), []);
  return { ...state, lookAgain };
}
