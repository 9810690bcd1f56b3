/**
 * Finds entries by any of several keys.
 *
 * Most keys have one entry or many, seldom two: one entry is held without a set around it, which saves 200 bytes per key.
 *
 * @internal
 */
export class MultiIndex<TEntry extends object, TKey = string> {
  readonly #byKey = new Map<TKey, TEntry | Set<TEntry>>();

  add(key: TKey, entry: TEntry): void {
    const present = this.#byKey.get(key);
    if (present === undefined) {
      this.#byKey.set(key, entry);
    } else if (present instanceof Set) {
      present.add(entry);
    } else if (present !== entry) {
      this.#byKey.set(key, new Set([present, entry]));
    }
  }

  remove(key: TKey, entry: TEntry): void {
    const present = this.#byKey.get(key);
    if (present === entry) {
      this.#byKey.delete(key);
    } else if (present instanceof Set) {
      present.delete(entry);
      if (present.size === 0) this.#byKey.delete(key);
    }
  }

  count(key: TKey): number {
    const present = this.#byKey.get(key);
    if (present === undefined) return 0;
    return present instanceof Set ? present.size : 1;
  }

  entries(key: TKey): Iterable<TEntry> {
    const present = this.#byKey.get(key);
    if (present === undefined) return [];
    return present instanceof Set ? present : [present];
  }

  clear(): void {
    this.#byKey.clear();
  }
}
