const FIRST_MS = 10_000;
const LONGEST_MS = 10 * 60_000;

/** Until the next attempt, in milliseconds: 10 s, 20 s, … 10 minutes. A message that was thought lost has arrived by then. */
export function backOff(attempt: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_MS);
}
