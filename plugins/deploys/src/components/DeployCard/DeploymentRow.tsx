import { Link } from '@backstage/core-components';
import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import Tooltip from '@material-ui/core/Tooltip';
import ExpandIcon from '@material-ui/icons/ChevronRight';
import CollapseIcon from '@material-ui/icons/ExpandMore';
import OpenIcon from '@material-ui/icons/OpenInNew';
import {
  DeploymentState,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import { EntityRunsState } from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  StatusWord,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { memo } from 'react';
import { argocdSource, clusterSource } from '../../state/mergeState';
import { describeSource, SourceWords } from '../Freshness';
import {
  HealthCell,
  LastDeployCell,
  OperationCell,
  SyncCell,
  VersionCell,
} from './cells';
import { MigrationNote } from './MigrationNote';
import { OverrideNote } from './OverrideNote';
import { RolloutNote } from './RolloutNote';

const useStyles = makeStyles(
  theme => ({
    head: { display: 'flex', alignItems: 'flex-start' },
    // In line with the name, and no wider than it has to be.
    toggle: { margin: theme.spacing(-0.5, 0.25, 0, -1) },
    words: { minWidth: 0 },
    cluster: { fontWeight: 600 },
    open: { fontSize: '1em', verticalAlign: '-0.1em', marginLeft: 4 },
    quiet: {
      color: quietColor(theme),
      fontSize: theme.typography.caption.fontSize,
      overflowWrap: 'anywhere',
      display: 'flex',
      flexWrap: 'wrap',
      columnGap: theme.spacing(1),
    },
  }),
  { name: 'SwitchyardDeploymentRow' },
);

/** The entity in one environment and cluster. */
export const DeploymentRow = memo(function Row(props: {
  row: DeploymentState;
  sources: readonly SourceState[];
  runs: EntityRunsState | undefined;
  open: boolean;
  /** Of the row that shows the details. */
  detailsId: string;
  onToggle(id: string): void;
}) {
  const { row, sources, runs, open, detailsId, onToggle } = props;
  const classes = useStyles();
  const { application } = row;
  const clusterState = sources.find(
    source => row.cluster && source.id === clusterSource(row.cluster),
  );
  const cluster = clusterState && describeSource(clusterState);
  const argocd = describeArgocd(application?.instance, sources);
  const clusterStale = cluster?.stale ?? false;
  const argocdStale = argocd?.stale ?? false;
  const withoutApplication = argocd?.text ?? 'none';
  return (
    <TableRow data-look={clusterStale ? 'stale' : undefined}>
      <TableCell component="th" role="rowheader" scope="row">
        <div className={classes.head}>
          <IconButton
            size="small"
            className={classes.toggle}
            aria-expanded={open}
            aria-controls={open ? detailsId : undefined}
            aria-label={`Details of ${application?.name ?? row.cluster}`}
            onClick={() => onToggle(row.id)}
          >
            {open ? <CollapseIcon /> : <ExpandIcon />}
          </IconButton>
          <div className={classes.words}>
            <ClusterName row={row} />
            {application && <ApplicationName application={application} />}
          </div>
        </div>
        {/* Below the button too: 'unreachable' needs the width of the column. */}
        {clusterState && cluster && (
          <SourceNote words={cluster} source={clusterState} />
        )}
      </TableCell>
      <TableCell>
        <VersionCell
          version={row.version}
          drift={row.drift}
          stale={clusterStale}
          absent={cluster?.text ?? 'none'}
        />
        {application?.override && (
          <OverrideNote override={application.override} stale={argocdStale} />
        )}
      </TableCell>
      <TableCell>
        <SyncCell
          application={application}
          stale={clusterStale || argocdStale}
          absent={withoutApplication}
        />
      </TableCell>
      <TableCell>
        <HealthCell
          application={application}
          stale={clusterStale || argocdStale}
          absent={withoutApplication}
        />
      </TableCell>
      <TableCell>
        <OperationCell application={application} stale={argocdStale} />
        {row.migration && <MigrationNote migration={row.migration} />}
        {row.workloads.map(
          ({ uid, rollout }) =>
            rollout && (
              <RolloutNote key={uid} rollout={rollout} stale={clusterStale} />
            ),
        )}
      </TableCell>
      <TableCell>
        <LastDeployCell row={row} runs={runs} />
      </TableCell>
    </TableRow>
  );
});

function ClusterName(props: { row: DeploymentState }) {
  const { cluster, unjoinedDestination } = props.row;
  const classes = useStyles();
  if (cluster) return <span className={classes.cluster}>{cluster}</span>;
  return (
    <>
      <span className={classes.cluster}>
        {unjoinedDestination ?? 'unknown'}
      </span>
      <Tooltip title="Argo CD's destination is none of the portal's clusters, by URL, name or alias (switchyard.clusterAliases). Its pods cannot be shown.">
        <div>
          <StatusWord tone="attention">not a known cluster</StatusWord>
        </div>
      </Tooltip>
    </>
  );
}

function ApplicationName(props: {
  application: NonNullable<DeploymentState['application']>;
}) {
  const { name, url } = props.application;
  const classes = useStyles();
  return (
    <div className={classes.quiet}>
      {url ? (
        <Link to={url} aria-label={`Open ${name} in Argo CD`}>
          {name}
          <OpenIcon className={classes.open} />
        </Link>
      ) : (
        name
      )}
    </div>
  );
}

function SourceNote(props: { words: SourceWords; source: SourceState }) {
  const { words, source } = props;
  const classes = useStyles();
  return (
    <div className={classes.quiet}>
      <Tooltip title={words.detail ?? ''}>
        <span>
          <StatusWord tone={words.tone}>{words.text}</StatusWord>
        </span>
      </Tooltip>
      {words.stale && source.asOf && (
        <AgeText prefix="state of" at={source.asOf} />
      )}
    </div>
  );
}

/** What is to be said of the Argo CD instance of a row; without an Application, of any instance that could have had one. */
function describeArgocd(
  instance: string | undefined,
  sources: readonly SourceState[],
): SourceWords | undefined {
  const asked = sources.filter(source =>
    instance
      ? source.id === argocdSource(instance)
      : source.id.startsWith(argocdSource('')),
  );
  for (const source of asked) {
    const words = describeSource(source);
    if (words) return words;
  }
  return undefined;
}
