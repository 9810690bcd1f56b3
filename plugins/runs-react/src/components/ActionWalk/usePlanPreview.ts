import { useApi } from '@backstage/core-plugin-api';
import {
  EntityRunsState,
  PreviewRequest,
  RunPreview,
} from '@switchyard/backstage-plugin-runs-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { runsApiRef } from '../../api';
import { useEntityRuns } from '../../hooks/useEntityRuns';

/** The preview of a request, made again when something that may change it has changed. The last one stays meanwhile. */
export interface PlanPreview {
  preview?: RunPreview;
  error?: Error;
  loading: boolean;
  /** Asks again; resolves with the new preview, or undefined where none could be had. */
  refresh(): Promise<RunPreview | undefined>;
}

/** Makes the preview of `request` while it is defined. */
export function usePlanPreview(
  request: PreviewRequest | undefined,
  entityRef: string,
): PlanPreview {
  const runsApi = useApi(runsApiRef);
  const { value: state } = useEntityRuns(entityRef);
  const [{ preview, error, loading }, setResult] = useState<
    Omit<PlanPreview, 'refresh'>
  >({ loading: false });
  const running = useRef<AbortController>();
  const requestText = request && JSON.stringify(request);
  const circumstances =
    state && request ? describeCircumstances(state, request) : '';

  const refresh = useCallback(async () => {
    running.current?.abort();
    if (!requestText) return undefined;
    const controller = new AbortController();
    running.current = controller;
    setResult(before => ({ ...before, error: undefined, loading: true }));
    try {
      const next = await runsApi.preview(JSON.parse(requestText), {
        signal: controller.signal,
      });
      if (controller.signal.aborted) return undefined;
      setResult({ preview: next, loading: false });
      return next;
    } catch (cause) {
      if (!controller.signal.aborted) {
        setResult(before => ({
          preview: before.preview,
          error: cause as Error,
          loading: false,
        }));
      }
      return undefined;
    }
  }, [runsApi, requestText]);

  // Another choice: what was shown belongs to the old one.
  useEffect(
    () => setResult({ loading: requestText !== undefined }),
    [requestText],
  );
  useEffect(() => {
    refresh();
    return () => running.current?.abort();
  }, [refresh, circumstances]);

  return { preview, error, loading, refresh };
}

/** What of the entity's state bears on a plan: not the progress of a run, but that there is one, and what blocks the action. */
function describeCircumstances(
  state: EntityRunsState,
  request: PreviewRequest,
): string {
  const own = state.actions.filter(
    each =>
      each.action === request.action &&
      each.environment === request.environment,
  );
  return JSON.stringify([
    state.active.map(run => run.id),
    state.locks.map(lock => lock.id),
    own.map(each => [each.allowed, each.blockers]),
  ]);
}
