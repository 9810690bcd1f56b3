import { useApi } from '@backstage/core-plugin-api';
import { ImageVersions } from '@switchyard/backstage-plugin-deploys-common';
import { useCallback, useEffect, useReducer, useState } from 'react';
import { deploysApiRef } from '../../api';

/** The versions of an image, read once; what was read stays while it is read again. */
export interface ImageVersionsState {
  value?: ImageVersions;
  error?: Error;
  loading: boolean;
  retry(): void;
}

/** Which versions the registries of an environment have. */
export function useImageVersions(
  entityRef: string,
  environment: string,
): ImageVersionsState {
  const deploysApi = useApi(deploysApiRef);
  const [attempt, retry] = useReducer((count: number) => count + 1, 0);
  const [state, setState] = useState<Omit<ImageVersionsState, 'retry'>>({
    loading: true,
  });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setState(before => ({ value: before.value, loading: true }));
    deploysApi.getVersions(entityRef, environment, { signal }).then(
      value => !signal.aborted && setState({ value, loading: false }),
      error =>
        !signal.aborted &&
        setState(before => ({ value: before.value, error, loading: false })),
    );
    return () => controller.abort();
  }, [deploysApi, entityRef, environment, attempt]);
  return { ...state, retry: useCallback(() => retry(), []) };
}
