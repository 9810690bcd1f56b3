import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { useEnvironmentTitle } from '@switchyard/backstage-plugin-runs-react';
import { useMemo } from 'react';
import { FleetTable } from '../../fleet/FleetApi';
import { otherKind } from '../../fleet/words';
import { useDeployHref } from '../FleetPage/useDeployHref';
import { VirtualTable } from '../FleetPage/VirtualTable';
import { useTableStyles } from '../Table';
import { arrangeMatrix } from './arrangeMatrix';
import { MatrixCell } from './MatrixCell';

const COMPONENT_PX = 200;
const CELL_PX = 140;

const useStyles = makeStyles(
  theme => ({
    // The name stays while the clusters scroll by; on a phone there is no room for that.
    first: {
      [theme.breakpoints.up('sm')]: {
        '&&': {
          position: 'sticky',
          left: 0,
          zIndex: 1,
          backgroundColor: theme.palette.background.paper,
        },
        'thead &&': { zIndex: 3 },
      },
    },
    name: { overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardMatrix' },
);

/** Versions by component, environment and cluster, of these lines. */
export function Matrix(props: {
  fleet: FleetTable;
  rows: readonly FleetRow[];
}) {
  const { fleet, rows } = props;
  const classes = useStyles();
  const table = useTableStyles();
  const title = useEnvironmentTitle();
  const deployHref = useDeployHref();
  const { environments } = fleet;
  const matrix = useMemo(
    () => arrangeMatrix(rows, environments),
    [rows, environments],
  );
  const keys = useMemo(() => matrix.rows.map(({ ref }) => ref), [matrix]);
  const hasOthers = rows.some(({ entity }) => !entity);
  return (
    <>
      <VirtualTable
        label="Versions by environment and cluster"
        keys={keys}
        headClassName={classes.first}
        columns={[
          { title: 'Component', width: COMPONENT_PX },
          ...matrix.columns.map(({ key, environment, place }) => ({
            title: key,
            width: CELL_PX,
            header: (
              <>
                <div className={table.quiet}>{title(environment)}</div>
                {place}
              </>
            ),
          })),
        ]}
        row={(index, attributes) => {
          const { ref, title: name, cells } = matrix.rows[index];
          const href = deployHref(ref);
          const kind = otherKind(ref);
          return (
            <TableRow key={ref} {...attributes}>
              <TableCell
                component="th"
                scope="row"
                className={[classes.first, classes.name].join(' ')}
              >
                <Link to={href}>{name}</Link>
                {kind && <div className={table.quiet}>{kind}</div>}
              </TableCell>
              {matrix.columns.map(({ key, environment, place }) => (
                <MatrixCell
                  key={key}
                  lines={cells.get(key)}
                  href={href}
                  what={`${name} in ${title(environment)} on ${place}`}
                />
              ))}
            </TableRow>
          );
        }}
      />
      {hasOthers && (
        <p className={table.quiet}>
          Applications that no entity names are on the page Apps only.
        </p>
      )}
    </>
  );
}
