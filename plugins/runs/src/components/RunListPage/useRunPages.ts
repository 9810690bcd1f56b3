import { useApi } from '@backstage/core-plugin-api';
import {
  RunStatus,
  RunSummary,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import {
  runsApiRef,
  RunsFilter,
  useRunList,
} from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useState } from 'react';
import { statusChoices } from './useRunFilters';

const PAGE_SIZE = 100;

const openStatuses = statusChoices
  .map(choice => choice.status)
  .filter(status => !TERMINAL_RUN_STATUSES.includes(status));

interface Pages {
  key: string;
  items: RunSummary[];
  nextCursor?: string;
}

/** Runs of a filter: the newest and all that are open, kept fresh, and older ones as they are asked for. */
export interface RunPages {
  /** Undefined while nothing is known yet. */
  runs?: RunSummary[];
  /** The runs are those of the filter before, until the new ones are there. */
  isOld: boolean;
  error?: Error;
  retry(): Promise<void>;
  /** Fetches the next page; undefined where there is none. */
  showOlder?: () => Promise<void>;
  loadingOlder: boolean;
}

/** Reads the runs of a filter. */
export function useRunPages(
  filter: Omit<RunsFilter, 'limit' | 'cursor'>,
): RunPages {
  const runsApi = useApi(runsApiRef);
  const key = JSON.stringify(filter);
  const newest = useRunList({ ...filter, limit: PAGE_SIZE });
  // What needs a person may be older than a page: it must be found all the same.
  const open = useRunList({
    ...filter,
    status: openOf(filter.status),
    limit: PAGE_SIZE,
  });
  const [older, setOlder] = useState<Pages>();
  const [olderError, setOlderError] = useState<Error>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [last, setLast] = useState<RunSummary[]>();

  const ownOlder = older?.key === key ? older : undefined;
  const current =
    newest.value && open.value
      ? merge(newest.value.items, open.value.items, ownOlder?.items ?? [])
      : undefined;
  useEffect(() => {
    if (newest.value && open.value)
      setLast(merge(newest.value.items, open.value.items, []));
  }, [newest.value, open.value]);

  const nextCursor = ownOlder ? ownOlder.nextCursor : newest.value?.nextCursor;
  const showOlder = async () => {
    setLoadingOlder(true);
    setOlderError(undefined);
    try {
      const page = await runsApi.listRuns({
        ...filter,
        limit: PAGE_SIZE,
        cursor: nextCursor,
      });
      setOlder({
        key,
        items: merge(ownOlder?.items ?? [], page.items),
        nextCursor: page.nextCursor,
      });
    } catch (error) {
      setOlderError(error as Error);
    } finally {
      setLoadingOlder(false);
    }
  };
  return {
    runs: current ?? last,
    isOld: current === undefined && last !== undefined,
    error: newest.error ?? open.error ?? olderError,
    retry: async () => {
      await Promise.all([newest.retry(), open.retry()]);
    },
    showOlder: nextCursor === undefined ? undefined : showOlder,
    loadingOlder,
  };
}

/** The open ones of the chosen statuses; where none is open, the chosen ones, which is the same question as the first page's. */
function openOf(
  chosen: readonly RunStatus[] | undefined,
): readonly RunStatus[] {
  if (!chosen) return openStatuses;
  const open = chosen.filter(status => openStatuses.includes(status));
  return open.length > 0 ? open : chosen;
}

/** Each run once; the first list has the last word on it. */
function merge(...lists: RunSummary[][]): RunSummary[] {
  const byId = new Map<string, RunSummary>();
  for (const run of lists.flat()) {
    if (!byId.has(run.id)) byId.set(run.id, run);
  }
  return [...byId.values()];
}
