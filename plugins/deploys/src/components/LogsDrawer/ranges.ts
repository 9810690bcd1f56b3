/** As many as the backend gives. */
const MAX_TAIL = 10_000;

/** Where a log may begin: after so many of the newest lines of each container, or after so much time. */
export const ranges: ReadonlyArray<readonly [value: string, text: string]> = [
  ['500', 'Newest 500 lines'],
  ['2000', 'Newest 2,000 lines'],
  ['10000', 'Newest 10,000 lines'],
  ['300s', 'Last 5 minutes'],
  ['3600s', 'Last hour'],
  ['86400s', 'Last day'],
];

/** A range as the backend is asked for it. */
export function toRange(value: string): { tail: number; since?: number } {
  return value.endsWith('s')
    ? { tail: MAX_TAIL, since: Number(value.slice(0, -1)) }
    : { tail: Number(value) };
}
