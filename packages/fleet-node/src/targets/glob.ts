/**
 * Whether the text is the pattern, in which `*` stands for any text.
 *
 * @internal
 */
export function matchesGlob(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  // Compared piece by piece: a regular expression made from config could take exponential time.
  const [first, ...rest] = pattern.split('*');
  if (!text.startsWith(first)) return false;
  let from = first.length;
  const last = rest.pop() as string;
  for (const piece of rest) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/** @internal */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some(pattern => matchesGlob(pattern, text));
}
