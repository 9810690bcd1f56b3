import {
  FailureText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { SessionState } from './useSession';

/** What there is to say of a session, in words, for screen readers too. */
export function SessionStatus(props: { state: SessionState }) {
  const { state } = props;
  if (state.is === 'failed')
    return <FailureText what="It was not opened." error={state.error} />;
  return (
    <div role="status">
      <Words state={state} />
    </div>
  );
}

function Words(props: { state: Exclude<SessionState, { is: 'failed' }> }) {
  const { state } = props;
  switch (state.is) {
    case 'closed':
      return null;
    case 'opening':
      return <StatusWord tone="active">Connecting</StatusWord>;
    case 'open':
      return state.idleSoon ? (
        <StatusWord tone="attention">
          Ends in a minute: press a key to keep it
        </StatusWord>
      ) : (
        <StatusWord tone="ok">Connected</StatusWord>
      );
    default: {
      const { end } = state;
      const isFine = end?.reason === 'exit' && end.exitCode === 0;
      return (
        <StatusWord tone={isFine ? 'neutral' : 'attention'}>
          {end?.message ?? 'The connection to the portal broke'}
        </StatusWord>
      );
    }
  }
}
