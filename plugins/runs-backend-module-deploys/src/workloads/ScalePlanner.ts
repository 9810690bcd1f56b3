import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { describePlaces } from '../operations/applicationTargets';
import { distinct, warnOfCluster } from '../operations/warnings';
import { findAutoscaler } from './autoscaling';
import { ScaleBounds } from './scaleBounds';
import { ScaleInput } from './types';
import { workloadSteps } from './workloadSteps';
import {
  environmentsWithWorkloads,
  findWorkloadTargets,
  intentOfWorkload,
  nameWorkloads,
  podCount,
  titleOfWorkload,
  workloadKeys,
  WorkloadTarget,
} from './workloadTargets';

/** Newest version of the plan's format. */
export const SCALE_PLAN_VERSION = 1;

const SCALABLE = ['Deployment', 'StatefulSet', 'Rollout'];

/**
 * Makes the plan of a change of the number of pods, within the bounds of the config. Changes nothing.
 */
export class ScalePlanner {
  readonly #fleet: FleetReader;
  readonly #config: SwitchyardConfig;
  readonly #bounds: ScaleBounds;

  static create(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
    bounds: ScaleBounds;
  }): ScalePlanner {
    return new ScalePlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
    bounds: ScaleBounds;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#bounds = options.bounds;
  }

  environments(entity: Entity): string[] {
    return environmentsWithWorkloads(entity, this.#fleet, this.#config);
  }

  async plan(request: PlanRequest<ScaleInput>): Promise<RunPlan> {
    const { entity, environment, input } = request;
    const { replicas } = input;
    const entityRef = stringifyEntityRef(entity);
    const { targets, problems: flaws } = findWorkloadTargets(
      { entity, environment, wanted: input.workloads, kinds: SCALABLE },
      this.#fleet,
      this.#config,
    );
    const problems = [
      ...this.#judgeBounds(replicas),
      ...flaws,
      ...targets.flatMap(target => this.#findProblems(target)),
    ];
    return {
      kind: 'scale',
      version: SCALE_PLAN_VERSION,
      entityRef,
      environment,
      title: describeTitle(targets, replicas),
      intent: {
        action: 'scale',
        replicas,
        targets: targets.map(intentOfWorkload),
      },
      keys: workloadKeys(entityRef, environment, targets),
      steps:
        problems.length > 0
          ? []
          : workloadSteps(targets, {
              verb: 'scale',
              title: ({ kind, name }) =>
                `Scale ${kind} ${name} to ${podCount(replicas)}`,
              handler: 'scale',
              input: ({ row }) => ({ before: row.desired, replicas }),
              replicas,
            }),
      changes: targets.map(({ id, row }) => ({
        system: 'kubernetes',
        what: `size of ${id.kind} ${id.name}`,
        ref: `${id.namespace}/${id.name}`,
        cluster: id.cluster,
        before: podCount(row.desired),
        after: podCount(replicas),
      })),
      warnings: distinct(
        targets.flatMap(target => [
          ...warnOfCluster(target.id.cluster, this.#fleet),
          ...this.#findWarnings(target, replicas),
        ]),
      ),
      problems: distinct(problems),
      undo: describeUndo(targets),
    };
  }

  #judgeBounds(replicas: number): PlanProblem[] {
    const { min, max } = this.#bounds;
    if (replicas >= min && replicas <= max) return [];
    return [
      {
        what: 'Out of bounds',
        why: `${replicas} is not between ${min} and ${max}, as switchyard.deploys.scale says`,
        field: 'replicas',
      },
    ];
  }

  #findProblems({ id, row }: WorkloadTarget): PlanProblem[] {
    const autoscaler = findAutoscaler(row, this.#fleet);
    if (autoscaler.found !== 'one') return [];
    return [
      {
        what: 'An autoscaler decides',
        why: `${
          autoscaler.name
            ? `HorizontalPodAutoscaler ${autoscaler.name}`
            : 'A HorizontalPodAutoscaler'
        } sets how many pods ${id.kind} ${id.name} in ${
          id.cluster
        } has, and would set it back; change its bounds instead`,
        ref: titleOfWorkload(id),
      },
    ];
  }

  #findWarnings(
    { id, row, application }: WorkloadTarget,
    replicas: number,
  ): Warning[] {
    const ref = titleOfWorkload(id);
    const warnings: Warning[] = [];
    if (replicas === 0 && row.desired > 0)
      warnings.push({
        what: 'Nothing runs then',
        why: `All pods of ${id.kind} ${id.name} in ${id.cluster} go`,
        ref,
      });
    if (application)
      warnings.push(
        application.autoSync.enabled && application.autoSync.selfHeal
          ? {
              what: 'Argo CD puts it back',
              why: `Application ${application.name} heals itself: where Git says how many pods there are, Argo CD sets that again within moments, and the run says so`,
              ref,
            }
          : {
              what: 'Not in Git',
              why: `Where Git says how many pods there are, Application ${application.name} is OutOfSync from now on, and its next sync puts the number back`,
              ref,
            },
      );
    if (findAutoscaler(row, this.#fleet).found === 'unknown')
      warnings.push({
        what: 'Autoscalers are not known',
        why: `The portal does not watch HorizontalPodAutoscalers in ${id.cluster}: where one is meant for ${id.name}, it sets the number back`,
        ref,
      });
    return warnings;
  }
}

function describeTitle(
  targets: readonly WorkloadTarget[],
  replicas: number,
): string {
  return `Scale ${nameWorkloads(targets)} to ${podCount(replicas)}${
    targets.length > 1 ? ' each' : ''
  } in ${describePlaces(targets.map(({ id }) => id.cluster))}`;
}

function describeUndo(targets: readonly WorkloadTarget[]): string {
  return `Scale ${targets
    .map(
      ({ id, row }) =>
        `${id.kind} ${id.name} in ${id.cluster} to ${row.desired}`,
    )
    .join(', ')}`;
}
