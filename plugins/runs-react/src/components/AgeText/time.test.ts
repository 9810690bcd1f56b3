import { Settings } from 'luxon';
import { formatElapsed, formatExact, formatRelative } from './time';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const ago = (ms: number) => new Date(now - ms).toISOString();

describe('times', () => {
  it.each([
    [0, 'just now'],
    [4_000, '4 s ago'],
    [59_999, '59 s ago'],
    [12 * 60_000, '12 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [3 * 3_600_000 + 5 * 60_000, '3 h 5 min ago'],
    [2 * 86_400_000 + 4 * 3_600_000, '2 d 4 h ago'],
    [9 * 86_400_000, '9 d ago'],
    [-2_000, 'just now'],
    [-4 * 3_600_000, 'in 4 h'],
  ])('%d ms ago is %s', (ms, text) => {
    expect(formatRelative(ago(ms), now)).toBe(text);
  });

  it('shows a text that is no time as it is', () => {
    expect(formatRelative('soon', now)).toBe('soon');
    expect(formatExact('soon')).toBe('soon');
  });

  it.each([
    [0, '0:00'],
    [130_000, '2:10'],
    [3_730_000, '1:02:10'],
    [-5, '0:00'],
  ])('%d ms elapsed is %s', (ms, text) => {
    expect(formatElapsed(ms)).toBe(text);
  });

  it('gives the exact time with its zone', () => {
    Settings.defaultZone = 'Europe/Berlin';
    Settings.defaultLocale = 'en-GB';
    expect(formatExact('2026-11-21T12:00:00.000Z')).toMatch(
      /^Sat, 21 Nov 2026, 13:00:00 .* \(UTC\+1\)$/,
    );
    Settings.defaultZone = 'system';
  });
});
