import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import Tooltip from '@material-ui/core/Tooltip';
import OpenIcon from '@material-ui/icons/ExpandMore';
import ClosedIcon from '@material-ui/icons/ChevronRight';
import { SourceState } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  BlockedButton,
  StatusWord,
  useEnvironmentTitle,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';
import { describeSource, formatClock } from '../Freshness';
import {
  ArrangedWorkload,
  describeCounts,
  endsByItself,
  PodCounts,
  wrongOf,
} from './arrangePods';
import { PodsRow } from './listRows';
import { COLUMN_COUNT } from './columns';
import { logsAction } from './logsAction';
import { usePodsContext } from './podsContext';
import { describeWorkloadUsage } from './podUsage';
import { RowAttributes } from './rowAttributes';
import { LogsPlace } from './usePodsView';

const useStyles = makeStyles(
  theme => ({
    content: {
      display: 'flex',
      alignItems: 'center',
      flexWrap: 'wrap',
      columnGap: theme.spacing(1.5),
      minHeight: 30,
    },
    name: { fontWeight: 700, overflowWrap: 'anywhere' },
    workload: { fontWeight: 600, overflowWrap: 'anywhere' },
    quiet: {
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
    },
    problem: {
      overflowWrap: 'anywhere',
      fontSize: theme.typography.body2.fontSize,
    },
    counts: { fontSize: theme.typography.body2.fontSize },
    logs: { minWidth: 0, padding: theme.spacing(0, 0.5) },
    // Takes the room that is left and no more: it comes later than the rest, and nothing may move for it.
    usage: {
      flex: '1 1 0',
      minWidth: 0,
      textAlign: 'right',
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
      color: quietColor(theme),
      fontSize: theme.typography.caption.fontSize,
    },
    indent1: { marginLeft: theme.spacing(1.5) },
    indent2: { marginLeft: theme.spacing(4.5) },
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
  const titleOf = useEnvironmentTitle();
  const words = cluster.source && describeSource(cluster.source);
  return (
    <GroupRow attributes={attributes} isHeading>
      <Disclosure
        open={open}
        label={`Pods in ${cluster.name}`}
        onClick={() => onToggle(row.key)}
      />
      <span className={classes.name}>{cluster.name}</span>
      <span className={classes.quiet}>
        {cluster.environments.map(titleOf).join(', ')}
      </span>
      {words && (
        <>
          <Tooltip title={words.detail ?? ''}>
            <span>
              <StatusWord tone={words.tone}>{words.text}</StatusWord>
            </span>
          </Tooltip>
          {cluster.workloads.length > 0 && (
            <span className={classes.quiet}>
              <KeptState source={cluster.source!} />
            </span>
          )}
        </>
      )}
      {cluster.workloads.length > 0 && (
        <Counts
          counts={cluster.counts}
          stale={
            cluster.source?.state === 'unreachable' ||
            cluster.source?.state === 'not-readable'
          }
        />
      )}
    </GroupRow>
  );
}

/** Of when the pods are that a cluster had before it could be seen no more. */
function KeptState(props: { source: SourceState }) {
  const { state, since, asOf } = props.source;
  if (state === 'not-readable')
    return <>state of before {formatClock(since)}</>;
  if (state !== 'unreachable' || !asOf) return null;
  return <AgeText prefix="state of" at={asOf} />;
}

/** A workload: kind, name, counts, and what its controller complains about. */
export function WorkloadRow(props: {
  row: Extract<PodsRow, { kind: 'workload' }>;
  attributes: RowAttributes;
  onToggle(key: string): void;
  onLogs(place: LogsPlace): void;
}) {
  const { row, attributes, onToggle, onLogs } = props;
  const { workload, counts, stale, pods } = row.workload;
  const classes = useStyles();
  const { metrics } = usePodsContext();
  const usage = describeWorkloadUsage(
    pods.map(({ pod }) => metrics?.pods[pod.uid]),
  );
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
      {isScaledToZero(row.workload) ? (
        <span className={classes.quiet}>scaled to zero</span>
      ) : (
        <Counts counts={counts} stale={stale} />
      )}
      {!endsByItself(workload) && workload.updated < workload.desired && (
        <span className={classes.quiet}>
          {workload.updated} of {workload.desired} updated
        </span>
      )}
      {workload.problem && (
        <span className={classes.problem}>
          <StatusWord tone="attention" stale={stale}>
            {workload.problem}
          </StatusWord>
        </span>
      )}
      {pods.length > 1 && (
        <BlockedButton
          compact
          action={logsAction(pods[0])}
          size="small"
          color="primary"
          className={classes.logs}
          onClick={() =>
            onLogs({
              cluster: pods[0].cluster,
              namespace: workload.namespace,
              workload: { kind: workload.kind, name: workload.name },
            })
          }
        >
          Logs of all
        </BlockedButton>
      )}
      {usage && (
        <span className={classes.usage} title="What all its pods use now">
          {usage}
        </span>
      )}
    </GroupRow>
  );
}

function isScaledToZero({ workload, pods }: ArrangedWorkload): boolean {
  return (
    workload.desired === 0 &&
    pods.length === 0 &&
    !endsByItself(workload) &&
    workload.kind !== 'DaemonSet'
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
  isHeading?: boolean;
  className?: string;
  children: ReactNode;
}) {
  const { attributes, isHeading, className, children } = props;
  const classes = useStyles();
  return (
    <TableRow {...attributes} data-look={isHeading ? 'heading' : undefined}>
      <TableCell colSpan={COLUMN_COUNT}>
        <div className={[classes.content, className].filter(Boolean).join(' ')}>
          {children}
        </div>
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
  if (wrongOf(counts) > 0) return 'attention' as const;
  if (counts.starting > 0) return 'active' as const;
  return counts.total === 0 ? ('neutral' as const) : ('ok' as const);
}
