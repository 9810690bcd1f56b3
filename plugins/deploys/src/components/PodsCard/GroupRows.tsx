import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import Tooltip from '@material-ui/core/Tooltip';
import OpenIcon from '@material-ui/icons/ExpandMore';
import ClosedIcon from '@material-ui/icons/ChevronRight';
import { AgeText, StatusWord } from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';
import { describeSource } from '../Freshness';
import { describeCounts, PodCounts } from './arrangePods';
import { PodsRow } from './listRows';
import { COLUMN_COUNT } from './columns';
import { RowAttributes } from './rowAttributes';

const useStyles = makeStyles(
  theme => ({
    cluster: { backgroundColor: theme.palette.background.default },
    cell: { padding: theme.spacing(0.25, 2, 0.25, 1) },
    content: {
      display: 'flex',
      alignItems: 'center',
      flexWrap: 'wrap',
      columnGap: theme.spacing(1.5),
      minHeight: 36,
    },
    name: { fontWeight: 700, overflowWrap: 'anywhere' },
    workload: { fontWeight: 600, overflowWrap: 'anywhere' },
    quiet: {
      color: theme.palette.text.secondary,
      fontSize: theme.typography.body2.fontSize,
    },
    problem: {
      overflowWrap: 'anywhere',
      fontSize: theme.typography.body2.fontSize,
    },
    counts: { fontSize: theme.typography.body2.fontSize },
    indent1: { paddingLeft: theme.spacing(3) },
    indent2: { paddingLeft: theme.spacing(6) },
  }),
  { name: 'SwitchyardPodsGroupRows' },
);

/** The button that opens and closes a row. */
export function Disclosure(props: {
  open: boolean;
  /** What it opens, for screen readers. */
  label: string;
  onClick(): void;
}) {
  const { open, label, onClick } = props;
  return (
    <IconButton
      size="small"
      aria-expanded={open}
      aria-label={label}
      onClick={onClick}
    >
      {open ? <OpenIcon fontSize="small" /> : <ClosedIcon fontSize="small" />}
    </IconButton>
  );
}

/** A cluster: its name, how far it can be believed, and its counts. */
export function ClusterRow(props: {
  row: Extract<PodsRow, { kind: 'cluster' }>;
  attributes: RowAttributes;
  onToggle(key: string): void;
}) {
  const { row, attributes, onToggle } = props;
  const { cluster, open } = row;
  const classes = useStyles();
  const words = cluster.source && describeSource(cluster.source);
  return (
    <GroupRow attributes={attributes} className={classes.cluster}>
      <Disclosure
        open={open}
        label={`Pods in ${cluster.name}`}
        onClick={() => onToggle(row.key)}
      />
      <span className={classes.name}>{cluster.name}</span>
      <span className={classes.quiet}>{cluster.environments.join(', ')}</span>
      {words && (
        <>
          <Tooltip title={words.detail ?? ''}>
            <span>
              <StatusWord tone={words.tone}>{words.text}</StatusWord>
            </span>
          </Tooltip>
          {words.stale && cluster.source?.asOf && (
            <span className={classes.quiet}>
              <AgeText prefix="state of" at={cluster.source.asOf} />
            </span>
          )}
        </>
      )}
      {cluster.workloads.length > 0 && (
        <Counts counts={cluster.counts} stale={words?.stale ?? false} />
      )}
    </GroupRow>
  );
}

/** A workload: kind, name, counts, and what its controller complains about. */
export function WorkloadRow(props: {
  row: Extract<PodsRow, { kind: 'workload' }>;
  attributes: RowAttributes;
  onToggle(key: string): void;
}) {
  const { row, attributes, onToggle } = props;
  const { workload, counts } = row.workload;
  const classes = useStyles();
  return (
    <GroupRow attributes={attributes} className={classes.indent1}>
      <Disclosure
        open={row.open}
        label={`Pods of ${workload.kind} ${workload.name}`}
        onClick={() => onToggle(row.key)}
      />
      <span className={classes.workload}>{workload.name}</span>
      <span className={classes.quiet}>
        {workload.kind} in {workload.namespace}
      </span>
      <Counts counts={counts} />
      {workload.updated < workload.desired && (
        <span className={classes.quiet}>
          {workload.updated} of {workload.desired} updated
        </span>
      )}
      {workload.problem && (
        <span className={classes.problem}>
          <StatusWord tone="attention">{workload.problem}</StatusWord>
        </span>
      )}
    </GroupRow>
  );
}

/** Stands for the pods that need nobody. */
export function ReadyGroupRow(props: {
  row: Extract<PodsRow, { kind: 'ready-group' }>;
  attributes: RowAttributes;
  onToggle(key: string): void;
}) {
  const { row, attributes, onToggle } = props;
  const classes = useStyles();
  const text =
    row.count === 1
      ? '1 pod that is ready'
      : `${row.count} pods that are ready`;
  return (
    <GroupRow attributes={attributes} className={classes.indent2}>
      <Disclosure
        open={row.open}
        label={text}
        onClick={() => onToggle(row.key)}
      />
      <span className={classes.quiet}>{text}</span>
    </GroupRow>
  );
}

/** A cluster without workloads: whether there are none, or none are known. */
export function NoteRow(props: {
  row: Extract<PodsRow, { kind: 'note' }>;
  attributes: RowAttributes;
}) {
  const { row, attributes } = props;
  const classes = useStyles();
  const words = row.source && describeSource(row.source);
  return (
    <GroupRow attributes={attributes} className={classes.indent2}>
      <span className={classes.quiet}>
        {words ? `Pods: ${words.text}. ${words.detail ?? ''}` : 'None'}
      </span>
    </GroupRow>
  );
}

function GroupRow(props: {
  attributes: RowAttributes;
  className?: string;
  children: ReactNode;
}) {
  const { attributes, className, children } = props;
  const classes = useStyles();
  return (
    <TableRow {...attributes}>
      <TableCell
        colSpan={COLUMN_COUNT}
        className={[classes.cell, className].filter(Boolean).join(' ')}
      >
        <div className={classes.content}>{children}</div>
      </TableCell>
    </TableRow>
  );
}

function Counts(props: { counts: PodCounts; stale?: boolean }) {
  const { counts, stale } = props;
  const classes = useStyles();
  return (
    <span className={classes.counts}>
      <StatusWord tone={countsTone(counts)} stale={stale}>
        {describeCounts(counts)}
      </StatusWord>
    </span>
  );
}

function countsTone(counts: PodCounts) {
  if (counts.attention > 0) return 'attention' as const;
  if (counts.starting > 0) return 'active' as const;
  return counts.total === 0 ? ('neutral' as const) : ('ok' as const);
}
