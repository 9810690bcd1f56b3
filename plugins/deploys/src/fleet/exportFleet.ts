import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { toCsvLine } from '@switchyard/backstage-plugin-runs-common';
import { severityWords } from './words';

const columns: ReadonlyArray<{
  title: string;
  value(row: FleetRow): string | number | undefined;
}> = [
  { title: 'status', value: row => severityWords[row.severity].word },
  { title: 'name', value: row => row.name },
  { title: 'component', value: row => row.entity?.ref },
  { title: 'team', value: row => row.entity?.owner },
  { title: 'system', value: row => row.entity?.system },
  { title: 'environment', value: row => row.environment },
  { title: 'cluster', value: row => row.cluster },
  { title: 'destination', value: row => row.destination },
  { title: 'namespace', value: row => row.namespace },
  { title: 'version', value: row => row.version },
  { title: 'drift', value: row => row.drift?.message },
  { title: 'argocd_instance', value: row => row.app?.instance },
  { title: 'argocd_project', value: row => row.app?.project },
  { title: 'sync', value: row => row.app?.sync },
  { title: 'health', value: row => row.app?.health },
  { title: 'operation', value: row => row.app?.operation?.phase },
  { title: 'pods_ready', value: row => row.pods?.[0] },
  { title: 'pods_wanted', value: row => row.pods?.[1] },
  { title: 'problem', value: row => row.problem },
  { title: 'changed_at', value: row => row.changedAt },
];

/** The lines as a table for spreadsheets. */
export function toCsv(rows: readonly FleetRow[]): string {
  return [
    toCsvLine(columns.map(({ title }) => title)),
    ...rows.map(row => toCsvLine(columns.map(({ value }) => value(row)))),
  ].join('');
}

/** The lines as they were read. */
export function toJson(rows: readonly FleetRow[]): string {
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}
