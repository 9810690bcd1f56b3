import { useCallback, useState } from 'react';

/** Something that a person asked for and that may fail: whether it is under way, and what became of the last time. */
export interface Attempt {
  busy: boolean;
  error?: Error;
  /** Settles when it is over; an error is kept and not thrown. */
  attempt(act: () => Promise<void>): Promise<void>;
  /** Forgets the error. */
  forget(): void;
}

/** For dialogs, which are opened anew without what became of the last time. One attempt at a time is the caller's to see to, by what `busy` disables. */
export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const attempt = useCallback(async (act: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (cause) {
      setError(cause as Error);
    } finally {
      setBusy(false);
    }
  }, []);
  const forget = useCallback(() => setError(undefined), []);
  return { busy, error, attempt, forget };
}
