import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router-dom';

const FILTER = 'pods';
const TOGGLED = 'podsTurned';
const LOGS = 'logs';
/** Typing changes the address this long after the last key. */
const WRITE_FILTER_AFTER_MS = 300;

/** A pod that is looked into. */
export interface PodPlace {
  cluster: string;
  namespace: string;
  pod: string;
}

/** Whose logs are open: a pod's, or those of all pods of a workload. */
export type LogsPlace =
  | PodPlace
  | {
      cluster: string;
      namespace: string;
      workload: { kind: string; name: string };
    };

/** What a person chose to see of the pods. It lives in the address, so that a link shows the same to a colleague. */
export interface PodsView {
  filter: string;
  setFilter(filter: string): void;
  /** Keys of the rows that were turned over from how they begin. */
  toggled: ReadonlySet<string>;
  toggle(key: string): void;
  /** Whose logs are open. */
  logs: LogsPlace | undefined;
  setLogs(place: LogsPlace | undefined): void;
}

/** Reads and writes the view of the pods. */
export function usePodsView(): PodsView {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (edit: (next: URLSearchParams) => void) =>
      setParams(
        before => {
          const next = new URLSearchParams(before);
          edit(next);
          return next;
        },
        { replace: true, preventScrollReset: true },
      ),
    [setParams],
  );

  // What is typed shows at once; the address follows.
  const written = params.get(FILTER) ?? '';
  const [filter, setFilter] = useState(written);
  const lastWritten = useRef(written);
  useEffect(() => {
    if (written === lastWritten.current) return;
    lastWritten.current = written;
    setFilter(written);
  }, [written]);
  useEffect(() => {
    if (filter === lastWritten.current) return undefined;
    const timer = setTimeout(() => {
      lastWritten.current = filter;
      change(next => setOrDelete(next, FILTER, filter));
    }, WRITE_FILTER_AFTER_MS);
    return () => clearTimeout(timer);
  }, [filter, change]);

  const toggledText = params.getAll(TOGGLED).join('\n');
  const toggled = useMemo(
    () => new Set(toggledText.split('\n').filter(Boolean)),
    [toggledText],
  );
  const toggle = useCallback(
    (key: string) =>
      change(next => {
        const keys = new Set(next.getAll(TOGGLED));
        if (!keys.delete(key)) keys.add(key);
        next.delete(TOGGLED);
        for (const each of keys) next.append(TOGGLED, each);
      }),
    [change],
  );

  const logsText = params.get(LOGS);
  const logs = useMemo(() => parsePlace(logsText), [logsText]);
  const setLogs = useCallback(
    (place: LogsPlace | undefined) =>
      change(next => setOrDelete(next, LOGS, place && formatPlace(place))),
    [change],
  );
  return { filter, setFilter, toggled, toggle, logs, setLogs };
}

function setOrDelete(
  params: URLSearchParams,
  key: string,
  value: string | undefined,
) {
  if (value) params.set(key, value);
  else params.delete(key);
}

/** Names of clusters may hold slashes; those of namespaces, kinds, workloads and pods do not, nor colons. */
function formatPlace(place: LogsPlace): string {
  const what =
    'pod' in place
      ? place.pod
      : `${place.workload.kind}:${place.workload.name}`;
  return [place.cluster, place.namespace, what].join('/');
}

function parsePlace(text: string | null): LogsPlace | undefined {
  const match = text?.match(/^(.+)\/([^/]+)\/(?:([^/:]+):)?([^/:]+)$/);
  if (!match) return undefined;
  const [, cluster, namespace, kind, name] = match;
  return kind === undefined
    ? { cluster, namespace, pod: name }
    : { cluster, namespace, workload: { kind, name } };
}
