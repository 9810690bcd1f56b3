import { RunStatus } from '@switchyard/backstage-plugin-runs-common';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';

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

/** The filters of the list. They live in the address, so a link shows the same to a colleague. */
export interface RunFilters {
  /** A full entity ref, or a part of a component's name. */
  entity: string;
  status: RunStatus[];
  setEntity(entity: string): void;
  setStatus(status: RunStatus[]): void;
  clear(): void;
}

/** Reads and writes the filters in the address. Unknown statuses in it are ignored. */
export function useRunFilters(): RunFilters {
  const [params, setParams] = useSearchParams();
  const entity = params.get('entity') ?? '';
  const statusText = params.getAll('status').join(',');
  const status = useMemo(
    () =>
      statusChoices
        .map(choice => choice.status)
        .filter(each => statusText.split(',').includes(each)),
    [statusText],
  );

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
    entity,
    status,
    setEntity: text =>
      change(next =>
        text === '' ? next.delete('entity') : next.set('entity', text),
      ),
    setStatus: chosen =>
      change(next => {
        next.delete('status');
        for (const each of chosen) next.append('status', each);
      }),
    clear: () =>
      change(next => {
        next.delete('entity');
        next.delete('status');
      }),
  };
}
