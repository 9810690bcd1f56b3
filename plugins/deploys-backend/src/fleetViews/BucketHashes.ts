import { FLEET_BUCKETS } from '@switchyard/backstage-plugin-deploys-common';
import { KeptRow } from './types';

const NUMBERS_PER_BUCKET = 2;

/**
 * A hash of each bucket of a view, in which the order of lines does not count: a line is taken out as it was put in. The same lines give the same
 * hashes, on whichever replica.
 */
export class BucketHashes {
  readonly #numbers = new Uint32Array(FLEET_BUCKETS * NUMBERS_PER_BUCKET);

  /** Puts a line in, or takes one out that is in. */
  toggle({ bucket, hash }: Pick<KeptRow, 'bucket' | 'hash'>): void {
    const at = bucket * NUMBERS_PER_BUCKET;
    for (let index = 0; index < NUMBERS_PER_BUCKET; index++) {
      this.#numbers[at + index] ^= hash[index];
    }
  }

  /** For addresses. */
  toString(): string {
    const { buffer, byteOffset, byteLength } = this.#numbers;
    return Buffer.from(buffer, byteOffset, byteLength).toString('base64url');
  }

  /** The buckets that differ from those that {@link toString} told before; undefined for what it never told. */
  differences(told: string): number[] | undefined {
    const bytes = Buffer.from(told, 'base64url');
    if (bytes.byteLength !== this.#numbers.byteLength) return undefined;
    const buckets: number[] = [];
    for (let bucket = 0; bucket < FLEET_BUCKETS; bucket++) {
      const at = bucket * NUMBERS_PER_BUCKET;
      const isSame = [0, 1].every(
        index =>
          bytes.readUInt32LE((at + index) * 4) === this.#numbers[at + index],
      );
      if (!isSame) buckets.push(bucket);
    }
    return buckets;
  }
}
