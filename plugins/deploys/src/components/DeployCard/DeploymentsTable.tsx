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
import { DeploymentRow } from './DeploymentRow';
import { EnvironmentHeader } from './EnvironmentHeader';
import { groupByEnvironment } from './groupByEnvironment';

const columns = [
  'Cluster',
  'Version',
  'Sync',
  'Health',
  'Operation',
  'Last deploy',
];

/** What the columns need. Where the card is narrower the table scrolls inside. */
const MIN_WIDTH_PX = 620;

const useStyles = makeStyles(
  // The headings of environments measure themselves by it.
  { scroll: { containerType: 'inline-size' } },
  { name: 'SwitchyardDeploymentsTable' },
);

/** Environments, and in each the clusters that the entity runs in. */
export function DeploymentsTable(props: {
  state: EntityDeploysState;
  runs: LiveState<EntityRunsState>;
  label: string;
  onHotfix(environment: string): void;
  onLock(environment: string): void;
}) {
  const { state, runs, label, onHotfix, onLock } = props;
  const classes = useStyles();
  const table = useTableStyles();
  return (
    <TableContainer className={classes.scroll}>
      <Table
        size="small"
        className={table.table}
        style={{ minWidth: MIN_WIDTH_PX }}
        aria-label={label}
      >
        <TableHead>
          <TableRow>
            {columns.map(column => (
              <TableCell key={column}>{column}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        {groupByEnvironment(state.deployments).map(group => (
          <TableBody key={group.environment}>
            <EnvironmentHeader
              group={group}
              columns={columns.length}
              runs={runs}
              onHotfix={onHotfix}
              onLock={onLock}
            />
            {group.rows.map(row => (
              <DeploymentRow
                key={row.id}
                row={row}
                sources={state.sources}
                runs={runs.value}
              />
            ))}
          </TableBody>
        ))}
      </Table>
    </TableContainer>
  );
}
