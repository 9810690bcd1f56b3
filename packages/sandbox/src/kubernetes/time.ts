/** A `Time` as objects carry it: whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** A `MicroTime`, as events and leases carry it. */
export function microTimestamp(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
