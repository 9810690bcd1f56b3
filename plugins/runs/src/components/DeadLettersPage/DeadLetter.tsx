import { Link } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import Skeleton from '@material-ui/lab/Skeleton';
import {
  RunDetail,
  RunStep,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  AgeText,
  ChangeList,
  FailureText,
  quietColor,
  runsApiRef,
  RunStatusWord,
  useEnvironmentTitle,
  useRun,
} from '@switchyard/backstage-plugin-runs-react';
import { useRunHref } from '../../useRunHref';
import { RunVerbs } from '../RunPage/RunVerbs';
import { VerbButton } from '../RunPage/VerbButton';
import { WorldNow } from '../WorldNow';

const useStyles = makeStyles(
  theme => ({
    root: {
      padding: theme.spacing(2),
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1),
    },
    head: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5, 2),
    },
    title: { fontWeight: 600, overflowWrap: 'anywhere' },
    toggle: { marginLeft: 'auto' },
    facts: {
      ...theme.typography.body2,
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0.5, 2),
      color: quietColor(theme),
    },
    cause: { overflowWrap: 'anywhere' },
    body: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      paddingTop: theme.spacing(1),
      borderTop: `1px solid ${theme.palette.divider}`,
    },
    points: {
      ...theme.typography.body2,
      margin: 0,
      paddingLeft: theme.spacing(2.5),
      overflowWrap: 'anywhere',
    },
    verbs: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'flex-start',
      gap: theme.spacing(1),
    },
  }),
  { name: 'SwitchyardDeadLetter' },
);

/** One run that stopped without a clear end: the cause in a line, and opened all that a person needs to decide. */
export function DeadLetter(props: {
  run: RunSummary;
  open: boolean;
  onToggle(): void;
  /** Reads the list again. */
  onDone(): Promise<void>;
}) {
  const { run, open, onToggle, onDone } = props;
  const classes = useStyles();
  const href = useRunHref()(run.id);
  const titleOf = useEnvironmentTitle();
  const bodyId = `dead-letter-${run.id}`;
  const name = `#${run.number} ${run.title}`;
  return (
    <Paper className={classes.root} component="section" aria-label={name}>
      <div className={classes.head}>
        <RunStatusWord status={run.status} />
        <Typography variant="body1" component="h3" className={classes.title}>
          {href ? <Link to={href}>{name}</Link> : name}
        </Typography>
        <div className={classes.toggle}>
          <ActionButton
            size="small"
            aria-expanded={open}
            aria-controls={open ? bodyId : undefined}
            aria-label={`${open ? 'Close' : 'Look into it'}: run #${
              run.number
            }`}
            onClick={onToggle}
          >
            {open ? 'Close' : 'Look into it'}
          </ActionButton>
        </div>
      </div>
      <Typography variant="body2" className={classes.cause}>
        {run.cause ?? 'The cause was not recorded.'}
      </Typography>
      <div className={classes.facts}>
        <EntityRefLink entityRef={run.entityRef} defaultKind="component" />
        <span>{titleOf(run.environment)}</span>
        <span>
          asked for by{' '}
          <EntityRefLink entityRef={run.requestedBy} defaultKind="user" />
        </span>
        {run.finishedAt && <AgeText prefix="stopped" at={run.finishedAt} />}
      </div>
      {open && (
        <div className={classes.body} id={bodyId}>
          <LetterBody runId={run.id} onDone={onDone} />
        </div>
      )}
    </Paper>
  );
}

function LetterBody(props: { runId: string; onDone(): Promise<void> }) {
  const { runId, onDone } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const { value: run, error, retry } = useRun(runId);
  if (!run)
    return error ? (
      <FailureText what="The run cannot be shown." error={error} />
    ) : (
      <Skeleton variant="rect" height={120} />
    );
  const refresh = async () => {
    await Promise.all([retry(), onDone()]);
  };
  const stopped = run.steps.filter(isStopped);
  return (
    <>
      <section aria-label="What is known">
        <Typography variant="subtitle2" component="h4">
          Known: {run.stepsDone} of {run.stepsTotal} steps are done
        </Typography>
        <DoneBefore run={run} />
      </section>
      <section aria-label="What is not known">
        <Typography variant="subtitle2" component="h4">
          Not known
        </Typography>
        <ul className={classes.points}>
          {stopped.map(step => (
            <li key={step.id}>{whatIsOpen(step)}</li>
          ))}
          {stopped.length === 0 && <li>Why it stopped between its steps.</li>}
        </ul>
      </section>
      <WorldNow run={run} />
      <div className={classes.verbs}>
        {stopped.length > 1 &&
          stopped.map(step => (
            <VerbButton
              key={step.id}
              run={run}
              verb="retry-step"
              stepId={step.id}
              title={`Try “${step.title}” again`}
              explanation="The step looks first at what its earlier attempts did, and does not do it twice."
              act={async () => {
                await runsApi.retryStep(run.id, step.id);
                await refresh();
              }}
            />
          ))}
        <RunVerbs
          run={run}
          refresh={refresh}
          only={['redrive', 'discard', 'fork']}
        />
      </div>
    </>
  );
}

function DoneBefore(props: { run: RunDetail }) {
  const { run } = props;
  const changes = run.steps.flatMap(step => step.changes);
  if (changes.length === 0)
    return (
      <Typography variant="body2">
        No change of this run is recorded.
      </Typography>
    );
  return <ChangeList changes={changes} />;
}

function isStopped(step: RunStep): boolean {
  return (
    step.status === 'needs-attention' ||
    step.status === 'dead' ||
    step.status === 'failed'
  );
}

function whatIsOpen(step: RunStep): string {
  const error = step.error ? `: ${step.error}` : '';
  if (step.status === 'needs-attention')
    return `Whether “${step.title}” happened${error}`;
  const times = step.attempt === 1 ? 'once' : `${step.attempt} times`;
  return step.effect === 'none'
    ? `Why “${step.title}” did not come to its end; it was tried ${times}${error}`
    : `How far “${step.title}” came; it was tried ${times}${error}`;
}
