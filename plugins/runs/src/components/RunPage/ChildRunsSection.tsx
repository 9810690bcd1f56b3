import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/core-components';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import {
  ChildRun,
  RunDetail,
  RunSummary,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import {
  describeProgress,
  quietColor,
  RunStatusWord,
  useRun,
} from '@switchyard/backstage-plugin-runs-react';
import { useRunHref } from '../../useRunHref';

const useStyles = makeStyles(
  theme => ({
    heading: { padding: theme.spacing(2, 2, 0) },
    state: { whiteSpace: 'nowrap' },
    doing: { overflowWrap: 'anywhere', minWidth: '12rem' },
    quiet: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardChildRuns' },
);

/** The runs that a run asks for, in the order of its plan: how each stands, and the way to its page. */
export function ChildRunsSection(props: { run: RunDetail }) {
  // A replica of the build before does not tell of them.
  const { children = [] } = props.run;
  const classes = useStyles();
  if (children.length === 0) return null;
  return (
    <TableContainer component={Paper}>
      <Typography
        variant="subtitle1"
        component="h3"
        className={classes.heading}
        id="runs-children"
      >
        Runs that it asks for
      </Typography>
      <Table size="small" aria-labelledby="runs-children">
        <TableHead>
          <TableRow>
            <TableCell>State</TableCell>
            <TableCell>Run</TableCell>
            <TableCell>Component</TableCell>
            <TableCell>What it does</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {children.map(child =>
            child.run && !TERMINAL_RUN_STATUSES.includes(child.run.status) ? (
              <LiveChildRow key={child.id} child={child} run={child.run} />
            ) : (
              <ChildRow key={child.id} child={child} />
            ),
          )}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** The parent is told how its children end, not how far they are: that is asked of each. */
function LiveChildRow(props: { child: ChildRun; run: RunSummary }) {
  const { child, run } = props;
  const { value } = useRun(run.id);
  return <ChildRow child={{ ...child, run: value ?? run }} />;
}

function ChildRow(props: { child: ChildRun }) {
  const { run, title, entityRef } = props.child;
  const classes = useStyles();
  const href = useRunHref()(run?.id ?? '');
  if (!entityRef)
    return (
      <TableRow>
        <TableCell colSpan={4} className={classes.quiet}>
          Of a component that you may not see
        </TableCell>
      </TableRow>
    );
  const name = run ? `#${run.number} ${run.title}` : title;
  return (
    <TableRow hover>
      <TableCell className={classes.state}>
        {run ? (
          <RunStatusWord
            status={run.status}
            parked={run.waiting?.reason === 'parked'}
          />
        ) : (
          <span className={classes.quiet}>Not asked for yet</span>
        )}
      </TableCell>
      <TableCell>
        {run && href ? <Link to={href}>{name}</Link> : name}
      </TableCell>
      <TableCell className={classes.state}>
        <EntityRefLink entityRef={entityRef} defaultKind="component" />
      </TableCell>
      <TableCell className={[classes.doing, classes.quiet].join(' ')}>
        {run ? describeProgress(run) : ''}
      </TableCell>
    </TableRow>
  );
}
