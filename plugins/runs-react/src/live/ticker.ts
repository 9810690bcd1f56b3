import { useEffect, useReducer } from 'react';

/**
 * One timer for all times on a page. It ticks each second while anybody listens, so a table of a thousand rows costs one timer, and only the
 * cells whose text changes render.
 */
const listeners = new Set<(now: number) => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: (now: number) => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (document.hidden) return;
    const now = Date.now();
    for (const each of [...listeners]) each(now);
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The text that `format` makes of the present time; renders again only when that text changes. `undefined` stops the clock. */
export function useTickingText(
  format: ((now: number) => string) | undefined,
): string | undefined {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const text = format?.(Date.now());
  useEffect(() => {
    if (!format) return undefined;
    return listen(now => {
      if (format(now) !== text) render();
    });
  }, [format, text]);
  return text;
}
