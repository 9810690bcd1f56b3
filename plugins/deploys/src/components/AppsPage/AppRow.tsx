import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import Tooltip from '@material-ui/core/Tooltip';
import OpenInNew from '@material-ui/icons/OpenInNew';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  ElapsedText,
  hiddenText,
  quietColor,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { memo } from 'react';
import {
  otherKind,
  placeOf,
  reasonOf,
  severityWords,
  shortRef,
} from '../../fleet/words';
import { Flash } from '../Flash';
import { RowAttributes } from '../PodsCard/rowAttributes';
import { useTableStyles } from '../Table';
import { argocdTone } from '../tones';

const useStyles = makeStyles(
  theme => ({
    tag: { fontFamily: 'monospace', fontWeight: 600, overflowWrap: 'anywhere' },
    drift: {
      color: quietColor(theme),
      fontSize: theme.typography.caption.fontSize,
    },
    argo: { marginLeft: theme.spacing(0.5), verticalAlign: 'middle' },
    name: { overflowWrap: 'anywhere' },
    hidden: hiddenText,
  }),
  { name: 'SwitchyardAppRow' },
);

/** Columns of the table, in pixels: together no wider than the page in a window of 1440. */
export const appColumns = [
  { title: 'Status', width: 172 },
  { title: 'App', width: 182 },
  // 'Development' fits in, as 'OutOfSync', 'Progressing' and 'Succeeded' below.
  { title: 'Environment', width: 118 },
  { title: 'Cluster', width: 118 },
  { title: 'Version', width: 112 },
  { title: 'Sync', width: 112 },
  { title: 'Health', width: 116 },
  { title: 'Operation', width: 114 },
  { title: 'Pods', width: 60 },
  { title: 'Age', width: 64 },
];

/** One line of the fleet. Drawn again only when something of it changed. */
export const AppRow = memo(function DrawnAppRow(props: {
  row: FleetRow;
  attributes: RowAttributes;
  environment: string;
  /** Of the component's tab Deploy. */
  href: string | undefined;
  argoUrl: string | undefined;
}) {
  const { row, attributes, environment, href, argoUrl } = props;
  const { app, entity, severity, version, drift, pods, changedAt } = row;
  const classes = useStyles();
  const table = useTableStyles();
  const { word, tone } = severityWords[severity];
  const reason = reasonOf(row);
  const isStale = severity === 'unseen';
  // An Application that several components name has a line for each.
  const belongsTo = entity
    ? [
        otherKind(entity.ref),
        ...[entity.ref, entity.owner, entity.system]
          .flatMap(ref => (ref ? [shortRef(ref)] : []))
          .filter((name, index) => index > 0 || name !== row.name),
      ]
        .filter(Boolean)
        .join(' · ')
    : 'no entity';
  return (
    <TableRow {...attributes} data-look={isStale ? 'stale' : undefined}>
      <TableCell>
        <Flash of={word}>
          <StatusWord tone={tone}>{word}</StatusWord>
        </Flash>
        {reason && (
          <Tooltip title={reason}>
            <div className={[table.quiet, table.clipped].join(' ')}>
              {reason}
            </div>
          </Tooltip>
        )}
      </TableCell>
      <TableCell className={classes.name}>
        {href ? <Link to={href}>{row.name}</Link> : row.name}
        {argoUrl && (
          <Link to={argoUrl} className={classes.argo} title="Open in Argo CD">
            <OpenInNew fontSize="inherit" aria-hidden />
            <span className={classes.hidden}>Open {row.name} in Argo CD</span>
          </Link>
        )}
        <div
          className={[table.quiet, table.clipped].join(' ')}
          title={belongsTo}
        >
          {belongsTo}
        </div>
      </TableCell>
      <TableCell>{environment}</TableCell>
      <TableCell>
        <div className={table.clipped} title={placeOf(row)}>
          {placeOf(row)}
        </div>
        <div className={[table.quiet, table.clipped].join(' ')}>
          {row.namespace}
        </div>
      </TableCell>
      <TableCell>
        {version ? (
          <Flash of={version}>
            <span className={classes.tag}>{version}</span>
          </Flash>
        ) : (
          <span className={table.quiet}>none</span>
        )}
        {drift && (
          <div className={classes.drift} title={drift.message}>
            {drift.kind === 'peers' ? '▲ differs' : '… rolling'}
          </div>
        )}
      </TableCell>
      <TableCell>
        {app ? (
          <StatusWord tone={argocdTone(app.sync)} stale={isStale}>
            {app.sync}
          </StatusWord>
        ) : (
          <span className={table.quiet}>no Argo CD</span>
        )}
      </TableCell>
      <TableCell>
        {app && (
          <StatusWord tone={argocdTone(app.health)} stale={isStale}>
            {app.health}
          </StatusWord>
        )}
      </TableCell>
      <TableCell>
        {app?.operation && (
          <>
            <StatusWord tone={argocdTone(app.operation.phase)} stale={isStale}>
              {app.operation.phase}
            </StatusWord>
            {app.operation.startedAt && (
              <div>
                <ElapsedText
                  from={app.operation.startedAt}
                  className={table.quiet}
                />
              </div>
            )}
          </>
        )}
      </TableCell>
      <TableCell>{pods && `${pods[0]}/${pods[1]}`}</TableCell>
      <TableCell>{changedAt && <AgeText at={changedAt} bare />}</TableCell>
    </TableRow>
  );
});
