import { useApi } from '@backstage/core-plugin-api';
import {
  TerminalServerMessage,
  TerminalTicketRequest,
} from '@switchyard/backstage-plugin-deploys-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import {
  TerminalConnection,
  terminalApiRef,
  TerminalListener,
  TerminalPlace,
} from '../../api';

type Ended = Extract<TerminalServerMessage, { type: 'ended' }>;

/** What there is to say of a session. */
export type SessionState =
  | { is: 'closed' }
  | { is: 'opening' }
  | { is: 'open'; idleSoon: boolean }
  | { is: 'ended'; end: Ended | undefined }
  | { is: 'failed'; error: Error };

/** One session at a time. It is never opened again by itself: what ran in it is gone. It ends when the component goes. */
export function useSession(
  place: TerminalPlace,
  onOutput: TerminalListener['onOutput'],
) {
  const api = useApi(terminalApiRef);
  const [state, setState] = useState<SessionState>({ is: 'closed' });
  const connection = useRef<TerminalConnection>();
  const output = useRef(onOutput);
  output.current = onOutput;
  // Counts, so that what an earlier one still says is not taken for this one.
  const current = useRef(0);
  const leave = useCallback(() => {
    current.current += 1;
    connection.current?.close();
    connection.current = undefined;
  }, []);
  useEffect(() => leave, [leave]);

  const open = useCallback(
    async (request: TerminalTicketRequest) => {
      leave();
      const own = current.current;
      const isOwn = () => current.current === own;
      setState({ is: 'opening' });
      let end: Ended | undefined;
      try {
        const opened = await api.open(place, request, {
          onOutput: (data, stream) => isOwn() && output.current(data, stream),
          onMessage(message) {
            if (!isOwn()) return;
            if (message.type === 'opened')
              setState({ is: 'open', idleSoon: false });
            if (message.type === 'idle-soon')
              setState({ is: 'open', idleSoon: true });
            if (message.type === 'ended') end = message;
          },
          onClose: () => isOwn() && setState({ is: 'ended', end }),
        });
        // Closed while it was being opened.
        if (isOwn()) connection.current = opened;
        else opened.close();
      } catch (error) {
        if (isOwn()) setState({ is: 'failed', error: error as Error });
      }
    },
    [api, place, leave],
  );
  const type = useCallback((text: string) => {
    connection.current?.type(text);
    setState(before =>
      before.is === 'open' && before.idleSoon
        ? { is: 'open', idleSoon: false }
        : before,
    );
  }, []);
  const resize = useCallback(
    (size: { columns: number; rows: number }) =>
      connection.current?.resize(size),
    [],
  );
  return { state, open, type, resize };
}
