import { SignalApi } from '@backstage/plugin-signals-react';

/** A signals client that a test rings by hand. */
export class BellSignals implements SignalApi {
  readonly #listeners = new Map<string, Set<(message: any) => void>>();

  subscribe(channel: string, onMessage: (message: any) => void) {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(onMessage));
    return { unsubscribe: () => listeners.delete(onMessage) };
  }

  ring(channel: string, message: { hash: string }) {
    for (const listener of this.#listeners.get(channel) ?? [])
      listener(message);
  }
}
