import { useCallback, useEffect, useRef, useState } from 'react';

/** An answer that stays while the next one is fetched. */
export interface KeptState<T> {
  /** Undefined while nothing is known yet. */
  value?: T;
  /** The value belongs to the question before. */
  isOld: boolean;
  error?: Error;
  retry(): void;
}

/** Asks anew whenever the key changes; the answer to a question that was given up is not shown. */
export function useKeptAsync<T>(
  load: () => Promise<T>,
  key: string,
): KeptState<T> {
  const [known, setKnown] = useState<{ key: string; value: T }>();
  const [failed, setFailed] = useState<{ key: string; error: Error }>();
  const current = useRef(key);
  current.current = key;
  const latest = useRef(load);
  latest.current = load;
  const read = useCallback(async () => {
    try {
      const value = await latest.current();
      if (current.current !== key) return;
      setKnown({ key, value });
      setFailed(undefined);
    } catch (error) {
      if (current.current === key) setFailed({ key, error: error as Error });
    }
  }, [key]);
  useEffect(() => {
    read();
  }, [read]);
  return {
    value: known?.value,
    isOld: known !== undefined && known.key !== key,
    error: failed?.key === key ? failed.error : undefined,
    retry: read,
  };
}
