import { inflate } from './deflate';

/**
 * The dictionaries that objects were compressed with. All of them stay: objects compressed with them are still there.
 *
 * @internal
 */
export class Dictionaries {
  /** By number; the first is none. */
  readonly #dictionaries: Array<Buffer | undefined> = [undefined];

  /** The number that the next one gets. */
  get next(): number {
    return this.#dictionaries.length;
  }

  /** Answers its number. */
  add(dictionary: Buffer): number {
    return this.#dictionaries.push(dictionary) - 1;
  }

  /** What `ObjectEncoder` was given. */
  decode(encoded: { bytes: Buffer; dictionary: number }): unknown {
    const dictionary = this.#dictionaries[encoded.dictionary];
    return JSON.parse(
      inflate(encoded.bytes, { dictionary }).toString('utf8'),
    ) as unknown;
  }
}
