import {
  FleetRow,
  Severity,
} from '@switchyard/backstage-plugin-deploys-common';
import { Tone } from '@switchyard/backstage-plugin-runs-react';

/** What people call a severity, and what it means to them. */
export const severityWords: Record<Severity, { word: string; tone: Tone }> = {
  failed: { word: 'Failed', tone: 'error' },
  unseen: { word: 'Not seen', tone: 'attention' },
  drifting: { word: 'Drifting', tone: 'attention' },
  running: { word: 'Changing', tone: 'active' },
  unknown: { word: 'Unknown', tone: 'neutral' },
  fine: { word: 'Fine', tone: 'ok' },
};

/** Severities that a person has to do something about. */
export const WRONG: ReadonlySet<Severity> = new Set([
  'failed',
  'unseen',
  'drifting',
]);

/** `storefront` of `group:default/storefront`: what stands in tables. */
export function shortRef(ref: string): string {
  const [, name] = /^[^:]+:default\/(.+)$/.exec(ref) ?? [];
  return name ?? ref.slice(ref.indexOf(':') + 1);
}

/** 'resource' of `resource:default/orders-db`; undefined for components, which most are. */
export function otherKind(ref: string): string | undefined {
  const kind = ref.slice(0, ref.indexOf(':'));
  return kind === 'component' ? undefined : kind;
}

/** What a line is called on screens. */
export function titleOf(row: FleetRow): string {
  return (
    row.entity?.title ?? (row.entity ? shortRef(row.entity.ref) : row.name)
  );
}

/** Where a line is: the cluster, or Argo CD's word for a destination that is none. */
export function placeOf(row: FleetRow): string {
  return row.cluster ?? row.destination ?? '';
}

/** Why a line is as it is, in one sentence; undefined where its words say it all. */
export function reasonOf(row: FleetRow): string | undefined {
  if (row.problem) return row.problem;
  if (row.severity === 'unseen') {
    return row.destination === undefined
      ? `The last known state: ${placeOf(
          row,
        )} or its Argo CD cannot be seen now`
      : `${row.destination} is no known cluster`;
  }
  return row.drift?.message;
}
