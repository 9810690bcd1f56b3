import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { useTableStyles } from '../Table';
import { COLUMN_COUNT, columns } from './columns';
import { PodsRow } from './listRows';
import { PodDetailsRow } from './PodDetailsRow';
import { PodRow } from './PodRow';
import { ClusterRow, NoteRow, ReadyGroupRow, WorkloadRow } from './GroupRows';
import { RowAttributes } from './rowAttributes';
import { LogsPlace } from './usePodsView';

/** Up to here all rows are rendered and the page scrolls; beyond, the table scrolls inside and renders what is in sight. */
const MAX_PLAIN_ROWS = 60;
const VIRTUAL_HEIGHT_PX = 560;
/** What the columns need. Where the card is narrower the table scrolls inside. */
const MIN_WIDTH_PX = 735;
const GROUP_ROW_PX = 41;
const POD_ROW_PX = 53;

const useStyles = makeStyles(
  {
    scroll: { overflowX: 'auto' },
    virtual: { overflowY: 'auto', maxHeight: VIRTUAL_HEIGHT_PX },
    table: { minWidth: MIN_WIDTH_PX, tableLayout: 'fixed' },
    head: { '&&': { position: 'sticky', top: 0, zIndex: 1 } },
    spacer: { '&&': { padding: 0, border: 0 } },
  },
  { name: 'SwitchyardPodsTable' },
);

/** Clusters, workloads and pods, one a row. */
export function PodsTable(props: {
  rows: readonly PodsRow[];
  label: string;
  onToggle(key: string): void;
  onLogs(place: LogsPlace): void;
}) {
  const { rows, label, onToggle, onLogs } = props;
  const classes = useStyles();
  const table = useTableStyles();
  const scroll = useRef<HTMLDivElement>(null);
  const isVirtual = rows.length > MAX_PLAIN_ROWS;
  const virtualizer = useVirtualizer({
    count: rows.length,
    enabled: isVirtual,
    getScrollElement: () => scroll.current,
    estimateSize: index =>
      rows[index].kind === 'pod' ? POD_ROW_PX : GROUP_ROW_PX,
    getItemKey: index => rows[index].key,
    overscan: 10,
    initialRect: { width: 0, height: VIRTUAL_HEIGHT_PX },
  });
  const items = isVirtual ? virtualizer.getVirtualItems() : [];
  const shown = isVirtual
    ? items.map(({ index }) => ({ index, row: rows[index] }))
    : rows.map((row, index) => ({ index, row }));
  const before = items[0]?.start ?? 0;
  const after = isVirtual
    ? virtualizer.getTotalSize() - (items[items.length - 1]?.end ?? 0)
    : 0;

  return (
    <div
      ref={scroll}
      className={[classes.scroll, isVirtual && classes.virtual]
        .filter(Boolean)
        .join(' ')}
    >
      <Table
        size="small"
        className={[table.table, classes.table].join(' ')}
        aria-label={label}
        aria-rowcount={rows.length + 1}
      >
        <colgroup>
          {columns.map(({ title, width }) => (
            <col key={title} style={{ width }} />
          ))}
        </colgroup>
        <TableHead>
          <TableRow aria-rowindex={1}>
            {columns.map(({ title }) => (
              <TableCell key={title} className={classes.head}>
                {title}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          <Spacer height={before} />
          {shown.map(({ index, row }) => (
            <Row
              key={row.key}
              row={row}
              attributes={{
                'aria-rowindex': index + 2,
                'data-index': index,
                ref: isVirtual ? virtualizer.measureElement : undefined,
              }}
              onToggle={onToggle}
              onLogs={onLogs}
            />
          ))}
          <Spacer height={after} />
        </TableBody>
      </Table>
    </div>
  );
}

function Row(props: {
  row: PodsRow;
  attributes: RowAttributes;
  onToggle(key: string): void;
  onLogs(place: LogsPlace): void;
}) {
  const { row, attributes, onToggle, onLogs } = props;
  switch (row.kind) {
    case 'cluster':
      return (
        <ClusterRow row={row} attributes={attributes} onToggle={onToggle} />
      );
    case 'workload':
      return (
        <WorkloadRow
          row={row}
          attributes={attributes}
          onToggle={onToggle}
          onLogs={onLogs}
        />
      );
    case 'ready-group':
      return (
        <ReadyGroupRow row={row} attributes={attributes} onToggle={onToggle} />
      );
    case 'pod':
      return (
        <PodRow
          row={row}
          attributes={attributes}
          onToggle={onToggle}
          onLogs={onLogs}
        />
      );
    case 'pod-details':
      return <PodDetailsRow row={row} attributes={attributes} />;
    default:
      return <NoteRow row={row} attributes={attributes} />;
  }
}

/** Stands for the rows above or below those in sight. */
function Spacer(props: { height: number }) {
  const classes = useStyles();
  if (props.height <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td
        colSpan={COLUMN_COUNT}
        className={classes.spacer}
        style={{ height: props.height }}
      />
    </tr>
  );
}
