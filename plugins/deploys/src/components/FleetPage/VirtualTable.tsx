import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ReactNode, useRef } from 'react';
import { RowAttributes } from '../PodsCard/rowAttributes';
import { useTableStyles } from '../Table';

const ROW_PX = 52;
/** Until the browser says how much room there is. */
const FIRST_HEIGHT_PX = 640;

const useStyles = makeStyles(
  theme => ({
    // Outside of cards @backstage/ui has a colour of its own for what stands on a surface, a light one in the dark theme too.
    surface: { '--bui-bg-inherit': theme.palette.background.paper },
    scroll: {
      overflow: 'auto',
      // Text for screen readers only stays inside as well.
      position: 'relative',
      // Page header, filters and the sentence on top stay in sight.
      maxHeight: 'max(24rem, calc(100vh - 19rem))',
      // Rows that come and go above those in sight must not move them.
      overflowAnchor: 'none',
    },
    table: { tableLayout: 'fixed' },
    head: { '&&': { position: 'sticky', top: 0, zIndex: 2 } },
    spacer: { '&&': { padding: 0, border: 0 } },
  }),
  { name: 'SwitchyardFleetTable' },
);

/** A column; its width in pixels. */
export interface TableColumn {
  title: string;
  width: number;
  header?: ReactNode;
}

/** A table of any length of which the rows in sight are drawn. It scrolls inside, in both directions. */
export function VirtualTable(props: {
  label: string;
  columns: readonly TableColumn[];
  /** Keys of the rows: what scrolls stays where it is when others come or go. */
  keys: readonly string[];
  /** The first column stays in sight. */
  headClassName?: string;
  row(index: number, attributes: RowAttributes): ReactNode;
}) {
  const { label, columns, keys, headClassName, row } = props;
  const classes = useStyles();
  const table = useTableStyles();
  const scroll = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    getItemKey: index => keys[index],
    // A letter in the filter may draw all of them anew.
    overscan: 5,
    initialRect: { width: 0, height: FIRST_HEIGHT_PX },
  });
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after =
    virtualizer.getTotalSize() - (items[items.length - 1]?.end ?? 0);
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <Paper className={classes.surface}>
      {/* It scrolls: the keyboard has to reach it. */}
      <div
        ref={scroll}
        className={classes.scroll}
        role="region"
        aria-label={`${label}, scrolls`}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <Table
          size="small"
          className={[table.table, classes.table].join(' ')}
          style={{ minWidth: width }}
          aria-label={label}
          aria-rowcount={keys.length + 1}
        >
          <colgroup>
            {columns.map(column => (
              <col key={column.title} style={{ width: column.width }} />
            ))}
          </colgroup>
          <TableHead>
            <TableRow aria-rowindex={1}>
              {columns.map(({ title, header }, index) => (
                <TableCell
                  key={title}
                  className={[classes.head, index === 0 && headClassName]
                    .filter(Boolean)
                    .join(' ')}
                >
                  {header ?? title}
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            <Spacer height={before} columns={columns.length} />
            {items.map(({ index }) =>
              row(index, {
                'aria-rowindex': index + 2,
                'data-index': index,
                ref: virtualizer.measureElement,
              }),
            )}
            <Spacer height={after} columns={columns.length} />
          </TableBody>
        </Table>
      </div>
    </Paper>
  );
}

/** Stands for the rows above or below those in sight. */
function Spacer(props: { height: number; columns: number }) {
  const { height, columns } = props;
  const classes = useStyles();
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} className={classes.spacer} style={{ height }} />
    </tr>
  );
}
