import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { RecordNumbers } from '@switchyard/backstage-plugin-runs-common';
import { ReactNode } from 'react';
import { failureRate, rollbackRate, span } from './recordWords';

const useStyles = makeStyles(
  {
    // The portal's theme breaks words in cells; names and headings must stay whole.
    cell: { whiteSpace: 'nowrap', wordBreak: 'normal' },
  },
  { name: 'SwitchyardRecordTable' },
);

const columns: ReadonlyArray<{
  title: string;
  value(numbers: RecordNumbers): string | number;
}> = [
  { title: 'Runs', value: numbers => numbers.runs },
  { title: 'Succeeded', value: numbers => numbers.succeeded },
  { title: 'Failed', value: numbers => numbers.failed },
  { title: 'Failure rate', value: failureRate },
  { title: 'Rollback rate', value: rollbackRate },
  { title: 'Median', value: numbers => span(numbers.durationP50Ms) },
  { title: '95 of 100 within', value: numbers => span(numbers.durationP95Ms) },
  { title: 'Lead time', value: numbers => span(numbers.leadP50Ms) },
  { title: 'Time saved', value: numbers => span(numbers.savedMs) },
];

/** Numbers, a part of the runs per row. */
export function RecordTable(props: {
  label: string;
  /** What a row is. */
  of: string;
  rows: ReadonlyArray<{ key: string; name: ReactNode; numbers: RecordNumbers }>;
}) {
  const { label, of, rows } = props;
  const classes = useStyles();
  return (
    <TableContainer>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            <TableCell className={classes.cell}>{of}</TableCell>
            {columns.map(({ title }) => (
              <TableCell key={title} className={classes.cell} align="right">
                {title}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map(({ key, name, numbers }) => (
            <TableRow key={key} hover>
              <TableCell component="th" scope="row" className={classes.cell}>
                {name}
              </TableCell>
              {columns.map(({ title, value }) => (
                <TableCell key={title} className={classes.cell} align="right">
                  {value(numbers)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
