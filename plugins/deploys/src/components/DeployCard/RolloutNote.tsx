import Tooltip from '@material-ui/core/Tooltip';
import { RolloutState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ElapsedText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { Flash } from '../Flash';
import { useTableStyles } from '../Table';
import { rolloutTone } from '../tones';

/** How far Argo Rollouts is and what it waits for; nothing once it is done. */
export function RolloutNote(props: { rollout: RolloutState; stale: boolean }) {
  const { rollout, stale } = props;
  const { status, text, message, paused } = rollout;
  const table = useTableStyles();
  if (status === 'healthy') return null;
  return (
    <Flash of={text}>
      <div className={table.quiet}>
        <Tooltip title={message ?? ''}>
          <span>
            <StatusWord tone={rolloutTone(status)} stale={stale}>
              {text}
            </StatusWord>
          </span>
        </Tooltip>{' '}
        {paused?.since && <ElapsedText from={paused.since} />}
      </div>
    </Flash>
  );
}
