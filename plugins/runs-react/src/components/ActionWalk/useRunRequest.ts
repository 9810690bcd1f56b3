import { useApi } from '@backstage/core-plugin-api';
import {
  RunPreview,
  RunRequest,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import { useRef, useState } from 'react';
import { runsApiRef } from '../../api';
import { describeFailure } from '../FailureText';

/** Why a request came back without a run. */
export type Refusal =
  | { kind: 'plan-changed'; message: string }
  | { kind: 'failed'; error: Error };

/** The confirm of a walk. */
export interface RunRequestState {
  sending: boolean;
  refusal?: Refusal;
  /** The run, once there is one. */
  run?: RunSummary;
  send(
    request: Omit<RunRequest, 'planHash'>,
    preview: RunPreview,
  ): Promise<void>;
  reset(): void;
}

/**
 * Sends what was confirmed. One confirmed intent has one Idempotency-Key: pressing again after the answer was lost finds the run of the first
 * press. Another plan or another reason is another intent.
 */
export function useRunRequest(options: {
  refreshPreview(): Promise<RunPreview | undefined>;
  onRequested?(run: RunSummary): void;
}): RunRequestState {
  const { refreshPreview, onRequested } = options;
  const runsApi = useApi(runsApiRef);
  const [state, setState] = useState<
    Pick<RunRequestState, 'sending' | 'refusal' | 'run'>
  >({ sending: false });
  const intent = useRef<{ fingerprint: string; key: string }>();

  const send = async (
    request: Omit<RunRequest, 'planHash'>,
    preview: RunPreview,
  ) => {
    const body = { ...request, planHash: preview.planHash };
    const fingerprint = JSON.stringify(body);
    if (intent.current?.fingerprint !== fingerprint)
      intent.current = { fingerprint, key: newIdempotencyKey() };
    setState({ sending: true });
    try {
      const run = await runsApi.requestRun(body, {
        idempotencyKey: intent.current.key,
      });
      setState({ sending: false, run });
      onRequested?.(run);
    } catch (cause) {
      const error = cause as Error;
      const { status, message } = describeFailure(error);
      // What stands in the way is part of the preview: look again whenever the backend says no.
      const next =
        status === 409 || status === 403 ? await refreshPreview() : undefined;
      const changed =
        status === 409 &&
        next !== undefined &&
        next.planHash !== preview.planHash;
      setState({
        sending: false,
        refusal: changed
          ? { kind: 'plan-changed', message }
          : { kind: 'failed', error },
      });
    }
  };

  const reset = () => {
    intent.current = undefined;
    setState({ sending: false });
  };
  return { ...state, send, reset };
}

/** `crypto.randomUUID` exists on HTTPS and localhost only; portals on plain HTTP have the generator all the same. */
function newIdempotencyKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
