import { SourceState } from '@switchyard/backstage-plugin-deploys-common';
import { Tone } from '@switchyard/backstage-plugin-runs-react';
import { DateTime } from 'luxon';

/** How far a source can be believed, in words. Things that are not the same get different texts. */
export interface SourceWords {
  tone: Tone;
  text: string;
  /** What is known of the reason. */
  detail?: string;
  /** What it gave before is shown, and may be out of date. */
  stale: boolean;
}

/** The words for a source; undefined when there is nothing to say, because it is live. */
export function describeSource(source: SourceState): SourceWords | undefined {
  switch (source.state) {
    case 'unreachable':
      return {
        tone: 'error',
        text: `unreachable since ${formatClock(source.since)}`,
        detail: source.asOf
          ? source.problem
          : [source.problem, 'It was not seen since the portal started.']
              .filter(Boolean)
              .join(' '),
        stale: true,
      };
    case 'not-readable':
      return {
        tone: 'attention',
        text: 'not readable',
        detail: source.problem ?? 'The portal has no permission to read it.',
        stale: false,
      };
    case 'not-watched':
      return {
        tone: 'attention',
        text: 'not watched',
        detail: source.problem,
        stale: false,
      };
    case 'connecting':
      return {
        tone: 'waiting',
        text: 'not looked at yet',
        detail: source.problem,
        stale: false,
      };
    default:
      return source.problem
        ? {
            tone: 'attention',
            text: 'readable in part',
            detail: source.problem,
            stale: false,
          }
        : undefined;
  }
}

/** '12:03' today, '20 Nov, 12:03' on another day. `clock` is how the time of day is written, in luxon's tokens. */
export function formatClock(iso: string, clock = 'HH:mm'): string {
  const at = DateTime.fromISO(iso);
  if (!at.isValid) return iso;
  return at.hasSame(DateTime.now(), 'day')
    ? at.toFormat(clock)
    : at.toFormat(`d LLL, ${clock}`);
}
