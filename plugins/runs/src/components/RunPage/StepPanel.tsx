import { useApi } from '@backstage/core-plugin-api';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import {
  RunDetail,
  RunLogLine,
  RunStep,
} from '@switchyard/backstage-plugin-runs-common';
import {
  BlockedButton,
  CopyButton,
  RunStepView,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import useAsync from 'react-use/esm/useAsync';
import { VerbButton } from './VerbButton';
import { VerbDialog } from './VerbDialog';
import { runVerbAction } from './verbs';

const useStyles = makeStyles(
  theme => ({
    root: {
      padding: theme.spacing(2),
      minWidth: 0,
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1.5),
      alignContent: 'start',
    },
    title: { overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardStepPanel' },
);

/** The chosen step: state, changes, log, and the button to try it again. */
export function StepPanel(props: {
  run: RunDetail;
  step: RunStep;
  onRetry(stepId: string): Promise<void>;
  onSkip(stepId: string, reason: string): Promise<void>;
}) {
  const { run, step, onRetry, onSkip } = props;
  const classes = useStyles();
  const log = useStepLog(run.id, step);
  const [retrying, setRetrying] = useState(false);
  const action = runVerbAction(run, {
    verb: 'retry-step',
    stepId: step.id,
    title: 'Try again',
  });
  return (
    <Paper
      className={classes.root}
      component="section"
      aria-label={`Step ${step.title}`}
    >
      <Typography variant="h6" component="h3" className={classes.title}>
        {step.title}{' '}
        <CopyButton text={linkTo(step)} label="link to this step" />
      </Typography>
      <RunStepView
        step={step}
        log={log}
        action={
          action && (
            <BlockedButton
              action={action}
              variant="outlined"
              size="small"
              onClick={() => setRetrying(true)}
            >
              Try again…
            </BlockedButton>
          )
        }
      />
      {step.skipped && (
        <Typography variant="body2">
          Skipped by {step.skipped.by}: {step.skipped.reason}
        </Typography>
      )}
      {run.verbs.some(
        each => each.verb === 'skip-step' && each.stepId === step.id,
      ) && (
        <VerbButton
          run={run}
          verb="skip-step"
          stepId={step.id}
          title="Skip step"
          explanation="The run goes on without this step, as if it had succeeded."
          needsReason
          act={reason => onSkip(step.id, reason)}
        />
      )}
      <VerbDialog
        open={retrying}
        title={`Try “${step.title}” again?`}
        confirm="Try this step again"
        dismiss="Not now"
        onClose={() => setRetrying(false)}
        onConfirm={() => onRetry(step.id)}
      >
        <Typography variant="body2">
          The step looks first at what its earlier attempts did, and does not do
          it twice. Steps that have succeeded stay as they are.
        </Typography>
      </VerbDialog>
    </Paper>
  );
}

/** The address of this page with the step chosen. */
function linkTo(step: RunStep): string {
  const address = new URL(window.location.href);
  address.searchParams.set('step', step.id);
  return address.toString();
}

/** The whole log of a step. The run itself may carry only the last lines: they are shown until the rest is there, or cannot be had. */
function useStepLog(runId: string, step: RunStep): readonly RunLogLine[] {
  const runsApi = useApi(runsApiRef);
  const lastLine = step.log[step.log.length - 1];
  const version = `${step.log.length}|${lastLine?.at}|${lastLine?.message}`;
  const { value } = useAsync(
    async () =>
      lastLine
        ? { stepId: step.id, lines: await runsApi.getStepLog(runId, step.id) }
        : undefined,
    [runsApi, runId, step.id, version],
  );
  const whole = value?.stepId === step.id ? value.lines : [];
  return whole.length >= step.log.length ? whole : step.log;
}
