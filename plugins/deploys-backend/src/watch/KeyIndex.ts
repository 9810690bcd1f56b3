/** Who waits for which keys. */
export class KeyIndex {
  readonly #keys = new Map<string, ReadonlySet<string>>();
  readonly #waiting = new Map<string, Set<string>>();

  /** Replaces the keys that somebody waits for. */
  set(who: string, keys: ReadonlySet<string>): void {
    const before = this.#keys.get(who);
    this.#keys.set(who, keys);
    for (const key of before ?? []) {
      if (!keys.has(key)) this.#remove(who, key);
    }
    for (const key of keys) {
      const waiting = this.#waiting.get(key);
      if (waiting) waiting.add(who);
      else this.#waiting.set(key, new Set([who]));
    }
  }

  delete(who: string): void {
    for (const key of this.#keys.get(who) ?? []) this.#remove(who, key);
    this.#keys.delete(who);
  }

  /** All that wait for any of the keys. */
  find(keys: readonly string[]): Iterable<string> {
    const found = new Set<string>();
    for (const key of keys) {
      for (const who of this.#waiting.get(key) ?? []) found.add(who);
    }
    return found;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  #remove(who: string, key: string) {
    const waiting = this.#waiting.get(key);
    waiting?.delete(who);
    if (waiting?.size === 0) this.#waiting.delete(key);
  }
}
