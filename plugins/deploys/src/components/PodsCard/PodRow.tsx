import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import Tooltip from '@material-ui/core/Tooltip';
import { PodState } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  BlockedButton,
  CopyButton,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { Flash } from '../Flash';
import { useTableStyles } from '../Table';
import { TerminalButtons } from '../Terminal';
import { execLine } from './execLine';
import { Disclosure } from './GroupRows';
import { PodsRow } from './listRows';
import { logsAction } from './logsAction';
import { describeRestart, podReason, podTone, podWord } from './podWords';
import { RowAttributes } from './rowAttributes';
import { isNearMemoryLimit } from './podUsage';
import { usePodsContext } from './podsContext';
import { PodPlace } from './usePodsView';

const useStyles = makeStyles(
  theme => ({
    pod: {
      display: 'flex',
      alignItems: 'flex-start',
      paddingLeft: theme.spacing(1),
      minWidth: 0,
    },
    name: {
      fontFamily: 'monospace',
      fontSize: '0.8rem',
      paddingTop: 3,
      // Names have hyphens in the wrong places: two full lines read better than three.
      wordBreak: 'break-all',
    },
    copy: { verticalAlign: 'middle', padding: 2 },
    actions: { display: 'flex', alignItems: 'center', flexWrap: 'wrap' },
    logs: {
      minWidth: 0,
      padding: theme.spacing(0, 0.5),
      whiteSpace: 'nowrap',
    },
    reason: {
      display: '-webkit-box',
      WebkitLineClamp: 3,
      WebkitBoxOrient: 'vertical',
      overflow: 'hidden',
    },
    version: { fontFamily: 'monospace', fontSize: '0.8rem' },
    small: { fontSize: theme.typography.caption.fontSize },
  }),
  { name: 'SwitchyardPodRow' },
);

/** One pod. */
export function PodRow(props: {
  row: Extract<PodsRow, { kind: 'pod' }>;
  attributes: RowAttributes;
  onToggle(key: string): void;
  onLogs(place: PodPlace): void;
}) {
  const { row, attributes, onToggle, onLogs } = props;
  const { pod, cluster, workload, stale } = row.pod;
  const { namespace } = workload;
  const classes = useStyles();
  const table = useTableStyles();
  const container = mainContainer(pod);
  return (
    <TableRow {...attributes} data-look={stale ? 'stale' : undefined}>
      <TableCell>
        <div className={classes.pod}>
          <Disclosure
            open={row.open}
            label={`Containers of ${pod.name}`}
            onClick={() => onToggle(row.key)}
          />
          <span className={classes.name}>
            {pod.name}
            <CopyButton
              label="pod name"
              text={pod.name}
              className={classes.copy}
            />
          </span>
        </div>
      </TableCell>
      <TableCell>
        <StateWords row={row} />
      </TableCell>
      <TableCell>
        <Flash of={pod.version}>
          <span className={classes.version}>{pod.version ?? 'unknown'}</span>
          {pod.outdated && (
            <Tooltip title="Not the image that the workload wants">
              <div>
                <StatusWord tone="attention" stale={stale}>
                  outdated
                </StatusWord>
              </div>
            </Tooltip>
          )}
        </Flash>
      </TableCell>
      <TableCell>
        <Restarts pod={pod} />
      </TableCell>
      <TableCell>
        <AgeText at={pod.createdAt} bare className={classes.small} />
      </TableCell>
      <TableCell>
        {pod.node ? (
          <Tooltip title={pod.node}>
            <div className={classes.small}>{shortNodeName(pod.node)}</div>
          </Tooltip>
        ) : (
          <span className={table.quiet}>not scheduled</span>
        )}
        {pod.zone && <div className={table.quiet}>{pod.zone}</div>}
      </TableCell>
      <TableCell className={table.atEnd}>
        <div className={classes.actions}>
          <BlockedButton
            compact
            action={logsAction(row.pod)}
            size="small"
            color="primary"
            className={classes.logs}
            onClick={() => onLogs({ cluster, namespace, pod: pod.name })}
          >
            Logs
          </BlockedButton>
          <TerminalButtons pod={row.pod} className={classes.logs} />
          {container && (
            <CopyButton
              label="kubectl exec line"
              text={execLine({ cluster, namespace, pod: pod.name, container })}
            />
          )}
        </div>
      </TableCell>
    </TableRow>
  );
}

function StateWords(props: { row: Extract<PodsRow, { kind: 'pod' }> }) {
  const { row } = props;
  const { pod, stale } = row.pod;
  const classes = useStyles();
  const table = useTableStyles();
  const { metrics } = usePodsContext();
  const word = podWord(row.pod);
  const reason = podReason(row.pod);
  const counted = pod.containers.filter(
    each => each.kind === 'container' || each.kind === 'sidecar',
  ).length;
  return (
    <Flash of={word}>
      <StatusWord tone={podTone(row.pod)} stale={stale}>
        {word}
      </StatusWord>
      {!pod.ready && counted > 1 && (
        <div className={table.quiet}>
          {pod.containersReady}/{counted} containers ready
        </div>
      )}
      {isNearMemoryLimit(metrics?.pods[pod.uid]) && (
        <StatusWord tone="attention" stale={stale}>
          memory near its limit
        </StatusWord>
      )}
      {pod.terminating && row.pod.condition === 'attention' && (
        <AgeText
          prefix="should have been gone"
          at={pod.goneBy!}
          className={table.quiet}
        />
      )}
      {reason && (
        <Tooltip title={reason}>
          <div className={[table.quiet, classes.reason].join(' ')}>
            {reason}
          </div>
        </Tooltip>
      )}
    </Flash>
  );
}

function Restarts(props: { pod: PodState }) {
  const { restarts, lastRestart } = props.pod;
  const table = useTableStyles();
  return (
    <Flash of={restarts}>
      {restarts}
      {restarts > 0 && lastRestart && (
        <div className={table.quiet}>
          {describeRestart(lastRestart)}{' '}
          {lastRestart.at && <AgeText at={lastRestart.at} />}
        </div>
      )}
    </Flash>
  );
}

/** 'ip-10-16-0-11' of 'ip-10-16-0-11.eu-west-1.compute.internal': what follows is the same for all nodes of a cluster. */
function shortNodeName(node: string): string {
  return node.split('.')[0];
}

/** Where a shell is most likely wanted. */
function mainContainer(pod: PodState): string | undefined {
  const main = pod.containers.find(each => each.kind === 'container');
  return (main ?? pod.containers[0])?.name;
}
