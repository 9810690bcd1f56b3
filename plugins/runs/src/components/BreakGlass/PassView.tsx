import { Link } from '@backstage/core-components';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunPass, RunSummary } from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  quietColor,
  StatusWord,
  useNow,
} from '@switchyard/backstage-plugin-runs-react';
import { PassButtons } from './PassButtons';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1),
    },
    head: {
      ...theme.typography.body2,
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5, 2),
    },
    quiet: { color: quietColor(theme) },
    words: {
      ...theme.typography.body2,
      margin: 0,
      paddingLeft: theme.spacing(2.5),
      overflowWrap: 'anywhere',
    },
    reason: { overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardPassView' },
);

/** An emergency pass: how it stands, what it passes, by whom and why, and what this viewer may say to it. */
export function PassView(props: {
  run: RunSummary;
  pass: RunPass;
  onDone(): Promise<void>;
}) {
  const { run, pass, onDone } = props;
  const classes = useStyles();
  const status = useStatus(pass);
  return (
    <div className={classes.root}>
      <div className={classes.head}>
        <StatusWord {...describeStatus(pass, status)} />
        {status === 'asked' && pass.confirmUntil && (
          <AgeText
            className={classes.quiet}
            prefix="can be confirmed, ends"
            at={pass.confirmUntil}
          />
        )}
        {status === 'given' && pass.validUntil && (
          <AgeText
            className={classes.quiet}
            prefix="valid, ends"
            at={pass.validUntil}
          />
        )}
        {pass.usedAt && (
          <AgeText className={classes.quiet} prefix="used" at={pass.usedAt} />
        )}
      </div>
      <Typography variant="body2">
        Asked for by{' '}
        <EntityRefLink entityRef={pass.askedBy} defaultKind="user" />
        <Answer pass={pass} />
        {pass.withdrawn && (
          <>
            , withdrawn by{' '}
            <EntityRefLink entityRef={pass.withdrawn.by} defaultKind="user" />
          </>
        )}
      </Typography>
      <Typography variant="body2" className={classes.reason}>
        Because: {pass.reason}{' '}
        {pass.incident && <Link to={pass.incident}>Incident</Link>}
      </Typography>
      <ul className={classes.words} aria-label="What it passes">
        {pass.passes.map(blocker => (
          <li key={[blocker.type, blocker.ref, blocker.why].join('|')}>
            {blocker.why}
          </li>
        ))}
      </ul>
      <PassButtons run={run} pass={pass} status={status} onDone={onDone} />
    </div>
  );
}

function Answer(props: { pass: RunPass }) {
  const { answer, status } = props.pass;
  if (!answer) return null;
  return (
    <>
      , {status === 'refused' ? 'refused' : 'confirmed'} by{' '}
      <EntityRefLink entityRef={answer.by} defaultKind="user" />
      {answer.comment && <>: “{answer.comment}”</>}
    </>
  );
}

/** Its time may be up since it was read. */
function useStatus(pass: RunPass): RunPass['status'] {
  const { status, confirmUntil, validUntil } = pass;
  const end = status === 'asked' ? confirmUntil : validUntil;
  const isLive = status === 'asked' || status === 'given';
  const now = useNow({ running: isLive });
  return isLive && end !== undefined && now >= Date.parse(end)
    ? 'expired'
    : status;
}

function describeStatus(
  { usedAt, answer, needsSecond }: RunPass,
  status: RunPass['status'],
): { tone: 'attention' | 'waiting' | 'neutral' | 'error'; children: string } {
  switch (status) {
    case 'asked':
      return { tone: 'waiting', children: 'Waits for a second person' };
    case 'given':
      return {
        tone: 'attention',
        children: needsSecond ? 'Confirmed' : 'The glass is broken',
      };
    case 'refused':
      return { tone: 'error', children: 'Refused' };
    case 'withdrawn':
      return { tone: 'neutral', children: 'Withdrawn' };
    default:
      if (usedAt) return { tone: 'attention', children: 'Used, and over' };
      return {
        tone: 'neutral',
        children:
          answer || !needsSecond
            ? 'Its time is up'
            : 'Nobody confirmed it in time',
      };
  }
}
