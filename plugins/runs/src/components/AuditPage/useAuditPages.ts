import { useApi } from '@backstage/core-plugin-api';
import { AuditEntry } from '@switchyard/backstage-plugin-runs-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { AuditTrailFilter, historyApiRef } from '../../history';

/** Entries of a filter, newest first, and older ones as they are asked for. */
export interface AuditPages {
  /** Undefined while nothing is known yet. Those of the filter before stay until the new ones are there. */
  items?: AuditEntry[];
  isOld: boolean;
  loading: boolean;
  error?: Error;
  retry(): void;
  /** Undefined where there is nothing older. */
  showOlder?: () => void;
}

interface Known {
  key: string;
  items: AuditEntry[];
  nextCursor?: string;
}

/** Reads the audit trail. It only grows: what was read is kept. */
export function useAuditPages(filter: AuditTrailFilter): AuditPages {
  const api = useApi(historyApiRef);
  const key = JSON.stringify(filter);
  const [known, setKnown] = useState<Known>();
  const [failed, setFailed] = useState<{ key: string; error: Error }>();
  const [loading, setLoading] = useState(false);
  const current = useRef(key);
  current.current = key;

  const read = useCallback(
    async (before: Known | undefined) => {
      setLoading(true);
      try {
        const page = await api.listAudit(JSON.parse(key), {
          cursor: before?.nextCursor,
        });
        // The answer to a question that was given up is not shown.
        if (current.current !== key) return;
        setKnown({
          key,
          items: [...(before?.items ?? []), ...page.items],
          nextCursor: page.nextCursor,
        });
        setFailed(undefined);
      } catch (error) {
        if (current.current === key) setFailed({ key, error: error as Error });
      } finally {
        if (current.current === key) setLoading(false);
      }
    },
    [api, key],
  );
  useEffect(() => {
    read(undefined);
  }, [read]);

  const own = known?.key === key ? known : undefined;
  return {
    items: known?.items,
    isOld: known !== undefined && own === undefined,
    loading,
    error: failed?.key === key ? failed.error : undefined,
    retry: () => read(own),
    showOlder: own?.nextCursor === undefined ? undefined : () => read(own),
  };
}
