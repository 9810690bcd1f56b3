import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import {
  ApplicationRow,
  deploymentsOf,
  environmentsOf,
  FleetReader,
  SwitchyardConfig,
  WorkloadRow,
} from '@switchyard/fleet-node';
import { onceInARow } from '../onceInARow';
import { applicationKey } from '../operations/applicationTargets';
import { ROLLED_OUT } from '../operations/operationSteps';
import { WantedWorkload, WorkloadId } from './types';

/** A workload of the target that an operation may touch. */
export interface WorkloadTarget {
  id: WorkloadId;
  row: WorkloadRow;
  /** As the API server gave it. */
  object: JsonObject;
  /** What deploys it, where that is known. */
  application?: ApplicationRow;
}

/**
 * The workloads of an entity in an environment that keep pods, from memory; those that are wanted only, where any are. One that does not agree is a problem, and
 * left out.
 */
export function findWorkloadTargets(
  options: {
    entity: Entity;
    environment: string;
    wanted?: readonly WantedWorkload[];
    /** Default: all that keep pods. */
    kinds?: readonly string[];
  },
  fleet: FleetReader,
  config: SwitchyardConfig,
): { targets: WorkloadTarget[]; problems: PlanProblem[] } {
  const { entity, environment, wanted, kinds = [...ROLLED_OUT] } = options;
  const { deployments, problems: flaws } = deploymentsOf(
    entity,
    fleet,
    config,
    { wantsPods: () => false },
  );
  const here = deployments
    .filter(deployment => deployment.environment === environment)
    .flatMap(({ workloads, application }) =>
      workloads.flatMap(({ row, consent }) =>
        'desired' in row && kinds.includes(row.kind)
          ? [{ row, consent, application }]
          : [],
      ),
    );
  // A Deployment that lends a Rollout its template has no pods of its own.
  const all = here.filter(({ row }) => !isLent(row, here));
  const isMeant = (row: WorkloadRow) =>
    !wanted || wanted.some(each => isWanted(row, each));
  const problems: PlanProblem[] = (wanted ?? [])
    .filter(each => !all.some(({ row }) => isWanted(row, each)))
    .map(each => ({
      what: 'No such workload',
      why: `${stringifyEntityRef(entity)} has no ${each.kind ?? 'workload'} ${
        each.name
      } in ${environment}; there is ${
        all.map(({ row }) => titleOfWorkload(row)).join(', ') || 'none'
      }`,
      field: 'workloads',
    }));
  if (all.length === 0 && !wanted)
    problems.push({
      what: `Nothing runs in ${environment}`,
      why: `No ${kinds.join(', ')} of ${stringifyEntityRef(
        entity,
      )} is known in ${environment}${
        flaws[0] ? `. ${flaws[0].what}: ${flaws[0].why}` : ''
      }`,
    });
  const targets: WorkloadTarget[] = [];
  for (const { row, consent, application } of all) {
    if (!isMeant(row)) continue;
    const object = fleet.object({ cluster: row.cluster, uid: row.uid });
    if (!consent.given || !object)
      problems.push({
        what: consent.given ? 'Not known' : 'The target does not agree',
        why: consent.given
          ? `${titleOfWorkload(row)} is not in the portal's memory`
          : consent.why,
        ref: titleOfWorkload(row),
      });
    else targets.push({ id: toWorkloadId(row), row, object, application });
  }
  return { targets, problems };
}

/** The environments in which an entity runs, in the order of the config. */
export function environmentsWithWorkloads(
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
): string[] {
  return onceInARow({ question: 'environments', entity, fleet }, () =>
    environmentsOf(entity, fleet, config),
  );
}

/** `Deployment storefront/orders`: as facts and warnings call it. */
export function titleOfWorkload({
  kind,
  namespace,
  name,
}: Pick<WorkloadId, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace}/${name}`;
}

/**
 * The workloads and nothing else, for what lets a deploy go on: the run that deploys holds the target and the Application, and waits for this one.
 */
export function onlyWorkloadKeys(
  targets: ReadonlyArray<Pick<WorkloadTarget, 'id'>>,
): string[] {
  return targets
    .map(
      ({ id }) =>
        `workload:${id.cluster}/${id.kind}/${id.namespace}/${id.name}`,
    )
    .sort();
}

/** The keys that exclude other runs from workloads and from what deploys them. */
export function workloadKeys(
  entityRef: string,
  environment: string,
  targets: readonly WorkloadTarget[],
): string[] {
  const keys = targets.flatMap(({ application }) =>
    application ? [applicationKey(application)] : [],
  );
  return [
    ...new Set([
      `target:${entityRef}@${environment}`,
      ...onlyWorkloadKeys(targets),
      ...keys,
    ]),
  ].sort();
}

/** What of a target goes into the intent of a plan: the fact sources read it there. */
export function intentOfWorkload({ id, application }: WorkloadTarget) {
  return {
    workload: id,
    cluster: id.cluster,
    ...(application && {
      application: {
        instance: application.instance,
        namespace: application.namespace,
        name: application.name,
      },
    }),
  };
}

/** For titles: the workload by its name, or how many they are. */
export function nameWorkloads(targets: readonly WorkloadTarget[]): string {
  return targets.length === 1
    ? `${targets[0].id.kind} ${targets[0].id.name}`
    : `${targets.length} workloads`;
}

/** A number of pods in words. */
export function podCount(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`;
}

function isLent(row: WorkloadRow, all: ReadonlyArray<{ row: WorkloadRow }>) {
  return all.some(
    ({ row: { rollout, cluster, namespace } }) =>
      cluster === row.cluster &&
      namespace === row.namespace &&
      rollout?.workloadRef?.kind === row.kind &&
      rollout.workloadRef.name === row.name,
  );
}

function isWanted(row: WorkloadRow, wanted: WantedWorkload): boolean {
  return (
    row.name === wanted.name &&
    (wanted.kind === undefined || row.kind === wanted.kind) &&
    (wanted.namespace === undefined || row.namespace === wanted.namespace) &&
    (wanted.cluster === undefined || row.cluster === wanted.cluster)
  );
}

/** Names a workload in a plan. */
export function toWorkloadId({
  cluster,
  kind,
  namespace,
  name,
}: WorkloadRow): WorkloadId {
  return { cluster, kind, namespace, name };
}
