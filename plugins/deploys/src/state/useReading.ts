import { useCallback, useEffect, useReducer, useState } from 'react';

/** Something that is read once; what was read stays while it is read again. */
export interface Reading<T> {
  value?: T;
  error?: Error;
  loading: boolean;
  retry(): void;
}

/**
 * Reads once, and again on request.
 *
 * @param read - the same function as long as the same is to be read
 */
export function useReading<T>(
  read: (options: { signal: AbortSignal }) => Promise<T>,
): Reading<T> {
  const [attempt, retry] = useReducer((count: number) => count + 1, 0);
  const [state, setState] = useState<Omit<Reading<T>, 'retry'>>({
    loading: true,
  });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setState(before => ({ value: before.value, loading: true }));
    read({ signal }).then(
      value => !signal.aborted && setState({ value, loading: false }),
      error =>
        !signal.aborted &&
        setState(before => ({ value: before.value, error, loading: false })),
    );
    return () => controller.abort();
  }, [read, attempt]);
  return { ...state, retry: useCallback(() => retry(), []) };
}
