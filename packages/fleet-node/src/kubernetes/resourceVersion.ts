/**
 * The higher of two resourceVersions. They are opaque by contract, but decimal in every API server there is (and since 1.35 by
 * contract too), and may exceed what a number holds. What cannot be compared is replaced by the newer one.
 *
 * @internal
 */
export function highestResourceVersion(
  known: string | undefined,
  heard: string,
): string | undefined {
  if (!heard) return known;
  if (!known || !/^\d+$/.test(known) || !/^\d+$/.test(heard)) return heard;
  if (known.length !== heard.length) {
    return known.length > heard.length ? known : heard;
  }
  return known > heard ? known : heard;
}
