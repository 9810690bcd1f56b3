import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { UnjoinedDestination } from '@switchyard/backstage-plugin-deploys-common';
import { CopyButton } from '@switchyard/backstage-plugin-runs-react';
import { useTableStyles } from '../Table';

const useStyles = makeStyles(
  { table: { minWidth: 640 } },
  { name: 'SwitchyardUnjoinedTable' },
);

/** Destinations of Argo CD that could not be joined with a cluster: why, and which Applications go there. */
export function UnjoinedTable(props: {
  destinations: readonly UnjoinedDestination[];
}) {
  const classes = useStyles();
  const table = useTableStyles();
  return (
    <TableContainer>
      <Table
        size="small"
        aria-label="Destinations that are no known cluster"
        className={`${table.table} ${classes.table}`}
      >
        <TableHead>
          <TableRow>
            <TableCell>Destination</TableCell>
            <TableCell>Argo CD</TableCell>
            <TableCell>Why</TableCell>
            <TableCell>Applications</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {props.destinations.map(
            ({ instance, destination, why, examples, applications }) => (
              <TableRow key={`${instance} ${destination}`}>
                <TableCell component="th" scope="row">
                  {destination}
                  <CopyButton
                    label={`alias for ${destination}`}
                    text={`- argocd: ${destination}\n  cluster: `}
                  />
                </TableCell>
                <TableCell>{instance}</TableCell>
                <TableCell>{why}</TableCell>
                <TableCell>
                  {applications}
                  <div className={table.quiet}>
                    {examples.join(', ')}
                    {applications > examples.length && ' …'}
                  </div>
                </TableCell>
              </TableRow>
            ),
          )}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
