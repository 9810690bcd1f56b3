import { Link } from '@backstage/core-components';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  BlockedButton,
  BlockerList,
  StatusWord,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { useRunHref } from '../../useRunHref';
import { VerbDialog } from './VerbDialog';
import { runVerbAction } from './verbs';

const useStyles = makeStyles(
  theme => ({
    root: {
      padding: theme.spacing(2),
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1.5),
      borderLeft: `4px solid ${theme.palette.warning.main}`,
    },
    turn: { borderLeftColor: theme.palette.divider },
    head: {
      ...theme.typography.body2,
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1, 2),
      alignItems: 'baseline',
    },
    quiet: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardWaitingBanner' },
);

/** Why a run does not move, what would have to change, and, once it has, the button to go on. */
export function WaitingBanner(props: {
  run: RunDetail;
  onConfirm(): Promise<void>;
}) {
  const { run, onConfirm } = props;
  const classes = useStyles();
  const runHref = useRunHref();
  const [confirming, setConfirming] = useState(false);
  const { waiting } = run;
  // Whom a gate waits for is said with the gates.
  if (!waiting || waiting.reason === 'gate') return null;

  const parked = waiting.reason === 'parked';
  const ready = parked && waiting.ready === true;
  const action = parked
    ? runVerbAction(run, { verb: 'confirm', title: `Go on: ${run.title}` })
    : undefined;
  const behindHref = waiting.behind && runHref(waiting.behind.id);
  return (
    <Paper
      className={[classes.root, !parked && classes.turn]
        .filter(Boolean)
        .join(' ')}
      component="section"
      aria-label="Why this run waits"
    >
      <div className={classes.head}>
        <StatusWord tone={parked ? 'attention' : 'waiting'}>
          {waiting.reason === 'paused'
            ? 'Held by a person'
            : headline(parked, ready)}
        </StatusWord>
        <AgeText className={classes.quiet} prefix="since" at={waiting.since} />
      </div>
      {/* The list says the same and more; what has gone by now is said as past. */}
      {(ready || waiting.blockers.length === 0) && (
        <Typography variant="body2">
          {ready ? `It was parked: ${waiting.message}` : waiting.message}
        </Typography>
      )}
      {waiting.behind && (
        <Typography variant="body2">
          Ahead:{' '}
          {behindHref ? (
            <Link to={behindHref}>run #{waiting.behind.number}</Link>
          ) : (
            `run #${waiting.behind.number}`
          )}{' '}
          {waiting.behind.title}
        </Typography>
      )}
      {!ready && waiting.blockers.length > 0 && (
        <BlockerList blockers={waiting.blockers} />
      )}
      {action && (
        <div>
          <BlockedButton
            action={action}
            variant="contained"
            color="primary"
            onClick={() => setConfirming(true)}
          >
            Go on…
          </BlockedButton>
          <VerbDialog
            open={confirming}
            title={`Go on with run #${run.number}?`}
            confirm={`Go on: ${run.title}`}
            dismiss="Not now"
            onClose={() => setConfirming(false)}
            onConfirm={onConfirm}
          >
            <Typography variant="body2">
              {run.stepsDone} of {run.stepsTotal} steps are done. It goes on
              with{' '}
              {run.currentStep ? `“${run.currentStep.title}”` : 'the next step'}
              , after it has looked at the world again.
            </Typography>
          </VerbDialog>
        </div>
      )}
    </Paper>
  );
}

function headline(parked: boolean, ready: boolean): string {
  if (!parked) return 'Waiting for its turn';
  return ready
    ? 'Ready to go on: confirm it'
    : 'Parked: something stands in the way';
}
