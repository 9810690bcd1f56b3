import {
  FleetRow,
  Severity,
} from '@switchyard/backstage-plugin-deploys-common';
import { placeOf, reasonOf, severityWords, shortRef } from './words';

/** Fields that lines are narrowed by, in the order of the screen. */
export const FILTER_FIELDS = [
  'team',
  'system',
  'environment',
  'cluster',
  'status',
  'sync',
  'health',
] as const;

/** @see FILTER_FIELDS */
export type FilterField = (typeof FILTER_FIELDS)[number];

/** In the address for lines that have no team, system, and so on. */
export const NONE = '-';

/** What is wanted to be seen. */
export interface FleetFilter {
  /** Words that all have to be in a line. */
  text: string;
  fields: Partial<Record<FilterField, string>>;
  /** Only what one of these owns. */
  owners?: ReadonlySet<string>;
}

/** What a line is by a field; {@link NONE} where it is nothing. */
export function fieldOf(row: FleetRow, field: FilterField): string {
  switch (field) {
    case 'team':
      return row.entity?.owner ?? NONE;
    case 'system':
      return row.entity?.system ?? NONE;
    case 'environment':
      return row.environment;
    case 'cluster':
      return placeOf(row) || NONE;
    case 'status':
      return row.severity;
    case 'sync':
      return row.app?.sync ?? NONE;
    default:
      return row.app?.health ?? NONE;
  }
}

/** What a value of a field is called. */
export function describeValue(
  field: FilterField,
  value: string,
  environmentTitle: (name: string) => string,
): string {
  if (value === NONE) {
    return field === 'sync' || field === 'health'
      ? 'No Argo CD'
      : `No ${field}`;
  }
  if (field === 'team' || field === 'system') return shortRef(value);
  if (field === 'environment') return environmentTitle(value);
  if (field === 'status') return severityWords[value as Severity].word;
  return value;
}

/** The lines that are wanted, in the order in which they came. */
export function filterRows(
  rows: readonly FleetRow[],
  filter: FleetFilter,
): readonly FleetRow[] {
  const words = filter.text
    .toLocaleLowerCase('en-US')
    .split(/\s+/)
    .filter(word => word !== '');
  const fields = Object.entries(filter.fields) as Array<[FilterField, string]>;
  const { owners } = filter;
  if (words.length === 0 && fields.length === 0 && !owners) return rows;
  return rows.filter(
    row =>
      fields.every(([field, value]) => fieldOf(row, field) === value) &&
      (!owners || owners.has(row.entity?.owner ?? '')) &&
      (words.length === 0 || containsAll(textOf(row), words)),
  );
}

function containsAll(text: string, words: readonly string[]): boolean {
  return words.every(word => text.includes(word));
}

const PREPARE_MS = 5;
const REST_MS = 25;

/** Makes the texts that filters look through bit by bit, so that the first letter costs no more than the others. Answers how to stop it. */
export function prepareTexts(rows: readonly FleetRow[]): () => void {
  let next = 0;
  let timer = setTimeout(prepare, REST_MS);
  function prepare() {
    const end = performance.now() + PREPARE_MS;
    while (next < rows.length && performance.now() < end) {
      textOf(rows[next]);
      next += 1;
    }
    if (next < rows.length) timer = setTimeout(prepare, REST_MS);
  }
  return () => clearTimeout(timer);
}

/** A line lives as long as it stays the same; its text is made once. */
const texts = new WeakMap<FleetRow, string>();

function textOf(row: FleetRow): string {
  let text = texts.get(row);
  if (text === undefined) {
    const { entity, app } = row;
    text = [
      row.name,
      entity?.ref ?? 'no entity',
      entity?.title,
      entity?.owner,
      entity?.system,
      row.environment,
      placeOf(row),
      row.namespace,
      row.version,
      app?.project,
      app?.sync,
      app?.health,
      severityWords[row.severity].word,
      reasonOf(row),
    ]
      .join('\n')
      .toLocaleLowerCase('en-US');
    texts.set(row, text);
  }
  return text;
}
