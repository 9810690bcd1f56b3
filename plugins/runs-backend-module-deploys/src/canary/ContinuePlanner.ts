import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { PlanProblem, RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { describePlaces, uniqueNames } from '../operations/applicationTargets';
import { distinct, warnOfCluster } from '../operations/warnings';
import {
  onlyWorkloadKeys,
  titleOfWorkload,
} from '../workloads/workloadTargets';
import { findWaitingApprovals, WaitingApproval } from './approvalJobs';
import { ContinueStepInput } from './types';

/** Newest version of the plan's format. */
export const CONTINUE_PLAN_VERSION = 1;

const HOUR_MS = 60 * 60_000;

/**
 * Makes the plan that lets Argo CD go on from a canary to the rest. Changes nothing.
 */
export class ContinuePlanner {
  readonly #fleet: FleetReader;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
  }): ContinuePlanner {
    return new ContinuePlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
  }

  /** Those in which a canary waits now. */
  environments(entity: Entity): string[] {
    return [
      ...new Set(
        findWaitingApprovals(entity, this.#fleet, this.#config).map(
          ({ environment }) => environment,
        ),
      ),
    ];
  }

  async plan(request: PlanRequest<JsonObject>): Promise<RunPlan> {
    const { entity, environment } = request;
    const entityRef = stringifyEntityRef(entity);
    const waiting = findWaitingApprovals(
      entity,
      this.#fleet,
      this.#config,
    ).filter(each => each.environment === environment);
    const targets = waiting.filter(({ consent }) => consent.given);
    const problems: PlanProblem[] = waiting
      .filter(({ consent }) => !consent.given)
      .map(({ id, consent }) => ({
        what: 'The target does not agree',
        why: consent.why,
        ref: titleOfWorkload(id),
      }));
    if (waiting.length === 0)
      problems.push({
        what: 'No canary waits',
        why: `No Job of ${entityRef} in ${environment} waits for approval now`,
      });
    return {
      kind: 'continue-canary',
      version: CONTINUE_PLAN_VERSION,
      entityRef,
      environment,
      title: `Continue the canary in ${describePlaces(
        targets.map(({ id }) => id.cluster),
      )}`,
      intent: {
        action: 'continue-canary',
        targets: targets.map(({ id, row, application }) => ({
          workload: id,
          cluster: id.cluster,
          uid: row.uid,
          ...(application && {
            application: {
              instance: application.instance,
              namespace: application.namespace,
              name: application.name,
            },
          }),
        })),
      },
      keys: onlyWorkloadKeys(targets),
      steps: problems.length > 0 ? [] : buildSteps(targets),
      changes: targets.map(({ id, about, application }) => ({
        system: 'kubernetes',
        what: `Job ${id.name}`,
        ref: `${id.namespace}/${id.name}`,
        cluster: id.cluster,
        before: ['waits for approval', about].filter(Boolean).join(': '),
        after: application
          ? `approved: Argo CD goes on with ${application.name}`
          : 'approved',
      })),
      warnings: distinct(
        targets.flatMap(({ id }) => warnOfCluster(id.cluster, this.#fleet)),
      ),
      problems: distinct(problems),
      undo: 'Ship the version before: what comes after the canary begins at once',
    };
  }
}

function buildSteps(targets: readonly WaitingApproval[]): RunPlan['steps'] {
  const names = uniqueNames(
    targets.map(({ id }) => `${id.name}.${id.cluster}`),
  );
  return targets.flatMap(({ id, row }, index) => {
    const input: ContinueStepInput = { workload: id, uid: row.uid };
    const shared = {
      input,
      timeoutMs: HOUR_MS / 2,
      maxAttempts: 10,
      cluster: id.cluster,
    };
    return [
      {
        id: `continue.${names[index]}`,
        title: `Approve Job ${id.name}`,
        handler: 'continue-canary',
        needs: [],
        effect: 'adoptable' as const,
        ...shared,
      },
      {
        id: `approved.${names[index]}`,
        title: `Job ${id.name} has ended, so that Argo CD goes on`,
        handler: 'canary-continued',
        needs: [`continue.${names[index]}`],
        effect: 'none' as const,
        // It only waits; whoever has seen it end may go on without it.
        skippable: true,
        ...shared,
      },
    ];
  });
}
