const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/**
 * Milliseconds until the next attempt: doubles with each failure up to a minute, less up to a half by chance, so that runs that failed
 * together do not come back together.
 */
export function retryDelayMs(
  failures: number,
  random: () => number = Math.random,
): number {
  const longest = Math.min(
    FIRST_RETRY_MS * 2 ** (failures - 1),
    LONGEST_RETRY_MS,
  );
  return Math.round(longest * (0.5 + random() / 2));
}
