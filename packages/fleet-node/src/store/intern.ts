const GENERATION_SIZE = 20_000;

/**
 * Values that repeat, by what they say. Those that nobody asked for during two generations are forgotten, so that tags and hashes of
 * old rollouts do not pile up.
 */
class Interner<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  get(key: string, make: () => T): T {
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const value = this.#old.get(key) ?? make();
    this.#young.set(key, value);
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    return value;
  }
}

const strings = new Interner<string>();
const records = new Interner<Readonly<Record<string, string>>>();

/**
 * The same string object for equal strings: names of namespaces, images, nodes and labels repeat in thousands of rows.
 *
 * @internal
 */
export function internString(text: string): string {
  return strings.get(text, () => text);
}

/**
 * The same object for equal labels: all pods of a rollout have the same. It is frozen, because many rows share it.
 *
 * @internal
 */
export function internRecord(
  record: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return records.get(JSON.stringify(record), () => {
    const interned: Record<string, string> = {};
    for (const [key, value] of Object.entries(record)) {
      interned[key] = internString(String(value));
    }
    return Object.freeze(interned);
  });
}
