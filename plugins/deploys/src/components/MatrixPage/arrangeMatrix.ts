import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { compare } from '../../fleet/arrangeFleet';
import { placeOf, titleOf } from '../../fleet/words';

/** A cluster in an environment, or Argo CD's destination that is no known cluster. */
export interface MatrixColumn {
  key: string;
  environment: string;
  place: string;
}

/** A component with its lines by the key of their column. Those of one cell are in the order in which they came. */
export interface MatrixRow {
  ref: string;
  title: string;
  cells: ReadonlyMap<string, readonly FleetRow[]>;
}

/**
 * Components against environments and clusters. Components stand in the order in which they came: that with the worst line first. Applications that no
 * component names have no row.
 */
export function arrangeMatrix(
  rows: readonly FleetRow[],
  environments: readonly string[],
): { columns: MatrixColumn[]; rows: MatrixRow[] } {
  const columns = new Map<string, MatrixColumn>();
  const components = new Map<
    string,
    { ref: string; title: string; cells: Map<string, FleetRow[]> }
  >();
  for (const row of rows) {
    if (!row.entity) continue;
    const { environment } = row;
    const place = placeOf(row);
    const key = JSON.stringify([environment, place]);
    if (!columns.has(key)) columns.set(key, { key, environment, place });
    const { ref } = row.entity;
    let component = components.get(ref);
    if (!component) {
      component = { ref, title: titleOf(row), cells: new Map() };
      components.set(ref, component);
    }
    const cell = component.cells.get(key);
    if (cell) cell.push(row);
    else component.cells.set(key, [row]);
  }
  const orderOf = (environment: string) => {
    const index = environments.indexOf(environment);
    return index < 0 ? environments.length : index;
  };
  return {
    columns: [...columns.values()].sort(
      (a, b) =>
        orderOf(a.environment) - orderOf(b.environment) ||
        compare(a.environment, b.environment) ||
        compare(a.place, b.place),
    ),
    rows: [...components.values()],
  };
}
