import { useApi } from '@backstage/core-plugin-api';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { deploysApiRef, LogsRequest } from '../../api';
import { LogBuffer, LogLine } from './LogBuffer';

/** Lines that come faster than this are shown together. */
const SHOW_EVERY_MS = 100;

/** `reading`: more may come. `ended`: the log is complete, or the container has stopped. */
export type LogStreamStatus = 'connecting' | 'reading' | 'ended' | 'failed';

/** A log as far as it was read. */
export interface LogStream {
  lines: readonly LogLine[];
  /** Changes whenever `lines` did. */
  version: number;
  dropped: number;
  status: LogStreamStatus;
  /** Why it failed; what was read before stays. */
  error?: Error;
  restart(): void;
}

/**
 * Reads a log with its times, for as long as the component is there and the request stays the same. Nothing without a request.
 */
export function useLogStream(
  request: Omit<LogsRequest, 'timestamps'> | undefined,
): LogStream {
  const deploysApi = useApi(deploysApiRef);
  const buffer = useRef(new LogBuffer());
  const [version, show] = useReducer((count: number) => count + 1, 0);
  const [attempt, restart] = useReducer((count: number) => count + 1, 0);
  const [{ status, error }, setEnd] = useState<
    Pick<LogStream, 'status' | 'error'>
  >({ status: 'connecting' });
  // Always with times: showing and hiding them shall not read the log again.
  const requestText =
    request && JSON.stringify({ ...request, timestamps: true });

  useEffect(() => {
    if (!requestText) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const lines = new LogBuffer();
    buffer.current = lines;
    setEnd({ status: 'connecting' });
    show();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const showSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        show();
      }, SHOW_EVERY_MS);
    };
    const read = async () => {
      const texts = deploysApi.readLogs(JSON.parse(requestText), { signal });
      for await (const text of texts) {
        if (signal.aborted) return;
        lines.append(text);
        setEnd(before =>
          before.status === 'reading' ? before : { status: 'reading' },
        );
        showSoon();
      }
    };
    const end = (result: Pick<LogStream, 'status' | 'error'>) => {
      if (signal.aborted) return;
      lines.end();
      setEnd(result);
      showSoon();
    };
    read().then(
      () => end({ status: 'ended' }),
      cause => end({ status: 'failed', error: cause as Error }),
    );
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [deploysApi, requestText, attempt]);

  return {
    lines: buffer.current.lines,
    version,
    dropped: buffer.current.dropped,
    status,
    error,
    restart: useCallback(() => restart(), []),
  };
}
