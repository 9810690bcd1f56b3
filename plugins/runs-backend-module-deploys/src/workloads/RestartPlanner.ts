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
import { RestartInput } from './types';
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
    const problems = [...flaws, ...targets.flatMap(findProblems)];
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
          ...findWarnings(target),
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

function findProblems({ id, object }: WorkloadTarget): PlanProblem[] {
  const spec = specOf(object);
  if (id.kind === 'Deployment' && spec.paused === true)
    return [
      {
        what: 'The Deployment is paused',
        why: `Kubernetes makes no new pods of ${id.name} in ${id.cluster} until somebody resumes it`,
        ref: titleOfWorkload(id),
      },
    ];
  if (spec.updateStrategy?.type === 'OnDelete')
    return [
      {
        what: 'Pods are replaced by hand',
        why: `The updateStrategy of ${id.kind} ${id.name} in ${id.cluster} is OnDelete: its pods are made anew only where somebody deletes them`,
        ref: titleOfWorkload(id),
      },
    ];
  return [];
}

function findWarnings({ id, row, object }: WorkloadTarget): Warning[] {
  const spec = specOf(object);
  const ref = titleOfWorkload(id);
  const warnings: Warning[] = [];
  if (row.desired === 0)
    warnings.push({
      what: 'Nothing runs',
      why: `${id.kind} ${id.name} in ${id.cluster} has no pods, and gets none by this`,
      ref,
    });
  else if (isAwayMeanwhile(id.kind, row.desired, spec))
    warnings.push({
      what: 'Down for a while',
      why: `The old pods of ${id.name} in ${id.cluster} go before new ones are ready`,
      ref,
    });
  if (row.updated < row.desired || row.unavailable > 0)
    warnings.push({
      what: 'Not at rest',
      why: `Of ${id.kind} ${id.name} in ${id.cluster} ${Math.min(
        row.updated,
        row.available,
      )} of ${
        row.desired
      } pods are ready; a rollout that is under way begins over`,
      ref,
    });
  if (row.rollout?.workloadRef === undefined && spec.partition > 0)
    warnings.push({
      what: 'Some pods stay',
      why: `The partition of StatefulSet ${id.name} in ${id.cluster} keeps pods below number ${spec.partition} as they are`,
      ref,
    });
  return warnings;
}

/** What is read of a spec; other fields do not matter here. */
interface RestartedSpec {
  paused?: unknown;
  updateStrategy?: { type?: string };
  isRecreated: boolean;
  /** Pods of a StatefulSet with a lower number are not touched. */
  partition: number;
}

function specOf(object: WorkloadTarget['object']): RestartedSpec {
  const spec = (object as { spec?: any }).spec ?? {};
  return {
    paused: spec.paused,
    updateStrategy: spec.updateStrategy,
    isRecreated: spec.strategy?.type === 'Recreate',
    partition: Number(spec.updateStrategy?.rollingUpdate?.partition ?? 0),
  };
}

function isAwayMeanwhile(
  kind: string,
  desired: number,
  { isRecreated }: RestartedSpec,
): boolean {
  if (kind === 'Deployment') return isRecreated;
  // Each pod of these goes before another takes its place.
  return desired === 1 && (kind === 'StatefulSet' || kind === 'Rollout');
}
