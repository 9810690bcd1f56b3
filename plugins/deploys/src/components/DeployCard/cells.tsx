import { makeStyles } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import {
  DeploymentState,
  VersionState,
} from '@switchyard/backstage-plugin-deploys-common';
import { EntityRunsState } from '@switchyard/backstage-plugin-runs-common';
import {
  AgeText,
  CopyButton,
  ElapsedText,
  StatusWord,
  hiddenText,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { Flash } from '../Flash';
import { useTableStyles } from '../Table';
import { argocdTone } from '../tones';
import { DeployedBy } from './DeployedBy';

type Application = NonNullable<DeploymentState['application']>;

const useStyles = makeStyles(
  theme => ({
    version: {
      display: 'inline-flex',
      alignItems: 'center',
      columnGap: theme.spacing(0.5),
      flexWrap: 'wrap',
    },
    tag: {
      fontFamily: 'monospace',
      fontSize: '0.95em',
      fontWeight: 600,
      borderBottom: `1px dotted ${quietColor(theme)}`,
      cursor: 'help',
      // A digest is longer than its column.
      minWidth: 0,
      overflowWrap: 'anywhere',
    },
    images: {
      margin: 0,
      padding: 0,
      listStyle: 'none',
      wordBreak: 'break-all',
    },
    message: {
      display: '-webkit-box',
      WebkitLineClamp: 2,
      WebkitBoxOrient: 'vertical',
      overflow: 'hidden',
      overflowWrap: 'anywhere',
      color: quietColor(theme),
      fontSize: theme.typography.caption.fontSize,
    },
    withCopy: { display: 'flex', alignItems: 'flex-start' },
    hidden: hiddenText,
  }),
  { name: 'SwitchyardDeployCells' },
);

/** The tag, with the whole image and digest for who wants to know, and whether it differs from its peers. */
export function VersionCell(props: {
  version: VersionState;
  drift: DeploymentState['drift'];
  stale: boolean;
  /** What to say where nothing runs: 'none', 'not readable' … */
  absent: string;
}) {
  const { version, drift, stale, absent } = props;
  const classes = useStyles();
  const table = useTableStyles();
  const { images } = version;
  const label = version.version ?? images.map(imageLabel).join(', ');
  if (label === '') return <span className={table.quiet}>{absent}</span>;
  return (
    <Flash of={label}>
      <span className={classes.version}>
        <Tooltip interactive title={<ImageList images={images} />}>
          {/* Reached by the keyboard as well, for the digest is shown here only. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <span className={classes.tag} tabIndex={0}>
            {label}
          </span>
        </Tooltip>
        <CopyButton
          label="image"
          text={images.map(({ image }) => image).join('\n')}
        />
        {drift && (
          <Tooltip title={drift.message}>
            <span>
              <StatusWord
                tone={drift.kind === 'rolling' ? 'active' : 'attention'}
                stale={stale}
              >
                {drift.kind === 'rolling' ? 'rolling' : 'differs'}
                <span className={classes.hidden}>: {drift.message}</span>
              </StatusWord>
            </span>
          </Tooltip>
        )}
      </span>
    </Flash>
  );
}

function imageLabel(image: VersionState['images'][number]): string {
  return image.tag ?? image.digest ?? image.image;
}

function ImageList(props: { images: VersionState['images'] }) {
  const classes = useStyles();
  return (
    <ul className={classes.images}>
      {props.images.map(image => (
        <li key={`${image.container}|${image.image}`}>
          {image.container}: {image.image}
          {image.digest && !image.image.includes(image.digest) && (
            <div>{image.digest}</div>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Argo CD's word for sync, and who starts one. */
export function SyncCell(props: {
  application: Application | undefined;
  stale: boolean;
  absent: string;
}) {
  const { application, stale, absent } = props;
  const table = useTableStyles();
  if (!application) return <span className={table.quiet}>{absent}</span>;
  return (
    <Flash of={application.sync}>
      <StatusWord tone={argocdTone(application.sync)} stale={stale}>
        {application.sync}
      </StatusWord>
      <div className={table.quiet}>
        {application.autoSync ? 'auto-sync on' : 'auto-sync off'}
      </div>
    </Flash>
  );
}

/** Argo CD's word for health; grey where the cluster cannot be asked. */
export function HealthCell(props: {
  application: Application | undefined;
  stale: boolean;
  absent: string;
}) {
  const { application, stale, absent } = props;
  const table = useTableStyles();
  if (!application) return <span className={table.quiet}>{absent}</span>;
  const isStale = stale || application.healthIsStale;
  return (
    <Flash of={application.health}>
      <StatusWord tone={argocdTone(application.health)} stale={isStale}>
        {application.health}
      </StatusWord>
      {isStale && (
        <div className={table.quiet}>
          last known
          {application.reconciledAt && (
            <>
              {' '}
              <AgeText at={application.reconciledAt} />
            </>
          )}
        </div>
      )}
    </Flash>
  );
}

/** The operation of Argo CD: its phase, for how long, and why it failed. */
export function OperationCell(props: {
  application: Application | undefined;
  stale: boolean;
}) {
  const { application, stale } = props;
  const classes = useStyles();
  const table = useTableStyles();
  const operation = application?.operation;
  if (!operation) return <span className={table.quiet}>none</span>;
  const tone = argocdTone(operation.phase);
  const ended = operation.finishedAt !== undefined;
  return (
    <Flash of={operation.phase}>
      <StatusWord tone={tone} stale={stale}>
        {operation.phase}
      </StatusWord>
      <div className={table.quiet}>
        {!ended && operation.startedAt && (
          <ElapsedText from={operation.startedAt} />
        )}
        {ended && <AgeText at={operation.finishedAt!} />}
      </div>
      {operation.message && tone !== 'ok' && (
        <div className={classes.withCopy}>
          <Tooltip title={operation.message}>
            <div className={classes.message}>{operation.message}</div>
          </Tooltip>
          {tone === 'error' && (
            <CopyButton label="operation message" text={operation.message} />
          )}
        </div>
      )}
    </Flash>
  );
}

/** When it was deployed last, by whom, and in which run. */
export function LastDeployCell(props: {
  row: DeploymentState;
  runs: EntityRunsState | undefined;
}) {
  const { row, runs } = props;
  const table = useTableStyles();
  const { lastDeploy: last, operation } = row.application ?? {};
  if (!last) {
    // There has been one; Argo CD's history is read only of what somebody looks at.
    const isUnread = operation?.phase === 'Succeeded';
    return (
      <span className={table.quiet}>
        {isUnread ? 'not looked at yet' : 'none'}
      </span>
    );
  }
  return (
    <Flash of={last.at}>
      <AgeText at={last.at} />
      <div className={table.quiet}>
        <DeployedBy
          at={last.at}
          by={last.by}
          environment={row.environment}
          runs={runs}
        />
      </div>
    </Flash>
  );
}
