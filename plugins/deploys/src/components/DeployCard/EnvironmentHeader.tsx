import IconButton from '@material-ui/core/IconButton';
import ListItemIcon from '@material-ui/core/ListItemIcon';
import ListItemText from '@material-ui/core/ListItemText';
import Menu from '@material-ui/core/Menu';
import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import Tooltip from '@material-ui/core/Tooltip';
import LockIcon from '@material-ui/icons/LockOutlined';
import MoreIcon from '@material-ui/icons/MoreVert';
import OpenIcon from '@material-ui/icons/OpenInNew';
import {
  EntityRunsState,
  Lock,
} from '@switchyard/backstage-plugin-runs-common';
import {
  BlockedButton,
  LiveState,
  StatusWord,
  hiddenText,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { humanizeEntityRef } from '@backstage/plugin-catalog-react';
import { parseEntityRef } from '@backstage/catalog-model';
import { useState } from 'react';
import { describeButton, findAction } from './actions';
import { EnvironmentRows } from './groupByEnvironment';

const useStyles = makeStyles(
  theme => ({
    // Stays in sight where the table scrolls sideways.
    content: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      columnGap: theme.spacing(1.5),
      minHeight: 40,
      position: 'sticky',
      left: theme.spacing(1),
      // As wide as what is seen of the table, less the padding of the cell.
      width: `calc(100cqw - ${theme.spacing(2)}px)`,
    },
    name: { fontWeight: 700 },
    lock: { minWidth: 0, overflowWrap: 'anywhere' },
    actions: {
      display: 'flex',
      alignItems: 'center',
      marginLeft: 'auto',
      columnGap: theme.spacing(0.5),
    },
    icon: { minWidth: 36 },
    hidden: hiddenText,
    why: { whiteSpace: 'normal', maxWidth: 320 },
  }),
  { name: 'SwitchyardEnvironmentHeader' },
);

/** The line above the rows of an environment: its name, what locks it, and what may be done in it. */
export function EnvironmentHeader(props: {
  group: EnvironmentRows;
  columns: number;
  runs: LiveState<EntityRunsState>;
  onHotfix(environment: string): void;
  onLock(environment: string): void;
}) {
  const { group, columns, runs, onHotfix, onLock } = props;
  const { environment } = group;
  const classes = useStyles();
  const title = useEnvironmentTitle()(environment);
  const hotfix = describeButton(runs, {
    action: 'hotfix',
    title: 'Hotfix',
    environment,
  });
  const lock = runs.value?.locks.find(
    each => !each.environment || each.environment === environment,
  );
  return (
    <TableRow data-look="heading">
      <TableCell
        component="th"
        role="rowheader"
        scope="rowgroup"
        colSpan={columns}
      >
        <div className={classes.content}>
          <span className={classes.name}>{title}</span>
          {lock && <LockNote lock={lock} />}
          <span className={classes.actions}>
            <BlockedButton
              action={
                hotfix && { ...hotfix, title: `${hotfix.title} in ${title}` }
              }
              variant="outlined"
              color="primary"
              size="small"
              onClick={() => onHotfix(environment)}
            >
              Hotfix… {/* There is one in each environment. */}
              <span className={classes.hidden}>in {title}</span>
            </BlockedButton>
            <EnvironmentMenu
              group={group}
              title={title}
              runs={runs.value}
              onLock={() => onLock(environment)}
            />
          </span>
        </div>
      </TableCell>
    </TableRow>
  );
}

function LockNote(props: { lock: Lock }) {
  const { lock } = props;
  const classes = useStyles();
  const holder = humanizeEntityRef(parseEntityRef(lock.createdBy), {
    defaultKind: 'user',
    defaultNamespace: 'default',
  });
  return (
    <span className={classes.lock}>
      <StatusWord tone="attention">
        Locked by {holder}: {lock.reason}
      </StatusWord>
    </span>
  );
}

function EnvironmentMenu(props: {
  group: EnvironmentRows;
  title: string;
  runs: EntityRunsState | undefined;
  onLock(): void;
}) {
  const { group, title, runs, onLock } = props;
  const classes = useStyles();
  const [anchor, setAnchor] = useState<HTMLElement>();
  const lock = findAction(runs, 'lock', group.environment);
  const links = group.rows.flatMap(({ application }) =>
    application?.url ? [{ name: application.name, url: application.url }] : [],
  );
  const showLock = lock?.visible ?? false;
  if (!showLock && links.length === 0) return null;
  const close = () => setAnchor(undefined);
  return (
    <>
      <Tooltip title="More">
        <IconButton
          size="small"
          aria-label={`More for ${title}`}
          aria-haspopup="menu"
          aria-expanded={anchor !== undefined}
          onClick={event => setAnchor(event.currentTarget)}
        >
          <MoreIcon />
        </IconButton>
      </Tooltip>
      <Menu
        open={anchor !== undefined}
        anchorEl={anchor}
        getContentAnchorEl={null}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
        onClose={close}
      >
        {showLock && (
          <MenuItem
            disabled={!lock!.allowed}
            onClick={() => {
              close();
              onLock();
            }}
          >
            <ListItemIcon className={classes.icon}>
              <LockIcon fontSize="small" />
            </ListItemIcon>
            <ListItemText
              primary="Lock…"
              secondary={lock!.allowed ? undefined : lock!.blockers[0]?.why}
              secondaryTypographyProps={{ className: classes.why }}
            />
          </MenuItem>
        )}
        {links.map(({ name, url }) => (
          <MenuItem
            key={url}
            component="a"
            href={url}
            target="_blank"
            rel="noopener noreferrer"
            onClick={close}
          >
            <ListItemIcon className={classes.icon}>
              <OpenIcon fontSize="small" />
            </ListItemIcon>
            <ListItemText primary={`Open ${name} in Argo CD`} />
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
