import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import { EntityRunsState } from '@switchyard/backstage-plugin-runs-common';
import { LiveState } from '@switchyard/backstage-plugin-runs-react';
import { useTableStyles } from '../Table';
import { Fragment, useId } from 'react';
import { PickedAction } from './actions';
import { DeploymentRow } from './DeploymentRow';
import { DetailsRow } from './DetailsRow';
import { EnvironmentHeader } from './EnvironmentHeader';
import { groupByEnvironment } from './groupByEnvironment';
import { useOpenDeployment } from './useOpenDeployment';

/** Widths are fixed: a message of Argo CD that comes and goes must not move the other columns. */
const columns = [
  { title: 'Cluster', width: '16.5%' },
  { title: 'Version', width: '13.5%' },
  // The longest words there are, OutOfSync and Progressing, fit in.
  { title: 'Sync', width: '15.5%' },
  { title: 'Health', width: '16.5%' },
  { title: 'Operation', width: '18%' },
  { title: 'Last deploy', width: '20%' },
];

/** What the columns need. Where the card is narrower the table scrolls inside. */
const MIN_WIDTH_PX = 730;

const useStyles = makeStyles(
  // The headings of environments measure themselves by it.
  {
    scroll: { containerType: 'inline-size' },
    table: { minWidth: MIN_WIDTH_PX, tableLayout: 'fixed' },
  },
  { name: 'SwitchyardDeploymentsTable' },
);

/** Environments, and in each the clusters that the entity runs in. */
export function DeploymentsTable(props: {
  state: EntityDeploysState;
  runs: LiveState<EntityRunsState>;
  label: string;
  /** An action that is possible was picked. */
  onAction(action: PickedAction): void;
  onLock(environment: string): void;
}) {
  const { state, runs, label, onAction, onLock } = props;
  const classes = useStyles();
  const table = useTableStyles();
  const opened = useOpenDeployment();
  const detailsId = useId();
  return (
    <TableContainer className={classes.scroll}>
      <Table
        size="small"
        className={[table.table, classes.table].join(' ')}
        aria-label={label}
      >
        <colgroup>
          {columns.map(({ title, width }) => (
            <col key={title} style={{ width }} />
          ))}
        </colgroup>
        <TableHead>
          <TableRow>
            {columns.map(({ title }) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        {groupByEnvironment(state.deployments).map(group => (
          <TableBody key={group.environment}>
            <EnvironmentHeader
              group={group}
              columns={columns.length}
              runs={runs}
              onAction={onAction}
              onLock={onLock}
            />
            {group.rows.map(row => (
              <Fragment key={row.id}>
                <DeploymentRow
                  row={row}
                  sources={state.sources}
                  runs={runs.value}
                  open={row.id === opened.id}
                  detailsId={detailsId}
                  onToggle={opened.toggle}
                />
                {row.id === opened.id && (
                  <DetailsRow
                    id={detailsId}
                    columns={columns.length}
                    entityRef={state.entityRef}
                    row={row}
                    tab={opened.tab}
                    onTab={opened.setTab}
                    onAction={onAction}
                  />
                )}
              </Fragment>
            ))}
          </TableBody>
        ))}
      </Table>
    </TableContainer>
  );
}
