import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Typography from '@material-ui/core/Typography';
import {
  ContainerUsage,
  PodContainerState,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  CopyButton,
  quietColor,
  StatusWord,
  Tone,
} from '@switchyard/backstage-plugin-runs-react';
import { COLUMN_COUNT } from './columns';
import { execLine } from './execLine';
import { PodsRow } from './listRows';
import { LastLines } from './LastLines';
import { logsAction } from './logsAction';
import { PodEventList } from './PodEventList';
import { usePodsContext } from './podsContext';
import { describePodUsage, describeUsage, metricsPlace } from './podUsage';
import { podReason } from './podWords';
import { RowAttributes } from './rowAttributes';

const useStyles = makeStyles(
  theme => ({
    details: { padding: theme.spacing(0.5, 0, 1, 5) },
    code: { fontFamily: 'monospace', fontSize: '0.8rem' },
    reason: { overflowWrap: 'anywhere', marginBottom: theme.spacing(1) },
    measured: {
      margin: theme.spacing(1, 0),
      fontSize: theme.typography.body2.fontSize,
      color: quietColor(theme),
    },
    line: { display: 'flex', alignItems: 'center' },
  }),
  { name: 'SwitchyardPodDetailsRow' },
);

/**
 * What is known of a pod that was opened: why it is not ready, its containers with what they use and the line that opens a shell in them, what they
 * wrote last, and events.
 */
export function PodDetailsRow(props: {
  row: Extract<PodsRow, { kind: 'pod-details' }>;
  attributes: RowAttributes;
}) {
  const { row, attributes } = props;
  const { pod, cluster, workload } = row.pod;
  const classes = useStyles();
  const { entityRef, metrics } = usePodsContext();
  const reason = podReason(row.pod);
  const { namespace } = workload;
  const place = { cluster, namespace, pod: pod.name };
  const usages = metrics?.pods[pod.uid];
  const used = describePodUsage(usages);
  const measured = metricsPlace(metrics, { cluster, namespace });
  const usageOf = (name: string) => usages?.find(each => each.name === name);
  const mayReadLogs = logsAction(row.pod)?.allowed === true;
  return (
    <TableRow {...attributes} data-look="heading">
      <TableCell colSpan={COLUMN_COUNT}>
        <div className={classes.details}>
          {reason && (
            <div className={classes.reason}>
              {reason}
              <CopyButton label="reason" text={reason} />
            </div>
          )}
          <Table size="small" aria-label={`Containers of ${pod.name}`}>
            <TableHead>
              <TableRow>
                <TableCell>Container</TableCell>
                <TableCell>State</TableCell>
                <TableCell>Restarts</TableCell>
                <TableCell>CPU</TableCell>
                <TableCell>Memory</TableCell>
                <TableCell>Image</TableCell>
                <TableCell>Shell</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {pod.containers.map(container => {
                const line = execLine({
                  cluster,
                  namespace: workload.namespace,
                  pod: pod.name,
                  container: container.name,
                });
                return (
                  <TableRow key={container.name}>
                    <TableCell component="th" role="rowheader" scope="row">
                      {container.name}
                      {container.kind !== 'container' && ` (${container.kind})`}
                    </TableCell>
                    <TableCell>
                      <StatusWord tone={containerTone(container)}>
                        {container.reason ?? container.state}
                      </StatusWord>
                    </TableCell>
                    <TableCell>{container.restarts}</TableCell>
                    <TableCell>
                      <Usage of={usageOf(container.name)} resource="cpu" />
                    </TableCell>
                    <TableCell>
                      <Usage of={usageOf(container.name)} resource="memory" />
                    </TableCell>
                    <TableCell>
                      <span className={classes.code}>{container.image}</span>
                      <CopyButton label="image" text={container.image} />
                    </TableCell>
                    <TableCell>
                      <div className={classes.line}>
                        <span className={classes.code}>{line}</span>
                        <CopyButton
                          label={`exec line of ${container.name}`}
                          text={line}
                        />
                      </div>
                    </TableCell>
                  </TableRow>
                );
              })}
            </TableBody>
          </Table>
          {measured && (
            <div className={classes.measured}>
              {used && `Uses ${used}. `}
              {measured.why}
              {measured.asOf && (
                <AgeText
                  prefix={measured.why ? ', as of' : 'As of'}
                  at={measured.asOf}
                />
              )}
            </div>
          )}
          {mayReadLogs &&
            pod.containers
              .filter(each => each.restarts > 0)
              .map(each => (
                <div key={each.name}>
                  <LastLines
                    entityRef={entityRef}
                    place={place}
                    container={each.name}
                  />
                </div>
              ))}
          <Typography variant="subtitle2" component="h4">
            Events
          </Typography>
          {row.pod.consent.given ? (
            <PodEventList entityRef={entityRef} place={place} />
          ) : (
            <Typography variant="body2">{row.pod.consent.why}</Typography>
          )}
        </div>
      </TableCell>
    </TableRow>
  );
}

function Usage(props: {
  of: ContainerUsage | undefined;
  resource: 'cpu' | 'memory';
}) {
  const words = describeUsage(props.of, props.resource);
  if (!words) return <>unknown</>;
  return words.isNear ? (
    <StatusWord tone="attention">{words.text}</StatusWord>
  ) : (
    <>{words.text}</>
  );
}

function containerTone(container: PodContainerState): Tone {
  if (container.ready) return 'ok';
  if (container.reason === 'Completed') return 'neutral';
  if (container.state === 'terminated') return 'error';
  const starting =
    container.reason === undefined ||
    container.reason === 'ContainerCreating' ||
    container.reason === 'PodInitializing';
  return starting ? 'active' : 'error';
}
