/**
 * Where some bytes lie in an arena.
 *
 * @internal
 */
export interface Slot {
  readonly slab: Slab;
  readonly offset: number;
  length: number;
}

interface Slab {
  readonly bytes: Buffer;
  readonly slotSize: number;
  /** Offsets that were used and are free again. */
  readonly free: number[];
  /** From here on nothing was used yet. */
  next: number;
  used: number;
}

const DEFAULT_SLAB_BYTES = 1024 * 1024;

/**
 * Keeps many small pieces of bytes in few large buffers.
 *
 * A buffer of its own per object costs a header, a finaliser and, where it is the output of zlib, the whole 16–38 kB that zlib had
 * reserved. Here a slab holds slots of one size, sizes lie at most an eighth apart, a freed slot is used again, and a slab without
 * used slots is dropped: no compaction, no fragmentation between sizes.
 *
 * @internal
 */
export class SlotArena {
  readonly #slabBytes: number;
  /** By slot size; slabs with room. */
  readonly #open = new Map<number, Set<Slab>>();
  #reserved = 0;
  #stored = 0;

  constructor(options: { slabBytes?: number } = {}) {
    this.#slabBytes = options.slabBytes ?? DEFAULT_SLAB_BYTES;
  }

  /** Copies the bytes. */
  put(bytes: Uint8Array): Slot {
    const slotSize = slotSizeFor(bytes.length);
    const slab = this.#slabWithRoom(slotSize);
    const offset = slab.free.pop() ?? this.#nextOffset(slab);
    slab.used += 1;
    if (slab.free.length === 0 && slab.next + slotSize > slab.bytes.length) {
      this.#open.get(slotSize)!.delete(slab);
    }
    slab.bytes.set(bytes, offset);
    this.#stored += bytes.length;
    return { slab, offset, length: bytes.length };
  }

  /** Puts other bytes in the place of those that a slot has, into the same slot where they fit as well. */
  replace(slot: Slot, bytes: Uint8Array): Slot {
    if (slotSizeFor(bytes.length) !== slot.slab.slotSize) {
      this.free(slot);
      return this.put(bytes);
    }
    slot.slab.bytes.set(bytes, slot.offset);
    this.#stored += bytes.length - slot.length;
    slot.length = bytes.length;
    return slot;
  }

  /** A view, good until the slot is freed. */
  get(slot: Slot): Buffer {
    return slot.slab.bytes.subarray(slot.offset, slot.offset + slot.length);
  }

  /** The slot must not be used afterwards, and not be freed twice. */
  free(slot: Slot): void {
    const { slab } = slot;
    slab.free.push(slot.offset);
    slab.used -= 1;
    this.#stored -= slot.length;
    const open = this.#openSlabs(slab.slotSize);
    if (slab.used === 0) {
      open.delete(slab);
      this.#reserved -= slab.bytes.length;
    } else {
      open.add(slab);
    }
  }

  /** Bytes of all slabs, and of what is stored in them. */
  usage(): { reserved: number; stored: number } {
    return { reserved: this.#reserved, stored: this.#stored };
  }

  #slabWithRoom(slotSize: number): Slab {
    const open = this.#openSlabs(slotSize);
    for (const slab of open) return slab;
    const slab: Slab = {
      // Not from Node's shared pool: slabs live long.
      bytes: Buffer.allocUnsafeSlow(
        slotSize *
          Math.max(
            1,
            Math.floor(Math.min(this.#slabBytes, slotSize * 256) / slotSize),
          ),
      ),
      slotSize,
      free: [],
      next: 0,
      used: 0,
    };
    this.#reserved += slab.bytes.length;
    open.add(slab);
    return slab;
  }

  #nextOffset(slab: Slab): number {
    const offset = slab.next;
    slab.next += slab.slotSize;
    return offset;
  }

  #openSlabs(slotSize: number): Set<Slab> {
    let open = this.#open.get(slotSize);
    if (!open) {
      open = new Set();
      this.#open.set(slotSize, open);
    }
    return open;
  }
}

function slotSizeFor(length: number): number {
  // Steps of an eighth of the next lower power of two: at most 12.5 % are wasted, 6 % on average.
  const step = Math.max(
    32,
    2 ** Math.floor(Math.log2(Math.max(1, length))) / 8,
  );
  return Math.max(32, Math.ceil(length / step) * step);
}
