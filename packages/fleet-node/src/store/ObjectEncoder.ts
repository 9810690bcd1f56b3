import { Deflate, createDeflate } from './deflate';

/** A dictionary is learnt anew when this many objects were seen: the first page of a list is seldom like the rest. */
const LEARN_AT = [24, 1_000, 20_000];
const SAMPLES = 12;
const DICTIONARY_BYTES = 16 * 1024;
const INPUT_BYTES = 64 * 1024;
/** Larger objects are few. */
const MAX_INPUT_BYTES = 1024 * 1024;

/**
 * Compressed JSON, with what is needed to read it again.
 *
 * @internal
 */
export interface Encoded {
  /** Valid until the next call of `encode`. */
  bytes: Buffer;
  /** Number of the dictionary; 0 is none. */
  dictionary: number;
}

/**
 * Compresses objects of one kind with a dictionary made of such objects: a 9 kB pod becomes 0.8 kB instead of 2.8 kB. Objects of all
 * clusters share it.
 *
 * @internal
 */
export class ObjectEncoder {
  readonly #samples: string[] = [];
  readonly #onLearnt: (dictionary: Buffer) => number;
  #deflate: Deflate = createDeflate({});
  #dictionary = 0;
  #seen = 0;
  /** Used again and again: a buffer of its own per object is memory outside the heap that the collector has to run after. */
  #input = Buffer.allocUnsafeSlow(INPUT_BYTES);

  /** @param options.onLearnt - keeps a dictionary for those who read, and answers its number */
  constructor(options: { onLearnt: (dictionary: Buffer) => number }) {
    this.#onLearnt = options.onLearnt;
  }

  encode(value: unknown): Encoded {
    const text = JSON.stringify(value);
    this.#learnFrom(text);
    return {
      bytes: this.#deflate(this.#write(text)),
      dictionary: this.#dictionary,
    };
  }

  #write(text: string): Buffer {
    // No character takes more than three bytes per UTF-16 unit.
    const most = text.length * 3;
    if (most > MAX_INPUT_BYTES) return Buffer.from(text, 'utf8');
    if (most > this.#input.length) {
      this.#input = Buffer.allocUnsafeSlow(most * 2);
    }
    return this.#input.subarray(0, this.#input.write(text, 'utf8'));
  }

  #learnFrom(text: string) {
    this.#seen += 1;
    // A reservoir: each object seen so far is a sample with the same chance.
    if (this.#samples.length < SAMPLES) {
      this.#samples.push(text);
    } else {
      const place = Math.floor(Math.random() * this.#seen);
      if (place < SAMPLES) this.#samples[place] = text;
    }
    if (LEARN_AT.includes(this.#seen)) {
      const dictionary = dictionaryOf(this.#samples);
      this.#dictionary = this.#onLearnt(dictionary);
      this.#deflate = createDeflate({ dictionary });
    }
  }
}

function dictionaryOf(samples: string[]): Buffer {
  // One whole object at the end, where matches cost least: its beginning and its status both count. Before it the beginnings of others,
  // which differ in what they were made for.
  const [whole, ...others] = samples;
  const room = Math.max(0, DICTIONARY_BYTES - whole.length);
  const share = Math.floor(room / Math.max(1, Math.min(2, others.length)));
  const parts = others.slice(0, 2).map(text => text.slice(0, share));
  return Buffer.from([...parts, whole].join(''), 'utf8').subarray(
    -DICTIONARY_BYTES,
  );
}
