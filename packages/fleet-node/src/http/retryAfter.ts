import { IncomingMessage } from 'node:http';

/** Who is told to wait for longer asks sooner: what is in memory must not grow old because of one odd answer. */
const LONGEST_MS = 60_000;

/**
 * How long the other side asks us to leave it alone, as seconds or as a date; at most a minute. Undefined where it asks for nothing that makes sense.
 *
 * @internal
 */
export function retryAfterMsOf(
  response: Pick<IncomingMessage, 'headers'>,
  now = Date.now(),
): number | undefined {
  const value = response.headers['retry-after']?.trim();
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : dateOf(value) - now;
  return ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}

/** Of other texts a date is read as well, and not one that anybody meant. */
function dateOf(value: string): number {
  return /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : NaN;
}
