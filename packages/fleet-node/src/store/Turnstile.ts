/**
 * Lets in so many at a time, in the order in which they came. What is inside must not wait for a remote system: it would hold up the others.
 *
 * A page of a list is megabytes of objects until its rows are made. With a page of each cluster at once they would fill the memory, and live
 * long enough to be moved to where collecting them is slow.
 *
 * @internal
 */
export class Turnstile {
  readonly #width: number;
  readonly #waiting: Array<() => void> = [];
  #inside = 0;

  constructor(options: { width: number }) {
    this.#width = options.width;
  }

  /** Rejects with what the work rejects with. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#width) {
      this.#inside += 1;
    } else {
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Who is next takes this place.
      if (next) next();
      else this.#inside -= 1;
    }
  }
}
