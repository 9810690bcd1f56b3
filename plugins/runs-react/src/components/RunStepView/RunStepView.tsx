import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunLogLine, RunStep } from '@switchyard/backstage-plugin-runs-common';
import { ReactNode } from 'react';
import { useNow } from '../../hooks/useNow';
import { AgeText, ElapsedText } from '../AgeText';
import { ChangeList } from '../ChangeList';
import { CopyButton } from '../CopyButton';
import { OverdueWord, StatusWord, StepStatusWord } from '../StatusWord';
import { quietColor } from '../../tone';
import { StepLog } from './StepLog';

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
        <OverdueWord expectedBy={step.expectedBy} />
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
      <StepLog status={step.status} log={log} />
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
