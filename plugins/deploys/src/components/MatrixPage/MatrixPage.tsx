import { FilterField } from '../../fleet/filterFleet';
import { FleetPage } from '../FleetPage';
import { Matrix } from './Matrix';

const FIELDS: readonly FilterField[] = [
  'team',
  'system',
  'environment',
  'cluster',
  'status',
];

/** Which version of each component runs where. */
export function MatrixPage() {
  return (
    <FleetPage fields={FIELDS} actions={() => null}>
      {({ fleet, rows }) => <Matrix fleet={fleet} rows={rows} />}
    </FleetPage>
  );
}
