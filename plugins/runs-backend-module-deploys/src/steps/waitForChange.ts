import { FleetChange, FleetService } from '@switchyard/fleet-node';

/**
 * Resolves when something that matters has changed in the fleet, or the time is up. Rejects when the signal aborts.
 */
export function waitForChange(
  fleet: FleetService,
  options: {
    matters(change: FleetChange): boolean;
    atMostMs: number;
    signal: AbortSignal;
  },
): Promise<void> {
  const { matters, atMostMs, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const cleanUp: Array<() => void> = [];
    const settle = (act: () => void) => {
      for (const undo of cleanUp.splice(0)) undo();
      act();
    };
    const onAbort = () => settle(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => settle(resolve), atMostMs);
    cleanUp.push(
      () => signal.removeEventListener('abort', onAbort),
      () => clearTimeout(timer),
      fleet.subscribe(change => {
        if (matters(change)) settle(resolve);
      }),
    );
  });
}
