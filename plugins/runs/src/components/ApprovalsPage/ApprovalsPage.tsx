import { Content, EmptyState, Link } from '@backstage/core-components';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import Skeleton from '@material-ui/lab/Skeleton';
import {
  RunSummary,
  WaitingGate,
  WaitingPass,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ActionButton,
  AgeText,
  FailureText,
  quietColor,
  StatusWord,
  useEnvironmentTitle,
  useGateInbox,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';
import { useRunHref } from '../../useRunHref';
import { PassView } from '../BreakGlass';
import { GateView } from '../Gates';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(3),
    },
    heading: { marginBottom: theme.spacing(1) },
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(2),
    },
    item: {
      padding: theme.spacing(2),
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1),
    },
    title: { fontWeight: 600, overflowWrap: 'anywhere' },
    facts: {
      ...theme.typography.body2,
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0.5, 2),
    },
    quiet: { color: quietColor(theme) },
    reason: { overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardApprovalsPage' },
);

/** What waits for this viewer's word, oldest first, and what the viewer waits for. */
export function ApprovalsPage() {
  const classes = useStyles();
  const { value, error, retry } = useGateInbox();
  if (!value) {
    if (!error) return <InboxSkeleton />;
    return (
      <Content>
        <FailureText what="Approvals cannot be shown." error={error} />
        <ActionButton onClick={retry}>Try again</ActionButton>
      </Content>
    );
  }
  const { forMe, passes } = value;
  // What I may answer myself is said once.
  const mine = value.mine.filter(
    each => !forMe.some(({ gate }) => gate.id === each.gate.id),
  );
  // An emergency comes first.
  const toAnswer = [...passes.forMe, ...forMe];
  const toWaitFor = [...passes.mine, ...mine];
  return (
    <Content>
      <div className={classes.root}>
        {error && (
          <FailureText what="This page may be out of date." error={error} />
        )}
        <div role="status">
          {toAnswer.length > 0 ? (
            <StatusWord tone="attention">{countWaiting(toAnswer)}</StatusWord>
          ) : (
            <StatusWord tone="ok">Nothing waits for you</StatusWord>
          )}
        </div>
        {toAnswer.length === 0 && toWaitFor.length === 0 && (
          <EmptyState
            missing="data"
            title="Nothing waits for you"
            description="A run appears here when a policy asks for your approval, when an approver hands it on to you, or when somebody breaks the glass and you may confirm it."
          />
        )}
        {toAnswer.length > 0 && (
          <Section heading="Waits for you" items={toAnswer} onDone={retry} />
        )}
        {toWaitFor.length > 0 && (
          <Section
            heading="You asked for, and others must answer"
            items={toWaitFor}
            onDone={retry}
          />
        )}
      </div>
    </Content>
  );
}

type Waiting = WaitingGate | WaitingPass;

function countWaiting(items: readonly Waiting[]): string {
  const count = new Set(items.map(({ run }) => run.id)).size;
  return count === 1 ? '1 run waits for you' : `${count} runs wait for you`;
}

function Section(props: {
  heading: string;
  items: readonly Waiting[];
  onDone(): Promise<void>;
}): ReactNode {
  const { heading, items, onDone } = props;
  const classes = useStyles();
  return (
    <section aria-label={heading}>
      <Typography
        variant="subtitle1"
        component="h3"
        className={classes.heading}
      >
        {heading}
      </Typography>
      <ul className={classes.list}>
        {items.map(item => (
          <li key={'gate' in item ? item.gate.id : item.pass.id}>
            <Item run={item.run}>
              {'gate' in item ? (
                <GateView run={item.run} gate={item.gate} onDone={onDone} />
              ) : (
                <PassView run={item.run} pass={item.pass} onDone={onDone} />
              )}
            </Item>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Item(props: { run: RunSummary; children: ReactNode }) {
  const { run, children } = props;
  const classes = useStyles();
  const runHref = useRunHref();
  const titleOf = useEnvironmentTitle();
  const title = `#${run.number} ${run.title}`;
  const href = runHref(run.id);
  return (
    <Paper className={classes.item}>
      <div className={classes.title}>
        {href ? <Link to={href}>{title}</Link> : title}
      </div>
      <div className={classes.facts}>
        <EntityRefLink entityRef={run.entityRef} defaultKind="component" />
        <span>{titleOf(run.environment)}</span>
        <span>
          asked for by{' '}
          <EntityRefLink entityRef={run.requestedBy} defaultKind="user" />
        </span>
        <AgeText className={classes.quiet} at={run.requestedAt} />
      </div>
      <Typography variant="body2" className={classes.reason}>
        Reason: {run.reason}
      </Typography>
      {children}
    </Paper>
  );
}

function InboxSkeleton() {
  const classes = useStyles();
  return (
    <Content>
      <div
        className={classes.root}
        aria-busy="true"
        aria-label="Loading approvals"
      >
        <Skeleton variant="text" width="30%" />
        <Skeleton variant="rect" height={140} />
        <Skeleton variant="rect" height={140} />
      </div>
    </Content>
  );
}
