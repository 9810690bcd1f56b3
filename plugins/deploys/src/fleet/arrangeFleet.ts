import {
  FleetRow,
  SEVERITIES,
  Severity,
} from '@switchyard/backstage-plugin-deploys-common';
import { fieldOf, FilterField } from './filterFleet';
import { placeOf, severityWords, titleOf } from './words';

/** What lines may be grouped by. */
export const GROUP_FIELDS = [
  'team',
  'system',
  'environment',
  'cluster',
  'status',
] as const satisfies readonly FilterField[];

/** @see GROUP_FIELDS */
export type GroupField = (typeof GROUP_FIELDS)[number];

/** Lines that have something in common. */
export interface FleetGroup {
  /** What they have in common. */
  value: string;
  counts: Partial<Record<Severity, number>>;
  rows: FleetRow[];
}

/** What needs a person first; then by environment in the order of the config, by name and place. */
export function orderRows(
  rows: readonly FleetRow[],
  environments: readonly string[],
): FleetRow[] {
  const severity = new Map(SEVERITIES.map((each, index) => [each, index]));
  const environment = new Map(environments.map((each, index) => [each, index]));
  const keyed = rows.map(row => ({
    row,
    severity: severity.get(row.severity) ?? SEVERITIES.length,
    environment: environment.get(row.environment) ?? environments.length,
    title: titleOf(row),
    place: placeOf(row),
  }));
  keyed.sort(
    (a, b) =>
      a.severity - b.severity ||
      a.environment - b.environment ||
      compare(a.title, b.title) ||
      compare(a.place, b.place) ||
      compare(a.row.id, b.row.id),
  );
  return keyed.map(({ row }) => row);
}

/** Groups of lines, the one with the most that is wrong first. Within a group the order of the lines stays. */
export function groupRows(
  rows: readonly FleetRow[],
  field: GroupField,
): FleetGroup[] {
  const groups = new Map<string, FleetGroup>();
  for (const row of rows) {
    const value = fieldOf(row, field);
    let group = groups.get(value);
    if (!group) {
      group = { value, counts: {}, rows: [] };
      groups.set(value, group);
    }
    group.rows.push(row);
    group.counts[row.severity] = (group.counts[row.severity] ?? 0) + 1;
  }
  return [...groups.values()].sort((a, b) => {
    for (const severity of SEVERITIES) {
      const difference = (b.counts[severity] ?? 0) - (a.counts[severity] ?? 0);
      // Which of two groups has more that is fine says nothing.
      if (severity !== 'fine' && difference !== 0) return difference;
    }
    return compare(a.value, b.value);
  });
}

/** '2 failed, 1 drifting, 40 fine', the most urgent first. */
export function describeCounts(
  counts: Partial<Record<Severity, number>>,
): string {
  return SEVERITIES.flatMap(severity => {
    const count = counts[severity];
    return count
      ? [`${count} ${severityWords[severity].word.toLocaleLowerCase('en-US')}`]
      : [];
  }).join(', ');
}

/** How many lines there are of each severity. */
export function countRows(
  rows: readonly FleetRow[],
): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of rows) {
    counts[severity] = (counts[severity] ?? 0) + 1;
  }
  return counts;
}

/** By code points: the order of locales costs ten thousand lines a noticeable while. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
