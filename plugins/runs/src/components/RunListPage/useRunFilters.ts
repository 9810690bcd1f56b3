import { parseEntityRef } from '@backstage/catalog-model';
import { RunStatus } from '@switchyard/backstage-plugin-runs-common';
import { RunsFilter } from '@switchyard/backstage-plugin-runs-react';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { startOfDay, toRef } from '../filters';

/** All statuses that can be chosen, in the order of the menu. */
export const statusChoices: ReadonlyArray<{
  status: RunStatus;
  label: string;
}> = [
  { status: 'needs-attention', label: 'Needs attention' },
  { status: 'dead', label: 'Gave up' },
  { status: 'failed', label: 'Failed' },
  { status: 'waiting', label: 'Waiting' },
  { status: 'running', label: 'Running' },
  { status: 'queued', label: 'Queued' },
  { status: 'succeeded', label: 'Succeeded' },
  { status: 'cancelled', label: 'Cancelled' },
];

const SINGLE = [
  'entity',
  'kind',
  'environment',
  'person',
  'from',
  'to',
] as const;

/** Filters with one value. */
export type SingleFilter = (typeof SINGLE)[number];

/** The filters of the list. They live in the address, so a link shows the same to a colleague. */
export interface RunFilters {
  /**
   * As they stand in the address, '' for none. `entity`: a full entity ref, or a part of a component's name; `person`: a user's ref or name; `from` and
   * `to`: days such as 2026-11-21, both included.
   */
  values: Readonly<Record<SingleFilter, string>>;
  status: RunStatus[];
  /** What the backend is asked for. */
  asked: Omit<RunsFilter, 'limit' | 'cursor'>;
  /** What is left to look for in what the backend answers: a part of a component's name. */
  needle: string;
  isEmpty: boolean;
  set(filter: SingleFilter, value: string): void;
  setStatus(status: RunStatus[]): void;
  clear(): void;
}

/** Reads and writes the filters in the address. What makes no sense in it is ignored. */
export function useRunFilters(): RunFilters {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const state = useMemo(() => read(new URLSearchParams(text)), [text]);

  const change = useCallback(
    (edit: (next: URLSearchParams) => void) => {
      setParams(
        before => {
          const next = new URLSearchParams(before);
          edit(next);
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  return {
    ...state,
    set: (filter, value) =>
      change(next =>
        value === '' ? next.delete(filter) : next.set(filter, value),
      ),
    setStatus: chosen =>
      change(next => {
        next.delete('status');
        for (const each of chosen) next.append('status', each);
      }),
    clear: () =>
      change(next => {
        for (const each of [...SINGLE, 'status']) next.delete(each);
      }),
  };
}

function read(params: URLSearchParams) {
  const values = Object.fromEntries(
    SINGLE.map(name => [name, params.get(name) ?? '']),
  ) as Record<SingleFilter, string>;
  const chosen = params.getAll('status');
  const status = statusChoices
    .map(choice => choice.status)
    .filter(each => chosen.includes(each));
  const entityRef = isFullRef(values.entity) ? values.entity : undefined;
  const asked = {
    entityRef,
    status: status.length > 0 ? status : undefined,
    kind: values.kind || undefined,
    environment: values.environment || undefined,
    requestedBy: toRef(values.person, 'user'),
    from: startOfDay(values.from, 0),
    to: startOfDay(values.to, 1),
  };
  return {
    values,
    status,
    asked: Object.fromEntries(
      Object.entries(asked).filter(([, value]) => value !== undefined),
    ) as RunFilters['asked'],
    needle: entityRef ? '' : values.entity.trim().toLocaleLowerCase('en-US'),
    isEmpty:
      status.length === 0 && SINGLE.every(filter => values[filter] === ''),
  };
}

function isFullRef(text: string): boolean {
  if (!/^[^:/\s]+:[^:/\s]+\/[^:/\s]+$/.test(text)) return false;
  try {
    parseEntityRef(text);
    return true;
  } catch {
    return false;
  }
}
