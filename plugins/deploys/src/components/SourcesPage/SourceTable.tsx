import { Link } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { AgeText, StatusWord } from '@switchyard/backstage-plugin-runs-react';
import { useTableStyles } from '../Table';
import { SourceLine } from './sourceLines';

const useStyles = makeStyles(
  { table: { minWidth: 760, tableLayout: 'fixed' } },
  { name: 'SwitchyardSourceTable' },
);

const columns = [
  { title: 'Name', width: '16%' },
  { title: 'State', width: '26%' },
  { title: 'Last heard of', width: '12%' },
  { title: 'Reads', width: '22%' },
  { title: 'How to mend it', width: '24%' },
];

/** Sources with what they tell, and what would mend them. */
export function SourceTable(props: {
  label: string;
  lines: readonly SourceLine[];
}) {
  const { label, lines } = props;
  const classes = useStyles();
  const table = useTableStyles();
  return (
    // Where nothing in it takes the focus it could not be scrolled by keyboard.
    <TableContainer
      tabIndex={0}
      role="region"
      aria-label={`${label}, scrolls sideways where it is narrow`}
    >
      <Table
        size="small"
        aria-label={label}
        className={`${table.table} ${classes.table}`}
      >
        <TableHead>
          <TableRow>
            {columns.map(({ title, width }) => (
              <TableCell key={title} style={{ width }}>
                {title}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {lines.map(line => (
            <TableRow key={line.name}>
              <TableCell component="th" scope="row">
                {line.url ? <Link to={line.url}>{line.name}</Link> : line.name}
              </TableCell>
              <TableCell>
                <StatusWord tone={line.tone}>{line.state}</StatusWord>
                {line.problem && (
                  <div className={table.quiet}>{line.problem}</div>
                )}
              </TableCell>
              <TableCell>
                {line.asOf ? <AgeText at={line.asOf} /> : 'never'}
              </TableCell>
              <TableCell>
                {line.reads}
                {line.mayNotRead && (
                  <div>
                    <StatusWord tone="attention">
                      not readable: {line.mayNotRead}
                    </StatusWord>
                  </div>
                )}
              </TableCell>
              <TableCell>{line.fix ?? '–'}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
