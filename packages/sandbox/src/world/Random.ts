import { createHash } from 'node:crypto';

/** Letters that Kubernetes takes for generated names: no vowels, so no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Names and numbers that look random and are the same for the same seed. Its whole state is one counter, so that a world that is continued does not
 * repeat itself.
 */
export class Random {
  readonly #seed: string;
  #counter: number;

  static create(options: { seed: string; counter?: number }): Random {
    return new Random(options.seed, options.counter ?? 0);
  }

  private constructor(seed: string, counter: number) {
    this.#seed = seed;
    this.#counter = counter;
  }

  get counter(): number {
    return this.#counter;
  }

  set counter(counter: number) {
    this.#counter = counter;
  }

  uuid(): string {
    const hex = this.#bytes().toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${
      '89ab'[parseInt(hex[16], 16) % 4]
    }${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /** Five letters as Kubernetes appends to `generateName`. */
  suffix(): string {
    return [...this.#bytes().subarray(0, 5)]
      .map(byte => ALPHABET[byte % ALPHABET.length])
      .join('');
  }

  /** At least 0, below 1. */
  fraction(): number {
    return this.#bytes().readUInt32BE(0) / 2 ** 32;
  }

  #bytes(): Buffer {
    this.#counter += 1;
    return createHash('sha1').update(`${this.#seed} ${this.#counter}`).digest();
  }
}

/** A number at least 0 and below 1 that depends on the text alone. */
export function fractionOf(text: string): number {
  return createHash('sha1').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
