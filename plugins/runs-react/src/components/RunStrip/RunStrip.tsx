import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import {
  RunSummary,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import { ElapsedText } from '../AgeText';
import { BreakGlassWord, OverdueWord, RunStatusWord } from '../StatusWord';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    root: {
      ...theme.typography.body2,
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      columnGap: theme.spacing(2),
      rowGap: theme.spacing(0.5),
      padding: theme.spacing(1, 2),
      borderRadius: theme.shape.borderRadius,
      border: `1px solid ${theme.palette.divider}`,
      background: theme.palette.background.paper,
      color: theme.palette.text.primary,
      position: 'relative',
      overflow: 'hidden',
    },
    title: { fontWeight: 600, overflowWrap: 'anywhere' },
    // What it is doing or why it ended may be a sentence: it gets a line of its own rather than a narrow column.
    step: {
      color: quietColor(theme),
      overflowWrap: 'anywhere',
      flexBasis: '100%',
    },
    end: {
      marginLeft: 'auto',
      display: 'flex',
      columnGap: theme.spacing(2),
    },
    bar: {
      position: 'absolute',
      left: 0,
      bottom: 0,
      height: 3,
      background: theme.palette.primary.main,
      transition: theme.transitions.create('width'),
      '@media (prefers-reduced-motion: reduce)': { transition: 'none' },
    },
  }),
  { name: 'SwitchyardRunStrip' },
);

/** @public */
export interface RunStripProps {
  run: RunSummary;
  /** Address of a run's page; without it the strip has no link. */
  runHref?: (runId: string) => string | undefined;
  className?: string;
}

/**
 * A run in two lines: number, title, state, time and the way to its page; what it is doing, or how it ended. Screen readers are told when status or step change.
 *
 * @public
 */
export function RunStrip(props: RunStripProps) {
  const { run, runHref, className } = props;
  const classes = useStyles();
  const href = runHref?.(run.id);
  const ended =
    TERMINAL_RUN_STATUSES.includes(run.status) || run.finishedAt !== undefined;
  const from = run.startedAt ?? run.requestedAt;
  const done = run.stepsTotal === 0 ? 0 : run.stepsDone / run.stepsTotal;
  return (
    <section
      className={[classes.root, className].filter(Boolean).join(' ')}
      aria-label={`Run #${run.number}`}
    >
      <span className={classes.title}>
        Run #{run.number} {run.title}
      </span>
      <span role="status">
        <RunStatusWord
          status={run.status}
          parked={run.waiting?.reason === 'parked'}
        />{' '}
        <OverdueWord expectedBy={run.currentStep?.expectedBy} />{' '}
        <BreakGlassWord breakGlass={run.breakGlass} />
      </span>
      <span className={classes.end}>
        <ElapsedText from={from} to={ended ? run.finishedAt : undefined} />
        {href && (
          <Link to={href} aria-label={`Open run #${run.number}`}>
            Open
          </Link>
        )}
      </span>
      <span className={classes.step} aria-live="polite">
        {describeProgress(run)}
      </span>
      {!ended && (
        <span
          className={classes.bar}
          style={{ width: `${Math.round(done * 100)}%` }}
          aria-hidden="true"
        />
      )}
    </section>
  );
}

/**
 * 'step 4/7 Waiting for pods', or why it does not move, or how it ended.
 *
 * @public
 */
export function describeProgress(run: RunSummary): string {
  if (run.status === 'waiting' && run.waiting) return run.waiting.message;
  if (run.status === 'queued') return 'waiting for a worker';
  if (run.cause) return run.cause;
  if (TERMINAL_RUN_STATUSES.includes(run.status)) {
    return `${run.stepsDone} of ${run.stepsTotal} steps done`;
  }
  const number = Math.min(run.stepsDone + 1, run.stepsTotal);
  const { title, progress } = run.currentStep ?? {};
  const step = [`step ${number}/${run.stepsTotal}`, title].filter(Boolean);
  return progress ? `${step.join(' ')} · ${progress}` : step.join(' ');
}
