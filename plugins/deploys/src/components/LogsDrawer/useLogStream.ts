import { useApi } from '@backstage/core-plugin-api';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { deploysApiRef, WorkloadLogRequest } from '../../api';
import { LogBuffer, LogLine, ReadSource } from './LogBuffer';

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
    const read = async () => {
      const pieces = deploysApi.readWorkloadLog(JSON.parse(requestText), {
        signal,
      });
      for await (const records of pieces) {
        if (signal.aborted) return;
        lines.append(records);
        setEnd(before =>
          before.status === 'reading' ? before : { status: 'reading' },
        );
        showSoon();
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
