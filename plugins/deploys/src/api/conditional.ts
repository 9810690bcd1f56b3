/** How to ask for what is kept with this ETag; `anew` where that itself is of no use, and no `304 Not Modified` will do. */
export function conditional(
  etag: string | undefined,
  { anew }: { anew: boolean },
): RequestInit {
  // The browser keeps answers too, and would ask for its own conditionally.
  if (anew) return { cache: 'no-store' };
  return etag ? { headers: { 'If-None-Match': etag } } : {};
}
