import { SharedPart, readShared } from './rowParts';

/**
 * A shared part that rows hold on to.
 *
 * @internal
 */
export interface HeldPart {
  readonly text: string;
  readonly part: SharedPart;
  rows: number;
}

/**
 * What rows share, held once, for as long as a row has it.
 *
 * @internal
 */
export class SharedParts {
  readonly #byText = new Map<string, HeldPart>();

  get size(): number {
    return this.#byText.size;
  }

  /** To be given back with `release`. */
  take(text: string): HeldPart {
    let held = this.#byText.get(text);
    if (!held) {
      held = { text, part: readShared(text), rows: 0 };
      this.#byText.set(text, held);
    }
    held.rows += 1;
    return held;
  }

  release(held: HeldPart): void {
    held.rows -= 1;
    if (held.rows === 0) this.#byText.delete(held.text);
  }
}
