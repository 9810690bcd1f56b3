/**
 * Resolves with what the predicate gives as soon as it gives something: asked at once, and after each ring of the subscription.
 * Rings that come close together are answered by one question.
 *
 * @param options.subscribe - answers the way to stop
 * @internal
 */
export function waitUntil<T>(
  predicate: () => T | undefined,
  options: {
    subscribe: (listener: () => void) => () => void;
    signal: AbortSignal;
  },
): Promise<T> {
  const { subscribe, signal } = options;
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let asked: NodeJS.Immediate | undefined;
    // Replaced once there is something to clean up.
    let cleanUp = () => {};
    let settled = false;

    const settle = (answer: () => void) => {
      settled = true;
      cleanUp();
      answer();
    };
    const ask = () => {
      asked = undefined;
      try {
        const value = predicate();
        if (value !== undefined) settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error));
      }
    };

    ask();
    if (settled) return;
    const onAbort = () => settle(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    const unsubscribe = subscribe(() => {
      asked ??= setImmediate(ask);
    });
    cleanUp = () => {
      unsubscribe();
      clearImmediate(asked);
      signal.removeEventListener('abort', onAbort);
    };
  });
}
