import { FleetReader, JobRow, WorkloadRow } from '@switchyard/fleet-node';
import { findWorkload } from '../steps/settledView';
import { WorkloadId } from './types';

/** The workload or Job, as the fleet knows it now. */
export function findRow(
  id: WorkloadId,
  fleet: FleetReader,
): WorkloadRow | JobRow | undefined {
  if (id.kind !== 'Job') return findWorkload(id.cluster, id, fleet);
  const { cluster, namespace, name } = id;
  return fleet.jobs({ cluster, namespace, name })[0];
}
