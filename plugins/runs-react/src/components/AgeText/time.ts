import { DateTime } from 'luxon';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * '4 s', '12 min', '3 h 5 min', '2 d 4 h': short enough for a table cell.
 *
 * @public
 */
export function formatSpan(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  if (span < DAY_MS)
    return join(
      Math.floor(span / HOUR_MS),
      'h',
      Math.floor((span % HOUR_MS) / MINUTE_MS),
      'min',
    );
  const days = Math.floor(span / DAY_MS);
  if (days >= 7) return `${days} d`;
  return join(days, 'd', Math.floor((span % DAY_MS) / HOUR_MS), 'h');
}

function join(
  big: number,
  bigUnit: string,
  small: number,
  smallUnit: string,
): string {
  return small === 0
    ? `${big} ${bigUnit}`
    : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

/** '2:10' or '1:02:10': how long something has been going on, to the second. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
  return `${minutes}:${two(seconds % 60)}`;
}

/** '4 s ago', 'in 3 h': relative to `now`. */
export function formatRelative(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  // Clocks of browser and server differ by a little: 'in 1 s' for something that has just happened would confuse.
  if (at > now + 5 * SECOND_MS) return `in ${formatSpan(at - now)}`;
  return at > now - SECOND_MS ? 'just now' : `${formatSpan(now - at)} ago`;
}

/**
 * An ISO time with its zone, for tooltips: 'Sat, 21 Nov 2026, 08:30:15 CET (UTC+1)'.
 *
 * @public
 */
export function formatExact(iso: string): string {
  const at = DateTime.fromISO(iso);
  if (!at.isValid) return iso;
  return at.toFormat("ccc, d LLL yyyy, HH:mm:ss ZZZZ '(UTC'Z')'");
}
