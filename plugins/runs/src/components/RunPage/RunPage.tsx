import { Content, EmptyState } from '@backstage/core-components';
import { useApi, useRouteRef } from '@backstage/core-plugin-api';
import { BreadcrumbEntry } from '@backstage/frontend-plugin-api';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Skeleton from '@material-ui/lab/Skeleton';
import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  describeProgress,
  FailureText,
  runsApiRef,
  useRun,
} from '@switchyard/backstage-plugin-runs-react';
import { useParams, useSearchParams } from 'react-router-dom';
import { rootRouteRef } from '../../routes';
import { useRunHref } from '../../useRunHref';
import { GatesSection } from '../Gates';
import { ForkButton } from './ForkButton';
import { PlanNotes } from './PlanNotes';
import { RunHeader } from './RunHeader';
import { stepOfInterest } from './stepGraph';
import { StepList } from './StepList';
import { StepPanel } from './StepPanel';
import { VerbButton } from './VerbButton';
import { WaitingBanner } from './WaitingBanner';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(3),
    },
    columns: {
      display: 'grid',
      gap: theme.spacing(3),
      gridTemplateColumns: 'minmax(0, 1fr)',
      alignItems: 'start',
      [theme.breakpoints.up('md')]: {
        gridTemplateColumns: 'minmax(0, 5fr) minmax(0, 7fr)',
      },
    },
    steps: { padding: theme.spacing(1, 0) },
    hidden: {
      position: 'absolute',
      width: 1,
      height: 1,
      overflow: 'hidden',
      clip: 'rect(0 0 0 0)',
      whiteSpace: 'nowrap',
    },
  }),
  { name: 'SwitchyardRunPage' },
);

/** One run: what it does, how far it is, what it did, and what this viewer may do about it. */
export function RunPage() {
  const { id = '' } = useParams<{ id: string }>();
  // Another run is another page: nothing of the one before may stay chosen or open.
  return <RunById key={id} runId={id} />;
}

function RunById(props: { runId: string }) {
  const { runId } = props;
  const classes = useStyles();
  const runHref = useRunHref();
  const { value: run, error, retry } = useRun(runId);

  if (!run) {
    if (!error) return <RunSkeleton />;
    if (isUnknown(error)) return <NoSuchRun />;
    return (
      <Content>
        <FailureText what="The run cannot be shown." error={error} />
        <ActionButton onClick={retry}>Try again</ActionButton>
      </Content>
    );
  }
  return (
    <BreadcrumbEntry
      entry={{ label: `#${run.number}`, href: runHref(run.id) ?? '' }}
    >
      <Content>
        <div className={classes.root}>
          {error && (
            <FailureText what="This page may be out of date." error={error} />
          )}
          <RunView run={run} refresh={retry} />
        </div>
      </Content>
    </BreadcrumbEntry>
  );
}

function RunView(props: { run: RunDetail; refresh(): Promise<void> }) {
  const { run, refresh } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const [params, setParams] = useSearchParams();
  const wanted = params.get('step');
  const step =
    run.steps.find(each => each.id === wanted) ?? stepOfInterest(run.steps);

  const choose = (stepId: string) =>
    setParams(
      before => {
        const next = new URLSearchParams(before);
        next.set('step', stepId);
        return next;
      },
      { replace: true },
    );
  const then = (act: () => Promise<void>) => async () => {
    await act();
    await refresh();
  };
  return (
    <>
      <div role="status" className={classes.hidden}>
        Run #{run.number} {run.status.replace('-', ' ')}:{' '}
        {describeProgress(run)}
      </div>
      <RunHeader
        run={run}
        verbs={
          <>
            <VerbButton
              run={run}
              verb="pause"
              title="Hold run"
              explanation={whatPauseDoes(run)}
              act={then(() => runsApi.pauseRun(run.id))}
            />
            <VerbButton
              run={run}
              verb="continue"
              title="Continue run"
              explanation="It goes on with its next step, after it has looked at the world again."
              act={then(() => runsApi.continueRun(run.id))}
            />
            <VerbButton
              run={run}
              verb="redrive"
              title="Try run again"
              explanation="All steps at which it stopped are tried again. Each looks first at what its earlier attempts did; what has succeeded stays as it is."
              act={then(() => runsApi.redriveRun(run.id))}
            />
            <VerbButton
              run={run}
              verb="discard"
              title="Discard run"
              explanation="It ends here, and gives way to others on the same target. What it has changed stays."
              needsReason
              act={reason => then(() => runsApi.discardRun(run.id, reason))()}
            />
            <VerbButton
              run={run}
              verb="cancel"
              title="Cancel run"
              explanation={whatCancelDoes(run)}
              dismiss="Let it go on"
              act={then(() => runsApi.cancelRun(run.id))}
            />
            <ForkButton run={run} />
          </>
        }
      />
      <WaitingBanner
        run={run}
        onConfirm={then(() => runsApi.confirmRun(run.id))}
      />
      <GatesSection run={run} onDone={refresh} />
      <div className={classes.columns}>
        <Paper className={classes.steps}>
          <StepList run={run} chosenId={step?.id} onChoose={choose} />
        </Paper>
        {step && (
          <StepPanel
            key={step.id}
            run={run}
            step={step}
            onRetry={stepId => then(() => runsApi.retryStep(run.id, stepId))()}
            onSkip={(stepId, reason) =>
              then(() => runsApi.skipStep(run.id, stepId, reason))()
            }
          />
        )}
      </div>
      <PlanNotes run={run} />
    </>
  );
}

function whatPauseDoes(run: RunDetail): string {
  return run.status === 'running'
    ? 'The step that runs now is finished first; no further one starts until somebody lets the run continue.'
    : 'It leaves the line until somebody lets it continue.';
}

function whatCancelDoes(run: RunDetail): string {
  const changed = run.steps
    .filter(step => step.changes.length > 0)
    .map(step => `“${step.title}”`);
  if (run.status === 'queued' && changed.length === 0)
    return 'It has not started, and will change nothing.';
  const stops =
    run.status === 'running'
      ? 'The step that runs now is finished first; no further one starts.'
      : 'No further step starts.';
  return changed.length === 0
    ? `${stops} Nothing has been changed yet.`
    : `${stops} What has been changed stays: ${changed.join(', ')}.`;
}

function NoSuchRun() {
  const list = useRouteRef(rootRouteRef);
  return (
    <Content>
      <EmptyState
        missing="content"
        title="There is no such run"
        description="It does not exist, or it belongs to a component that you may not see."
        action={
          <ActionButton variant="outlined" to={list()}>
            All runs
          </ActionButton>
        }
      />
    </Content>
  );
}

function RunSkeleton() {
  const classes = useStyles();
  return (
    <Content>
      <div
        className={classes.root}
        aria-busy="true"
        aria-label="Loading the run"
      >
        <div>
          <Skeleton variant="text" width="50%" height={48} />
          <Skeleton variant="text" width="80%" />
        </div>
        <div className={classes.columns}>
          <Skeleton variant="rect" height={280} />
          <Skeleton variant="rect" height={280} />
        </div>
      </div>
    </Content>
  );
}

/** Not there, or hidden (404), or no id of a run at all (400). */
function isUnknown(error: Error): boolean {
  const { statusCode } = error as { statusCode?: number };
  return statusCode === 404 || statusCode === 400;
}
