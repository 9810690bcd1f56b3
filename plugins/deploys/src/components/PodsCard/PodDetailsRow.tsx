import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { PodContainerState } from '@switchyard/backstage-plugin-deploys-common';
import {
  CopyButton,
  StatusWord,
  Tone,
} from '@switchyard/backstage-plugin-runs-react';
import { COLUMN_COUNT } from './columns';
import { execLine } from './execLine';
import { PodsRow } from './listRows';
import { podReason } from './podWords';
import { RowAttributes } from './rowAttributes';

const useStyles = makeStyles(
  theme => ({
    details: { padding: theme.spacing(0.5, 0, 1, 5) },
    code: { fontFamily: 'monospace', fontSize: '0.8rem' },
    reason: { overflowWrap: 'anywhere', marginBottom: theme.spacing(1) },
    line: { display: 'flex', alignItems: 'center' },
  }),
  { name: 'SwitchyardPodDetailsRow' },
);

/** The containers of a pod that was opened, each with its image and the line that opens a shell in it. */
export function PodDetailsRow(props: {
  row: Extract<PodsRow, { kind: 'pod-details' }>;
  attributes: RowAttributes;
}) {
  const { row, attributes } = props;
  const { pod, cluster, workload } = row.pod;
  const classes = useStyles();
  const reason = podReason(row.pod);
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
        </div>
      </TableCell>
    </TableRow>
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
