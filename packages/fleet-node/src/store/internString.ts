const GENERATION_SIZE = 20_000;

let young = new Map<string, string>();
let old = new Map<string, string>();

/**
 * The same string object for equal strings: names of namespaces, images, nodes and labels repeat in thousands of rows. Strings that
 * nobody asked for during two generations are forgotten, so tags and hashes of old rollouts do not pile up.
 *
 * @internal
 */
export function internString(text: string): string {
  const known = young.get(text);
  if (known !== undefined) return known;
  const kept = old.get(text) ?? text;
  young.set(kept, kept);
  if (young.size >= GENERATION_SIZE) {
    old = young;
    young = new Map();
  }
  return kept;
}
