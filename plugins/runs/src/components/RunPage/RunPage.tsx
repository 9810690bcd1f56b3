import { Content } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
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
import { useRunHref } from '../../useRunHref';
import { BreakGlassSection } from '../BreakGlass';
import { GatesSection } from '../Gates';
import { NotThere } from '../NotThere';
import { WorldNow } from '../WorldNow';
import { ChildRunsSection } from './ChildRunsSection';
import { DownloadLog } from './DownloadLog';
import { PlanNotes } from './PlanNotes';
import { RunHeader } from './RunHeader';
import { RunVerbs } from './RunVerbs';
import { stepOfInterest } from './stepGraph';
import { StepList } from './StepList';
import { StepPanel } from './StepPanel';
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
    world: { padding: theme.spacing(2) },
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
    if (isUnknown(error))
      return (
        <NotThere
          title="There is no such run"
          description="It does not exist, or it belongs to a component that you may not see."
        />
      );
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
      <RunHeader run={run} verbs={<RunVerbs run={run} refresh={refresh} />} />
      <WaitingBanner
        run={run}
        onConfirm={then(() => runsApi.confirmRun(run.id))}
      />
      <BreakGlassSection run={run} onDone={refresh} />
      <GatesSection run={run} onDone={refresh} />
      <ChildRunsSection run={run} />
      {isDeadLetter(run) && (
        <Paper className={classes.world}>
          <WorldNow run={run} />
        </Paper>
      )}
      <div className={classes.columns}>
        <Paper className={classes.steps}>
          <StepList run={run} chosenId={step?.id} onChoose={choose} />
          <DownloadLog run={run} />
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

/** It stopped without a clear end. */
function isDeadLetter(run: RunDetail): boolean {
  return run.status === 'dead' || run.status === 'needs-attention';
}

/** Not there, or hidden (404), or no id of a run at all (400). */
function isUnknown(error: Error): boolean {
  const { statusCode } = error as { statusCode?: number };
  return statusCode === 404 || statusCode === 400;
}
