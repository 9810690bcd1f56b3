import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunLogLine, RunStep } from '@switchyard/backstage-plugin-runs-common';
import { DateTime } from 'luxon';
import { ReactNode } from 'react';
import { useNow } from '../../hooks/useNow';
import { AgeText, ElapsedText, formatExact } from '../AgeText';
import { ChangeList } from '../ChangeList';
import { CopyButton } from '../CopyButton';
import { StatusWord, StepStatusWord } from '../StatusWord';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      minWidth: 0,
    },
    facts: {
      ...theme.typography.body2,
      display: 'flex',
      alignItems: 'baseline',
      flexWrap: 'wrap',
      columnGap: theme.spacing(2),
      rowGap: theme.spacing(0.5),
    },
    action: { marginLeft: 'auto' },
    error: { overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' },
    heading: { display: 'flex', alignItems: 'center', gap: theme.spacing(1) },
    log: {
      margin: 0,
      padding: theme.spacing(1, 1.5),
      listStyle: 'none',
      maxHeight: 360,
      overflow: 'auto',
      fontFamily: 'Menlo, Consolas, monospace',
      fontSize: 12,
      lineHeight: 1.7,
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
      background: theme.palette.background.default,
    },
    line: { display: 'flex', gap: theme.spacing(1.5), alignItems: 'baseline' },
    time: { color: quietColor(theme), flex: 'none' },
    message: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', minWidth: 0 },
    quiet: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardRunStepView' },
);

/** @public */
export interface RunStepViewProps {
  step: RunStep;
  /** Lines of the log; default: those that came with the step. */
  log?: readonly RunLogLine[];
  /** Shown beside the status: a button to try again, for example. */
  action?: ReactNode;
  className?: string;
}

/**
 * One step of a run: what it is doing, what it changed, what it said.
 *
 * @public
 */
export function RunStepView(props: RunStepViewProps) {
  const { step, log = step.log, action, className } = props;
  const classes = useStyles();
  return (
    <div className={[classes.root, className].filter(Boolean).join(' ')}>
      <div className={classes.facts}>
        <StepStatusWord status={step.status} />
        {step.cluster && <span>{step.cluster}</span>}
        {step.startedAt && step.status !== 'pending' && (
          <ElapsedText from={step.startedAt} to={step.finishedAt} />
        )}
        {step.attempt > 1 && (
          <span>
            attempt {step.attempt} of {step.maxAttempts}
          </span>
        )}
        {step.status === 'retrying' && step.retryAt && (
          <RetryText at={step.retryAt} />
        )}
        {action && <div className={classes.action}>{action}</div>}
      </div>
      {step.progress && step.status === 'running' && (
        <Typography variant="body2">{step.progress}</Typography>
      )}
      {step.error && (
        <div>
          <div className={classes.heading}>
            <StatusWord
              tone={step.status === 'succeeded' ? 'neutral' : 'error'}
            >
              {step.status === 'succeeded'
                ? 'An earlier attempt failed'
                : 'Error'}
            </StatusWord>
            <CopyButton text={step.error} label="error text" />
          </div>
          <Typography variant="body2" className={classes.error}>
            {step.error}
          </Typography>
        </div>
      )}
      <section>
        <Typography variant="subtitle2" component="h4">
          Changes
        </Typography>
        {step.changes.length > 0 ? (
          <ChangeList changes={step.changes} />
        ) : (
          <Typography variant="body2" className={classes.quiet}>
            {step.effect === 'none'
              ? 'This step changes nothing.'
              : describeNone(step)}
          </Typography>
        )}
      </section>
      <section>
        <div className={classes.heading}>
          <Typography variant="subtitle2" component="h4">
            Log
          </Typography>
          {log.length > 0 && <CopyButton text={logText(log)} label="log" />}
        </div>
        {log.length > 0 ? (
          <LogLines log={log} />
        ) : (
          <Typography variant="body2" className={classes.quiet}>
            {step.status === 'pending'
              ? 'The step has not started.'
              : 'No lines yet.'}
          </Typography>
        )}
      </section>
    </div>
  );
}

/** Of a step that has ended nothing more will come. What it set going may have changed something all the same. */
function describeNone(step: RunStep): string {
  return step.finishedAt === undefined ? 'None yet.' : 'None recorded.';
}

function RetryText(props: { at: string }) {
  const { at } = props;
  const now = useNow({ running: true });
  if (Date.parse(at) <= now) return <span>trying again now</span>;
  return <AgeText prefix="tries again" at={at} />;
}

function LogLines(props: { log: readonly RunLogLine[] }) {
  const { log } = props;
  const classes = useStyles();
  return (
    // It scrolls inside, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ol className={classes.log} tabIndex={0} aria-label="Log of the step">
      {log.map((line, index) => (
        <li key={`${index}|${line.at}`} className={classes.line}>
          <time
            dateTime={line.at}
            title={formatExact(line.at)}
            className={classes.time}
          >
            {DateTime.fromISO(line.at).toFormat('HH:mm:ss')}
          </time>
          {line.level !== 'info' && (
            <StatusWord tone={line.level === 'error' ? 'error' : 'attention'}>
              {line.level}
            </StatusWord>
          )}
          <span className={classes.message}>{line.message}</span>
        </li>
      ))}
    </ol>
  );
}

function logText(log: readonly RunLogLine[]): string {
  return log.map(line => `${line.at} ${line.level} ${line.message}`).join('\n');
}
