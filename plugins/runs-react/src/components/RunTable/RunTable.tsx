import { Link } from '@backstage/core-components';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { alpha, makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import {
  RunSummary,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import { useChanged } from '../../hooks/useChanged';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { AgeText, ElapsedText } from '../AgeText';
import { describeProgress } from '../RunStrip';
import { BreakGlassWord, OverdueWord, RunStatusWord } from '../StatusWord';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    cell: { verticalAlign: 'top', lineHeight: 1.45 },
    // The portal's theme breaks words in cells; names and headings must stay whole.
    head: { '& th': { whiteSpace: 'nowrap', wordBreak: 'normal' } },
    status: {
      whiteSpace: 'nowrap',
      transition: theme.transitions.create('background-color', {
        duration: 400,
      }),
    },
    changed: { backgroundColor: alpha(theme.palette.primary.main, 0.1) },
    title: { fontWeight: 600, overflowWrap: 'anywhere' },
    detail: {
      color: quietColor(theme),
      overflowWrap: 'anywhere',
      minWidth: '12rem',
    },
    nowrap: { whiteSpace: 'nowrap', wordBreak: 'normal' },
    quiet: { color: quietColor(theme) },
  }),
  { name: 'SwitchyardRunTable' },
);

/** @public */
export interface RunTableProps {
  /** In the order in which they are shown. */
  runs: readonly RunSummary[];
  /** What the table is, for screen readers: 'Runs of orders'. */
  label: string;
  /** Leaves out the component, where all runs are of one. */
  hideEntity?: boolean;
  runHref?: (runId: string) => string | undefined;
  className?: string;
}

/**
 * Runs, one a row: state, what, target, who, when, how long. It scrolls inside where the page is narrow.
 *
 * @public
 */
export function RunTable(props: RunTableProps) {
  const { runs, label, hideEntity = false, runHref, className } = props;
  const classes = useStyles();
  return (
    <TableContainer className={className}>
      <Table size="small" aria-label={label}>
        <TableHead className={classes.head}>
          <TableRow>
            <TableCell>State</TableCell>
            <TableCell>Run</TableCell>
            {!hideEntity && <TableCell>Component</TableCell>}
            <TableCell>Environment</TableCell>
            <TableCell>Asked for by</TableCell>
            <TableCell align="right">Took</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {runs.map(run => (
            <RunRow
              key={run.id}
              run={run}
              hideEntity={hideEntity}
              href={runHref?.(run.id)}
              parentHref={run.parent && runHref?.(run.parent.id)}
            />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function RunRow(props: {
  run: RunSummary;
  hideEntity: boolean;
  href?: string;
  parentHref?: string;
}) {
  const { run, hideEntity, href, parentHref } = props;
  const classes = useStyles();
  const changed = useChanged(run.status);
  const titleOf = useEnvironmentTitle();
  const title = `#${run.number} ${run.title}`;
  return (
    <TableRow hover>
      <TableCell
        className={[classes.cell, classes.status, changed && classes.changed]
          .filter(Boolean)
          .join(' ')}
      >
        <RunStatusWord
          status={run.status}
          parked={run.waiting?.reason === 'parked'}
        />
        {run.breakGlass && (
          <div>
            <BreakGlassWord breakGlass={run.breakGlass} />
          </div>
        )}
        {run.currentStep?.expectedBy && (
          <div>
            <OverdueWord expectedBy={run.currentStep.expectedBy} />
          </div>
        )}
      </TableCell>
      <TableCell className={classes.cell}>
        <div className={classes.title}>
          {href ? <Link to={href}>{title}</Link> : title}
        </div>
        <div className={classes.detail}>{describeProgress(run)}</div>
        {run.parent && (
          <div className={classes.quiet}>
            part of{' '}
            {parentHref ? (
              <Link to={parentHref}>#{run.parent.number}</Link>
            ) : (
              `#${run.parent.number}`
            )}{' '}
            {run.parent.title}
          </div>
        )}
      </TableCell>
      {!hideEntity && (
        <TableCell className={[classes.cell, classes.nowrap].join(' ')}>
          <EntityRefLink entityRef={run.entityRef} defaultKind="component" />
        </TableCell>
      )}
      <TableCell className={[classes.cell, classes.nowrap].join(' ')}>
        {titleOf(run.environment)}
      </TableCell>
      <TableCell className={[classes.cell, classes.nowrap].join(' ')}>
        <EntityRefLink entityRef={run.requestedBy} defaultKind="user" />
        <div className={classes.quiet}>
          <AgeText at={run.requestedAt} />
        </div>
      </TableCell>
      <TableCell
        className={[classes.cell, classes.nowrap].join(' ')}
        align="right"
      >
        <Duration run={run} />
      </TableCell>
    </TableRow>
  );
}

function Duration(props: { run: RunSummary }) {
  const { run } = props;
  const classes = useStyles();
  if (!run.startedAt) return <span className={classes.quiet}>not started</span>;
  const ended =
    TERMINAL_RUN_STATUSES.includes(run.status) || run.finishedAt !== undefined;
  return (
    <ElapsedText from={run.startedAt} to={ended ? run.finishedAt : undefined} />
  );
}
