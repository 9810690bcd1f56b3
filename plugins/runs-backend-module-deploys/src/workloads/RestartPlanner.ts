import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { describePlaces } from '../operations/applicationTargets';
import { distinct, warnOfCluster } from '../operations/warnings';
import { findStandingPods, warnOfReplacement } from './replacement';
import { RestartInput } from './types';
import { workloadSteps } from './workloadSteps';
import {
  environmentsWithWorkloads,
  findWorkloadTargets,
  intentOfWorkload,
  nameWorkloads,
  podCount,
  workloadKeys,
  WorkloadTarget,
} from './workloadTargets';

/** Newest version of the plan's format. */
export const RESTART_PLAN_VERSION = 1;

/**
 * Makes the plan of a restart: which pods are replaced, and what that costs. Changes nothing.
 */
export class RestartPlanner {
  readonly #fleet: FleetReader;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
  }): RestartPlanner {
    return new RestartPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
  }

  environments(entity: Entity): string[] {
    return environmentsWithWorkloads(entity, this.#fleet, this.#config);
  }

  async plan(request: PlanRequest<RestartInput>): Promise<RunPlan> {
    const { entity, environment, input } = request;
    const entityRef = stringifyEntityRef(entity);
    const { targets, problems: flaws } = findWorkloadTargets(
      { entity, environment, wanted: input.workloads },
      this.#fleet,
      this.#config,
    );
    const problems = [...flaws, ...targets.flatMap(findStandingPods)];
    return {
      kind: 'restart',
      version: RESTART_PLAN_VERSION,
      entityRef,
      environment,
      title: describeTitle(targets),
      intent: { action: 'restart', targets: targets.map(intentOfWorkload) },
      keys: workloadKeys(entityRef, environment, targets),
      steps:
        problems.length > 0
          ? []
          : workloadSteps(targets, {
              verb: 'restart',
              title: ({ kind, name }) => `Restart ${kind} ${name}`,
              handler: 'restart',
            }),
      changes: targets.map(({ id, row }) => ({
        system: 'kubernetes',
        what: `pods of ${id.kind} ${id.name}`,
        ref: `${id.namespace}/${id.name}`,
        cluster: id.cluster,
        before: podCount(row.desired),
        after: 'new ones of the same version',
      })),
      warnings: distinct(
        targets.flatMap(target => [
          ...warnOfCluster(target.id.cluster, this.#fleet),
          ...warnOfReplacement(target),
        ]),
      ),
      problems: distinct(problems),
      undo: 'Nothing of what is wanted changes, so there is nothing to take back',
    };
  }
}

function describeTitle(targets: readonly WorkloadTarget[]): string {
  return `Restart ${nameWorkloads(targets)} in ${describePlaces(
    targets.map(({ id }) => id.cluster),
  )}`;
}
