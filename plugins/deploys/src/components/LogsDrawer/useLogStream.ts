import { useApi } from '@backstage/core-plugin-api';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { deploysApiRef, WorkloadLogRequest } from '../../api';
import { LogBuffer, LogLine, ReadSource } from './LogBuffer';

/** A token ends while a log is followed: what came since is among the last minute. */
const GO_ON_SECONDS = 60;
const GO_ON_TAIL = 10_000;
/** A log that ends sooner after it was opened anew would be opened for ever. */
const GO_ON_AFTER_MS = 10_000;

/** `reading`: more may come. `ended`: the log is complete, or the container has stopped. */
export type LogStreamStatus = 'connecting' | 'reading' | 'ended' | 'failed';

/** A log as far as it was read. */
export interface LogStream {
  lines: readonly LogLine[];
  /** Changes whenever `lines` did. */
  version: number;
  dropped: number;
  sources: readonly ReadSource[];
  /** Pods that are not read because there are too many. */
  leftOut: readonly string[];
  status: LogStreamStatus;
  /** Why it failed; what was read before stays. */
  error?: Error;
  restart(): void;
}

/**
 * Reads a log, for as long as the component is there and the request stays the same. Nothing without a request. What comes faster than the
 * screen is drawn is shown together, and nothing is drawn while the tab is hidden.
 */
export function useLogStream(
  request: WorkloadLogRequest | undefined,
): LogStream {
  const deploysApi = useApi(deploysApiRef);
  const buffer = useRef(new LogBuffer());
  const [version, show] = useReducer((count: number) => count + 1, 0);
  const [attempt, restart] = useReducer((count: number) => count + 1, 0);
  const [{ status, error }, setEnd] = useState<
    Pick<LogStream, 'status' | 'error'>
  >({ status: 'connecting' });
  const requestText = request && JSON.stringify(request);

  useEffect(() => {
    if (!requestText) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const lines = new LogBuffer();
    buffer.current = lines;
    setEnd({ status: 'connecting' });
    show();
    let frame: number | undefined;
    const showSoon = () => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        show();
      });
    };
    const readOnce = async (asked: WorkloadLogRequest) => {
      const pieces = deploysApi.readWorkloadLog(asked, { signal });
      for await (const records of pieces) {
        if (signal.aborted) return;
        lines.append(records);
        setEnd(before =>
          before.status === 'reading' ? before : { status: 'reading' },
        );
        showSoon();
      }
    };
    const read = async () => {
      let asked: WorkloadLogRequest = JSON.parse(requestText);
      for (;;) {
        const openedAt = Date.now();
        await readOnce(asked);
        const { over } = lines;
        if (!over || signal.aborted) return;
        const isLasting = Date.now() - openedAt > GO_ON_AFTER_MS;
        if (over.reason === 'refused' || !isLasting) throw new Error(over.why);
        // Asked for anew it goes with the token that the person has now.
        asked = { ...asked, since: GO_ON_SECONDS, tail: GO_ON_TAIL };
        lines.goOn();
      }
    };
    const end = (result: Pick<LogStream, 'status' | 'error'>) => {
      if (signal.aborted) return;
      setEnd(result);
      showSoon();
    };
    read().then(
      () => end({ status: 'ended' }),
      cause => end({ status: 'failed', error: cause as Error }),
    );
    return () => {
      controller.abort();
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [deploysApi, requestText, attempt]);

  const { lines, dropped, sources, leftOut } = buffer.current;
  return {
    lines,
    version,
    dropped,
    sources,
    leftOut,
    status,
    error,
    restart: useCallback(() => restart(), []),
  };
}
