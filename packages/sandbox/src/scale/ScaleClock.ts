/**
 * Counts versions. They are microseconds since the epoch, never twice the same: whoever gets an object can tell from its resourceVersion how
 * long ago it changed.
 */
export class ScaleClock {
  #last = 0;

  next(): number {
    this.#last = Math.max(this.#last + 1, Date.now() * 1000);
    return this.#last;
  }

  get last(): number {
    return this.#last;
  }
}
