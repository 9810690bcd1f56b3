import { withSignal } from './withSignal';

/**
 * Lets only so many things happen at once; the others wait in line.
 *
 * @internal
 */
export class Slots {
  #free: number;
  readonly #waiting: Array<() => void> = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** Whoever stops waiting leaves the line. @throws the signal's reason */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    let enter: () => void = () => undefined;
    const turn = new Promise<void>(resolve => {
      enter = resolve;
      this.#waiting.push(resolve);
    });
    try {
      await withSignal(turn, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(enter);
      if (place >= 0) this.#waiting.splice(place, 1);
      // It was given a turn in the same moment.
      else this.#leave();
      throw error;
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
