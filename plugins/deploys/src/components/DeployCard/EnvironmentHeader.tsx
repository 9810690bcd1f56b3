import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import {
  ActionState,
  EntityRunsState,
  Lock,
} from '@switchyard/backstage-plugin-runs-common';
import {
  BlockedButton,
  forbidsNow,
  LiveState,
  StatusWord,
  hiddenText,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { humanizeEntityRef } from '@backstage/plugin-catalog-react';
import { parseEntityRef } from '@backstage/catalog-model';
import { describeButton, menuActions } from './actions';
import { EnvironmentMenu } from './EnvironmentMenu';
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
    hidden: hiddenText,
  }),
  { name: 'SwitchyardEnvironmentHeader' },
);

/** The line above the rows of an environment: its name, what locks it, and what may be done in it. */
export function EnvironmentHeader(props: {
  group: EnvironmentRows;
  columns: number;
  runs: LiveState<EntityRunsState>;
  /** An action that is possible was picked. */
  onAction(action: Pick<ActionState, 'action' | 'title' | 'environment'>): void;
  onLock(environment: string): void;
}) {
  const { group, columns, runs, onAction, onLock } = props;
  const { environment } = group;
  const classes = useStyles();
  const title = useEnvironmentTitle()(environment);
  const mainAction = { action: 'hotfix', title: 'Hotfix', environment };
  const hotfix = describeButton(runs, mainAction);
  const lock = runs.value?.locks.find(
    each =>
      forbidsNow(each) &&
      (!each.environment || each.environment === environment),
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
              onClick={() => onAction(mainAction)}
            >
              Hotfix… {/* There is one in each environment. */}
              <span className={classes.hidden}>in {title}</span>
            </BlockedButton>
            <EnvironmentMenu
              group={group}
              title={title}
              actions={menuActions(runs.value, group)}
              onAction={onAction}
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
  const holder = humanizeEntityRef(parseEntityRef(lock.holder), {
    defaultKind: 'user',
    defaultNamespace: 'default',
  });
  return (
    <span className={classes.lock}>
      <StatusWord tone="attention">
        {lock.kind === 'freeze' ? 'Frozen' : 'Locked'} by {holder}:{' '}
        {lock.reason}
      </StatusWord>
    </span>
  );
}
