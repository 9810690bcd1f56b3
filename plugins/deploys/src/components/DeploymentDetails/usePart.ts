import { useApi } from '@backstage/core-plugin-api';
import { useCallback, useEffect, useState } from 'react';
import { DeploymentParts, deploysApiRef } from '../../api';

/** Changes that come together are read once. */
const READ_AGAIN_AFTER_MS = 700;

/** A part of a deployment's details. */
export interface PartState<T> {
  value?: T;
  /** Of the last read; what was read before stays beside it. */
  error?: Error;
  retry(): void;
}

/**
 * Reads a part when it is shown, and again when the line says something else than before.
 *
 * @param version - another one whenever it has to be read again
 */
export function usePart<TPart extends keyof DeploymentParts>(options: {
  entityRef: string;
  deployment: string;
  part: TPart;
  version: string;
}): PartState<DeploymentParts[TPart]> {
  const { entityRef, deployment, part, version } = options;
  const api = useApi(deploysApiRef);
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<{
    value?: DeploymentParts[TPart];
    error?: Error;
  }>({});
  const isFirst = state.value === undefined && state.error === undefined;
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const read = () =>
      api.getDeploymentPart(entityRef, deployment, part, { signal }).then(
        value => {
          if (!signal.aborted) setState({ value });
        },
        error => {
          if (!signal.aborted) setState(before => ({ ...before, error }));
        },
      );
    const timer = setTimeout(read, isFirst ? 0 : READ_AGAIN_AFTER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
    // Whether it is the first time only decides how long is waited.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [api, entityRef, deployment, part, version, attempt]);
  const retry = useCallback(() => setAttempt(before => before + 1), []);
  return { ...state, retry };
}
