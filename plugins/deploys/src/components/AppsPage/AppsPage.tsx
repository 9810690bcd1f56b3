import { useRouteRef } from '@backstage/core-plugin-api';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  downloadText,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { useMemo } from 'react';
import {
  describeCounts,
  FleetGroup,
  groupRows,
} from '../../fleet/arrangeFleet';
import { FleetTable } from '../../fleet/FleetApi';
import { toCsv, toJson } from '../../fleet/exportFleet';
import { describeValue, FILTER_FIELDS } from '../../fleet/filterFleet';
import { FleetFilters } from '../../fleet/useFleetFilters';
import { wallLinkRef } from '../../routes';
import { FleetPage, useDeployHref } from '../FleetPage';
import { VirtualTable } from '../FleetPage/VirtualTable';
import { RowAttributes } from '../PodsCard/rowAttributes';
import { useTableStyles } from '../Table';
import { appColumns, AppRow } from './AppRow';

/** Every component in every place, and what belongs to none: what is wrong first. */
export function AppsPage() {
  const wallHref = useRouteRef(wallLinkRef);
  return (
    <FleetPage
      fields={FILTER_FIELDS}
      canGroup
      actions={({ rows, filters }) => (
        <>
          <ExportButtons rows={rows} />
          {wallHref && (
            <ActionButton
              size="small"
              variant="outlined"
              to={`${wallHref()}?${filters.search}`}
            >
              Wall
            </ActionButton>
          )}
        </>
      )}
    >
      {({ fleet, rows, filters }) => (
        <AppsTable fleet={fleet} rows={rows} filters={filters} />
      )}
    </FleetPage>
  );
}

function ExportButtons(props: { rows: readonly FleetRow[] }) {
  const { rows } = props;
  const name = () => `apps-${new Date().toISOString().slice(0, 16)}`;
  return (
    <>
      <ActionButton
        size="small"
        variant="outlined"
        onClick={() =>
          downloadText([toCsv(rows)], {
            fileName: `${name()}.csv`,
            type: 'text/csv',
          })
        }
      >
        Export CSV
      </ActionButton>
      <ActionButton
        size="small"
        variant="outlined"
        onClick={() =>
          downloadText([toJson(rows)], {
            fileName: `${name()}.json`,
            type: 'application/json',
          })
        }
      >
        Export JSON
      </ActionButton>
    </>
  );
}

type Item =
  | { kind: 'group'; key: string; group: FleetGroup }
  | { kind: 'row'; key: string; row: FleetRow };

function AppsTable(props: {
  fleet: FleetTable;
  rows: readonly FleetRow[];
  filters: FleetFilters;
}) {
  const { fleet, rows, filters } = props;
  const title = useEnvironmentTitle();
  const deployHref = useDeployHref();
  const { group } = filters;
  const items = useMemo(() => {
    const toItem = (row: FleetRow): Item => ({ kind: 'row', key: row.id, row });
    if (!group) return rows.map(toItem);
    return groupRows(rows, group).flatMap((each): Item[] => [
      { kind: 'group', key: `group ${each.value}`, group: each },
      ...each.rows.map(toItem),
    ]);
  }, [rows, group]);
  const keys = useMemo(() => items.map(({ key }) => key), [items]);
  return (
    <VirtualTable
      label="Apps"
      columns={appColumns}
      keys={keys}
      row={(index, attributes) => {
        const item = items[index];
        if (item.kind === 'group') {
          return (
            <GroupRow
              key={item.key}
              attributes={attributes}
              title={describeValue(group!, item.group.value, title)}
              group={item.group}
            />
          );
        }
        const { row } = item;
        return (
          <AppRow
            key={item.key}
            row={row}
            attributes={attributes}
            environment={title(row.environment)}
            href={row.entity && deployHref(row.entity.ref)}
            argoUrl={argoUrlOf(row, fleet)}
          />
        );
      }}
    />
  );
}

function GroupRow(props: {
  attributes: RowAttributes;
  title: string;
  group: FleetGroup;
}) {
  const { attributes, title, group } = props;
  const table = useTableStyles();
  return (
    <TableRow {...attributes} data-look="heading">
      <TableCell colSpan={appColumns.length} component="th" scope="rowgroup">
        {title}{' '}
        <span className={table.quiet}>{describeCounts(group.counts)}</span>
      </TableCell>
    </TableRow>
  );
}

function argoUrlOf(
  { app, name }: FleetRow,
  { argoUrls }: FleetTable,
): string | undefined {
  const root = app && argoUrls[app.instance];
  return root && /^https?:\/\//.test(root)
    ? `${root.replace(/\/$/, '')}/applications/${[app.namespace, name]
        .map(encodeURIComponent)
        .join('/')}`
    : undefined;
}
