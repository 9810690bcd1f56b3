import IconButton from '@material-ui/core/IconButton';
import ListItemIcon from '@material-ui/core/ListItemIcon';
import ListItemText from '@material-ui/core/ListItemText';
import Menu from '@material-ui/core/Menu';
import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import LockIcon from '@material-ui/icons/LockOutlined';
import MoreIcon from '@material-ui/icons/MoreVert';
import OpenIcon from '@material-ui/icons/OpenInNew';
import { ActionState } from '@switchyard/backstage-plugin-runs-common';
import { WhyDialog } from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { EnvironmentRows } from './groupByEnvironment';

const useStyles = makeStyles(
  theme => ({
    icon: { minWidth: 36 },
    why: { whiteSpace: 'normal', maxWidth: 320 },
    // As Material UI draws an item that is disabled; this one can be reached, to be asked why.
    blocked: { color: theme.palette.text.disabled, cursor: 'help' },
  }),
  { name: 'SwitchyardEnvironmentMenu' },
);

/** All that may be done in an environment besides shipping: what is not possible stays, and says why. */
export function EnvironmentMenu(props: {
  group: EnvironmentRows;
  title: string;
  actions: readonly ActionState[];
  onAction(action: ActionState): void;
  onLock(): void;
}) {
  const { group, title, actions, onAction, onLock } = props;
  const classes = useStyles();
  const [anchor, setAnchor] = useState<HTMLElement>();
  // The action stays while the dialog fades out, or its words would vanish before it does.
  const [why, setWhy] = useState<{ open: boolean; action: ActionState }>();
  const links = group.rows.flatMap(({ application }) =>
    application?.url ? [{ name: application.name, url: application.url }] : [],
  );
  if (actions.length === 0 && links.length === 0) return null;
  const close = () => setAnchor(undefined);
  const pick = (action: ActionState) => {
    close();
    if (!action.allowed) setWhy({ open: true, action });
    else if (action.action === 'lock') onLock();
    else onAction(action);
  };
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
        {actions.map(action => (
          <MenuItem
            key={action.action}
            aria-disabled={!action.allowed}
            className={action.allowed ? undefined : classes.blocked}
            onClick={() => pick(action)}
          >
            <ListItemIcon className={classes.icon}>
              {action.action === 'lock' ? (
                <LockIcon fontSize="small" />
              ) : (
                // Keeps the words in line.
                <span />
              )}
            </ListItemIcon>
            <ListItemText
              primary={`${action.title}…`}
              secondary={action.allowed ? undefined : action.blockers[0]?.why}
              secondaryTypographyProps={{ className: classes.why }}
            />
          </MenuItem>
        ))}
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
      {why && (
        <WhyDialog
          open={why.open}
          action={{
            title: `${why.action.title} in ${title}`,
            blockers: why.action.blockers,
          }}
          onClose={() => setWhy({ ...why, open: false })}
          onBreakGlass={
            why.action.breakGlass ? () => onAction(why.action) : undefined
          }
        />
      )}
    </>
  );
}
