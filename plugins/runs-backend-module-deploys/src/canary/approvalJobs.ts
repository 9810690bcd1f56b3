import { Entity } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import {
  ApplicationRow,
  deploymentsOf,
  FleetReader,
  JobRow,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { WorkloadId } from '../workloads/types';

/**
 * Marks a Job that stands between a canary and the rest, in a sync wave of its own, and is suspended: Argo CD waits at it until it has ended. The text says what a
 * person should look at first.
 */
export const CANARY_APPROVAL = 'switchyard/canary-approval';

/** A Job at which Argo CD waits for a person. */
export interface WaitingApproval {
  environment: string;
  id: WorkloadId;
  row: JobRow;
  /** What deploys it, where that is known. */
  application?: ApplicationRow;
  /** What to look at first; empty where nobody has written it. */
  about: string;
  consent: { given: boolean; why: string };
}

/** The Jobs of an entity that wait for a person, from memory. */
export function findWaitingApprovals(
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
): WaitingApproval[] {
  const { deployments } = deploymentsOf(entity, fleet, config, {
    wantsPods: () => false,
  });
  return deployments.flatMap(({ environment, application, workloads }) =>
    workloads.flatMap(({ row, consent }) => {
      if (row.kind !== 'Job' || !('active' in row)) return [];
      const object = fleet.object({ cluster: row.cluster, uid: row.uid });
      const about = object && approvalOf(object);
      if (about === undefined || !isSuspended(object!)) return [];
      const { cluster, kind, namespace, name } = row;
      const id = { cluster, kind, namespace, name };
      return [{ environment, id, row, application, about, consent }];
    }),
  );
}

/** Whether a Job is held back, and has not ended. */
export function isSuspended(job: JsonObject): boolean {
  const { spec, status } = job as { spec?: any; status?: any };
  const hasEnded = (status?.conditions ?? []).some(
    (each: any) =>
      ['Complete', 'Failed'].includes(each.type) && each.status === 'True',
  );
  return spec?.suspend === true && !hasEnded;
}

function approvalOf(job: JsonObject): string | undefined {
  const text = (job as any).metadata?.annotations?.[CANARY_APPROVAL];
  return typeof text === 'string' ? text : undefined;
}
