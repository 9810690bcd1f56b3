import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { PlanProblem, RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import {
  deploymentsOf,
  FleetReader,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { describePlaces } from '../operations/applicationTargets';
import { distinct, warnOfCluster } from '../operations/warnings';
import { workloadSteps } from '../workloads/workloadSteps';
import {
  findWorkloadTargets,
  intentOfWorkload,
  nameWorkloads,
  titleOfWorkload,
  onlyWorkloadKeys,
  WorkloadTarget,
} from '../workloads/workloadTargets';
import { describeRollout, RolloutWords } from './describeRollout';
import { readRollout, RolloutStand } from './readRollout';
import { RolloutInput, RolloutVerb, SeenRollout } from './types';
import { ROLLOUT_VERBS } from './verbs';

/** Newest version of the plans' format. */
export const ROLLOUT_PLAN_VERSION = 1;

/** A Rollout of the target, and where it stands. */
interface RolloutTarget extends WorkloadTarget {
  stand: RolloutStand;
  words: RolloutWords;
}

/**
 * Makes the plans of what can be asked of Argo Rollouts. Where a Rollout stands is part of the intent: once it has moved on, what was approved is another plan.
 * Changes nothing.
 */
export class RolloutPlanner {
  readonly #fleet: FleetReader;
  readonly #config: SwitchyardConfig;

  #asked?: { entity: Entity; environments: string[] };

  static create(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
  }): RolloutPlanner {
    return new RolloutPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#config = options.config;
  }

  /** Those in which the entity has a Rollout. */
  environments(entity: Entity): string[] {
    // Asked for each action in turn, of one entity.
    if (this.#asked?.entity !== entity) {
      this.#asked = { entity, environments: this.#findEnvironments(entity) };
      queueMicrotask(() => (this.#asked = undefined));
    }
    return this.#asked.environments;
  }

  /**
   * @param request.verb - what is asked for
   * @param request.kind - the action kind whose plan it is
   */
  async plan(
    request: PlanRequest<RolloutInput> & { verb: RolloutVerb; kind: string },
  ): Promise<RunPlan> {
    const { entity, environment, input, verb, kind } = request;
    const rule = ROLLOUT_VERBS[verb];
    const entityRef = stringifyEntityRef(entity);
    const found = this.#findTargets(request);
    const refusals = found.all.flatMap((target): PlanProblem[] => {
      const why = this.#refuse(target, verb);
      return why === undefined
        ? []
        : [
            {
              what: `Nothing to ${rule.word}`,
              why: `Rollout ${target.id.name} in ${target.id.cluster} ${why}`,
              ref: titleOfWorkload(target.id),
            },
          ];
    });
    const targets = found.all.filter(
      target => this.#refuse(target, verb) === undefined,
    );
    // Who names none means those of which it can be asked.
    const problems = [
      ...found.problems,
      ...(input.workloads || targets.length === 0 ? refusals : []),
    ];
    return {
      kind,
      version: ROLLOUT_PLAN_VERSION,
      entityRef,
      environment,
      title: describeTitle(rule.word, targets),
      intent: {
        action: kind,
        verb,
        targets: targets.map(target => ({
          ...intentOfWorkload(target),
          seen: seenOf(target, verb),
        })),
      },
      keys: onlyWorkloadKeys(targets),
      steps:
        problems.length > 0
          ? []
          : workloadSteps(targets, {
              verb,
              title: ({ name }) => `${capitalize(rule.word)} Rollout ${name}`,
              handler: 'rollout-verb',
              input: target => ({
                verb,
                seen: seenOf(target as RolloutTarget, verb),
              }),
              follow: {
                id: 'reached',
                title: ({ name }) => describeGoal(verb, name),
                handler: 'rollout-reached',
              },
            }),
      changes: targets.map(({ id, words }) => ({
        system: 'kubernetes',
        what: `Rollout ${id.name}`,
        ref: `${id.namespace}/${id.name}`,
        cluster: id.cluster,
        before: words.now,
        after: words.after(verb),
      })),
      warnings: distinct(
        targets.flatMap(target => [
          ...warnOfCluster(target.id.cluster, this.#fleet),
          ...target.words.warnings(verb).map(warning => ({
            ...warning,
            ref: titleOfWorkload(target.id),
          })),
        ]),
      ),
      problems: distinct(problems),
      undo: describeUndo(verb),
    };
  }

  #findEnvironments(entity: Entity): string[] {
    const { deployments } = deploymentsOf(entity, this.#fleet, this.#config, {
      wantsPods: () => false,
    });
    return [
      ...new Set(
        deployments
          .filter(({ workloads }) =>
            workloads.some(({ row }) => row.kind === 'Rollout'),
          )
          .map(({ environment }) => environment),
      ),
    ];
  }

  #findTargets(request: {
    entity: Entity;
    environment: string;
    input: RolloutInput;
  }): { all: RolloutTarget[]; problems: PlanProblem[] } {
    const { entity, environment, input } = request;
    const { targets, problems } = findWorkloadTargets(
      { entity, environment, wanted: input.workloads, kinds: ['Rollout'] },
      this.#fleet,
      this.#config,
    );
    return {
      all: targets.map(target => {
        const stand = readRollout(target.object);
        const words = describeRollout({
          entity,
          row: target.row,
          stand,
          fleet: this.#fleet,
        });
        return { ...target, stand, words };
      }),
      problems,
    };
  }

  #refuse(
    { row, stand }: RolloutTarget,
    verb: RolloutVerb,
  ): string | undefined {
    const { observedGeneration, generation } = row;
    // Early releases of Argo Rollouts wrote no number there.
    const isSeen = observedGeneration === 0 || observedGeneration >= generation;
    if (!isSeen || stand.hash === undefined)
      return 'was changed a moment ago, and Argo Rollouts has not looked at it yet';
    return ROLLOUT_VERBS[verb].refuse(stand);
  }
}

function seenOf({ stand }: RolloutTarget, verb: RolloutVerb): SeenRollout {
  return { hash: stand.hash!, ...ROLLOUT_VERBS[verb].seen(stand) };
}

function describeTitle(
  word: string,
  targets: readonly WorkloadTarget[],
): string {
  return `${capitalize(word)} ${nameWorkloads(targets)} in ${describePlaces(
    targets.map(({ id }) => id.cluster),
  )}`;
}

function describeGoal(verb: RolloutVerb, name: string): string {
  switch (verb) {
    case 'promote-full':
      return `Rollout ${name} is through`;
    case 'abort':
      return `Rollout ${name} is back on its stable version`;
    case 'pause':
      return `Rollout ${name} stands still`;
    case 'resume':
      return `Rollout ${name} goes on`;
    default:
      return `Rollout ${name} waits again, or is through`;
  }
}

function describeUndo(verb: RolloutVerb): string {
  switch (verb) {
    case 'abort':
      return 'Retry the rollout: it begins again from its first step';
    case 'pause':
      return 'Resume the rollout';
    case 'resume':
      return 'Pause the rollout';
    case 'promote-full':
      return 'Once it is through: ship the version before';
    default:
      return 'Abort the rollout, until it is through: the stable version takes all traffic again';
  }
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
