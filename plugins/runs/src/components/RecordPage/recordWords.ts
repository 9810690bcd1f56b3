import { RecordNumbers } from '@switchyard/backstage-plugin-runs-common';
import { formatSpan } from '@switchyard/backstage-plugin-runs-react';

/** '12.5 %' of what ended by itself; '–' where nothing did. */
export function failureRate({ succeeded, failed }: RecordNumbers): string {
  return percent(failed, succeeded + failed);
}

/** Share of what takes something back, of all that succeeded. */
export function rollbackRate({ succeeded, rollbacks }: RecordNumbers): string {
  return percent(rollbacks, succeeded);
}

/** '3 min', or '–' for what is not known. */
export function span(ms: number | undefined): string {
  return ms === undefined ? '–' : formatSpan(ms);
}

function percent(part: number, all: number): string {
  if (all === 0) return '–';
  const value = (part / all) * 100;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} %`;
}
