import { Link } from '@backstage/core-components';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import LinearProgress from '@material-ui/core/LinearProgress';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import {
  RunDetail,
  RunMention,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  BreakGlassWord,
  CopyButton,
  ElapsedText,
  OverdueWord,
  RunStatusWord,
  quietColor,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';
import { useRunHref } from '../../useRunHref';

const useStyles = makeStyles(
  theme => ({
    root: { display: 'grid', gap: theme.spacing(1.5) },
    top: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1, 2),
      alignItems: 'center',
    },
    title: { overflowWrap: 'anywhere', margin: 0 },
    state: { fontSize: '1.1rem' },
    verbs: {
      marginLeft: 'auto',
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1),
    },
    facts: {
      ...theme.typography.body2,
      margin: 0,
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fit, minmax(9rem, 1fr))',
      gap: theme.spacing(1.5, 3),
    },
    term: { color: quietColor(theme), fontSize: 12 },
    value: { margin: 0, overflowWrap: 'anywhere' },
    reason: { gridColumn: '1 / -1' },
    progress: { height: 6, borderRadius: 3 },
    quiet: { color: quietColor(theme) },
    age: { color: quietColor(theme), whiteSpace: 'nowrap' },
  }),
  { name: 'SwitchyardRunHeader' },
);

/** What, target, who, why, state, and how far it is. */
export function RunHeader(props: { run: RunDetail; verbs: ReactNode }) {
  const { run, verbs } = props;
  const classes = useStyles();
  const titleOf = useEnvironmentTitle();
  const ended =
    TERMINAL_RUN_STATUSES.includes(run.status) || run.finishedAt !== undefined;
  const done =
    run.stepsTotal === 0
      ? 100
      : Math.round((run.stepsDone / run.stepsTotal) * 100);
  return (
    <header className={classes.root}>
      <div className={classes.top}>
        <Typography variant="h4" component="h2" className={classes.title}>
          Run #{run.number} {run.title}
        </Typography>
        <span className={classes.state}>
          <RunStatusWord
            status={run.status}
            parked={run.waiting?.reason === 'parked'}
          />{' '}
          <OverdueWord expectedBy={run.currentStep?.expectedBy} />{' '}
          <BreakGlassWord breakGlass={run.breakGlass} />
        </span>
        <div className={classes.verbs}>{verbs}</div>
      </div>
      {!ended && (
        <LinearProgress
          className={classes.progress}
          variant="determinate"
          value={done}
          aria-label={`${run.stepsDone} of ${run.stepsTotal} steps done`}
        />
      )}
      <dl className={classes.facts}>
        <Fact term={kindOf(run.entityRef)}>
          <EntityRefLink entityRef={run.entityRef} defaultKind="component" />
        </Fact>
        <Fact term="Environment">{titleOf(run.environment)}</Fact>
        <Fact term="Asked for by">
          <EntityRefLink entityRef={run.requestedBy} defaultKind="user" />{' '}
          <span className={classes.age}>
            <AgeText at={run.requestedAt} />
          </span>
        </Fact>
        <Fact term="Steps done">
          {run.stepsDone} of {run.stepsTotal}
        </Fact>
        <Fact term={ended ? 'Took' : 'Has taken'}>
          {run.startedAt ? (
            <ElapsedText
              from={run.startedAt}
              to={ended ? run.finishedAt : undefined}
            />
          ) : (
            <span className={classes.quiet}>not started</span>
          )}
        </Fact>
        {run.parent && <Mention term="Part of" mention={run.parent} />}
        {run.forkedFrom && (
          <Mention term="Made from" mention={run.forkedFrom} />
        )}
        {run.replaces && <Mention term="Replaces" mention={run.replaces} />}
        {run.replacedBy && (
          <Mention term="Replaced by" mention={run.replacedBy} />
        )}
        <div className={classes.reason}>
          <dt className={classes.term}>Reason</dt>
          <dd className={classes.value}>{run.reason}</dd>
        </div>
        {run.discarded && (
          <div className={classes.reason}>
            <dt className={classes.term}>Discarded</dt>
            <dd className={classes.value}>
              {run.discarded.reason} (
              <EntityRefLink entityRef={run.discarded.by} defaultKind="user" />)
            </dd>
          </div>
        )}
        {run.cause && (
          <div className={classes.reason}>
            <dt className={classes.term}>Cause</dt>
            <dd className={classes.value}>
              {run.cause} <CopyButton text={run.cause} label="cause" />
            </dd>
          </div>
        )}
      </dl>
    </header>
  );
}

/** 'Component', or what else the run is about. */
function kindOf(entityRef: string): string {
  const kind = entityRef.split(':')[0];
  return `${kind.charAt(0).toLocaleUpperCase('en-US')}${kind.slice(1)}`;
}

/** Another run, by its number. */
function Mention(props: { term: string; mention: RunMention }) {
  const { term, mention } = props;
  const href = useRunHref()(mention.id);
  const name = `#${mention.number} ${mention.title}`;
  return <Fact term={term}>{href ? <Link to={href}>{name}</Link> : name}</Fact>;
}

function Fact(props: { term: string; children: ReactNode }) {
  const { term, children } = props;
  const classes = useStyles();
  return (
    <div>
      <dt className={classes.term}>{term}</dt>
      <dd className={classes.value}>{children}</dd>
    </div>
  );
}
