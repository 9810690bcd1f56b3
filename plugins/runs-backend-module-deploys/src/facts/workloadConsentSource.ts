import { JsonValue } from '@backstage/types';
import {
  ConsentFact,
  FactRequest,
  FactSource,
} from '@switchyard/backstage-plugin-runs-node';
import {
  applicationsOf,
  consentOf,
  deploymentsOf,
  FleetReader,
  SwitchyardConfig,
  TargetDeployment,
  TargetWorkload,
  workloadsOf,
} from '@switchyard/fleet-node';
import { isLasting } from '../hotfix/runningObjects';
import { ROLLED_OUT } from '../operations/operationSteps';
import { WorkloadId } from '../workloads/types';
import { onceInARow } from '../onceInARow';
import { findRow } from '../workloads/findRow';
import { titleOfWorkload } from '../workloads/workloadTargets';

/**
 * Whether every workload that an action would touch agrees to be acted on by the entity, itself or through its Application. From memory.
 *
 * @param options - `shipping` are actions that touch a workload only where no Application deploys it
 */
export function createWorkloadConsentSource(options: {
  fleet: FleetReader;
  config: SwitchyardConfig;
  actions: readonly string[];
  shipping: readonly string[];
}): FactSource {
  const { fleet, config, actions, shipping } = options;
  return {
    id: 'workload-consent',
    actions: [...actions, ...shipping],
    async read(request) {
      const unknown = [...fleet.argoInstances(), ...fleet.clusters()].find(
        ({ state, asOf }) => asOf === undefined && state === 'connecting',
      );
      if (unknown)
        return {
          state: 'not-readable',
          why: `${unknown.name} has not been heard of yet`,
        };
      return {
        state: 'read',
        asOf: new Date().toISOString(),
        facts: request.plan
          ? factsOfPlan(request, fleet, config)
          : factsOfEntity(
              request,
              shipping.includes(request.action) ? isShipped : isRolledOut,
              fleet,
              config,
            ),
      };
    },
  };
}

function factsOfEntity(
  { entity, environment }: FactRequest,
  matters: (workload: TargetWorkload, deployment: TargetDeployment) => boolean,
  fleet: FleetReader,
  config: SwitchyardConfig,
): ConsentFact[] {
  return onceInARow({ question: 'deployments', entity, fleet }, () =>
    deploymentsOf(entity, fleet, config, { wantsPods: () => false }),
  )
    .deployments.filter(each => each.environment === environment)
    .flatMap(deployment =>
      deployment.workloads.filter(workload => matters(workload, deployment)),
    )
    .map(({ row, consent: { given, why } }) => ({
      type: 'consent',
      ref: titleOfWorkload(row),
      given,
      why,
    }));
}

function isRolledOut({ row }: TargetWorkload): boolean {
  return ROLLED_OUT.has(row.kind);
}

/** Whether it runs what is the version there, and stands in no Git. */
function isShipped(
  { row }: TargetWorkload,
  { application, version }: TargetDeployment,
): boolean {
  return (
    application === undefined &&
    isLasting(row) &&
    row.containers.some(container =>
      version.images.some(({ image }) => image === container.image),
    )
  );
}

/** A plan's workload that is gone cannot agree. */
function factsOfPlan(
  { entity, plan }: FactRequest,
  fleet: FleetReader,
  config: SwitchyardConfig,
): ConsentFact[] {
  const { applications } = applicationsOf(entity, fleet);
  const { managedBy } = workloadsOf(entity, fleet, config, applications);
  return plannedWorkloads(plan).map(workload => {
    const row = findRow(workload, fleet);
    const { given, why } = row
      ? consentOf(
          entity,
          {
            type: 'workload',
            workload: row,
            applications: managedBy.get(`${row.cluster}/${row.uid}`),
          },
          config,
        )
      : {
          given: false,
          why: `Cluster ${workload.cluster} no longer has it, or does not let the portal see it`,
        };
    return { type: 'consent', ref: titleOfWorkload(workload), given, why };
  });
}

/** Workloads that a plan names, as they were when it was made. */
export function plannedWorkloads(plan: FactRequest['plan']): WorkloadId[] {
  const targets = plan?.intent.targets;
  if (!Array.isArray(targets)) return [];
  return targets.flatMap((target: JsonValue) => {
    const workload = (target as { workload?: WorkloadId } | null)?.workload;
    return workload ? [workload] : [];
  });
}
