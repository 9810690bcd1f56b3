import Typography from '@material-ui/core/Typography';
import {
  DeploymentDetails,
  DeploymentWindows,
  SyncWindowDetails,
} from '@switchyard/backstage-plugin-deploys-common';
import { AgeText, StatusWord } from '@switchyard/backstage-plugin-runs-react';
import { useDetailsStyles } from './useDetailsStyles';

/** When Argo CD lets it be synced. */
export function Windows(props: { windows: DeploymentWindows }) {
  const { canSync, text, windows, problem } = props.windows;
  const classes = useDetailsStyles();
  return (
    <div className={classes.stack}>
      <div>
        <StatusWord tone={canSync ? 'ok' : 'attention'}>{text}</StatusWord>
      </div>
      {windows.length > 0 && (
        <ul className={classes.list} aria-label="Sync windows">
          {windows.map((window, index) => (
            <Window key={index} window={window} />
          ))}
        </ul>
      )}
      {problem && <div className={classes.quiet}>{problem}.</div>}
    </div>
  );
}

function Window(props: { window: SyncWindowDetails }) {
  const { kind, description, active, until, next, manualSync } = props.window;
  const { schedule, duration, timeZone } = props.window;
  const classes = useDetailsStyles();
  const activeTone = kind === 'deny' ? 'attention' : 'ok';
  return (
    <li>
      <div className={classes.line}>
        <StatusWord tone={active ? activeTone : 'neutral'}>
          {kind === 'deny' ? 'Deny' : 'Allow'} window{' '}
          {active ? 'active now' : 'not active'}
        </StatusWord>
        {description && <span>{description}</span>}
        {until && (
          <span>
            ends <AgeText at={until} />
          </span>
        )}
        {next && (
          <span>
            {active ? 'again' : 'begins'} <AgeText at={next} />
          </span>
        )}
      </div>
      <div className={classes.quiet}>
        <span className={classes.code}>{schedule}</span> ({timeZone}) for{' '}
        {duration}
        {manualSync && ', lets syncs by hand through'}
      </div>
    </li>
  );
}

/** What Argo CD finds wrong with the Application. */
export function Conditions(props: {
  conditions: DeploymentDetails['conditions'];
  /** Why their messages are left out. */
  withheld?: string;
}) {
  const { conditions, withheld } = props;
  const classes = useDetailsStyles();
  if (conditions.length === 0) {
    return (
      <Typography variant="body2">
        No conditions: Argo CD finds nothing wrong with the Application itself.
      </Typography>
    );
  }
  return (
    <ul className={classes.list} aria-label="Conditions">
      {conditions.map(({ type, message, at, severity }, index) => (
        <li key={index}>
          <div className={classes.line}>
            <StatusWord tone={severity === 'error' ? 'error' : 'attention'}>
              {type}
            </StatusWord>
            {at && (
              <span className={classes.quiet}>
                since <AgeText at={at} />
              </span>
            )}
          </div>
          {message && <div className={classes.words}>{message}</div>}
          {withheld && (
            <div className={classes.quiet}>Message not shown: {withheld}</div>
          )}
        </li>
      ))}
    </ul>
  );
}
