import { useEffect, useRef, useState } from 'react';

const HIGHLIGHT_MS = 1_500;

/**
 * True for a moment after `value` has become another one, to highlight what a live update changed. Never for the first value.
 *
 * @public
 */
export function useChanged(value: unknown): boolean {
  const known = useRef(value);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (Object.is(known.current, value)) return undefined;
    known.current = value;
    setChanged(true);
    const timer = setTimeout(() => setChanged(false), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return changed;
}
