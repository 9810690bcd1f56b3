import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { PlanProblem, RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { GitClient } from '../git';
import { buildSteps } from './buildSteps';
import {
  changesFiles,
  describeChanges,
  describeClusters,
  describeTargets,
  keysOf,
} from './describeEdits';
import { environmentsWithApplications } from '../operations/applicationsByEnvironment';
import { findTargets } from './findTargets';
import { planEdits, TargetEdits } from './planEdits';
import { findSharedFiles } from './sharedFiles';
import { HotfixInput } from './types';
import { findImages, findLeftOut, findWarnings } from './warnings';

/** Newest version of the plan's format. */
export const HOTFIX_PLAN_VERSION = 1;

/**
 * Makes the plan of a hotfix: what is in Git, what the registry has, and what the fleet knows, put together. Changes nothing.
 */
export class HotfixPlanner {
  readonly #fleet: FleetReader;
  readonly #git: GitClient;
  readonly #registry: RegistryClient;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader;
    git: GitClient;
    registry: RegistryClient;
    config: SwitchyardConfig;
  }): HotfixPlanner {
    return new HotfixPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader;
    git: GitClient;
    registry: RegistryClient;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#git = options.git;
    this.#registry = options.registry;
    this.#config = options.config;
  }

  environments(entity: Entity): string[] {
    return environmentsWithApplications(entity, this.#fleet, this.#config);
  }

  async plan(request: PlanRequest<HotfixInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const { version } = input;
    const { targets, problems, withoutApplication } = findTargets(
      { entity, environment, version },
      this.#fleet,
      this.#config,
    );
    const images = findImages(targets, this.#registry, { signal });
    const [{ problems: missing, builtAt }, outcomes] = await Promise.all([
      images,
      Promise.all(
        targets.map(target =>
          planEdits(target, this.#git, {
            digest: async () => (await images).digestOf(target),
            signal,
          }),
        ),
      ),
    ]);
    const edits = outcomes.flatMap(outcome =>
      outcome.found ? [outcome.edits] : [],
    );
    const all: PlanProblem[] = [
      ...problems,
      ...findLeftOut(targets, withoutApplication),
      ...missing,
      ...outcomes.flatMap(outcome => (outcome.found ? [] : outcome.problems)),
      ...findSharedFiles(edits, this.#fleet.applications({}), this.#git),
      ...findNothingToDo(edits, version),
    ];
    const name = entity.metadata.name;
    return {
      kind: 'hotfix',
      version: HOTFIX_PLAN_VERSION,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: `Ship ${version} to ${describeClusters(edits)}`,
      intent: { action: 'hotfix', version, targets: describeTargets(edits) },
      keys: keysOf(request, edits),
      // A plan with a problem is never carried out; steps for a part of the targets would only mislead.
      steps:
        all.length > 0
          ? []
          : buildSteps({
              edits,
              subject: `Ship ${version} of ${name} to ${environment}`,
            }),
      changes: edits.flatMap(describeChanges),
      warnings: findWarnings(
        { version, targets, withoutApplication },
        this.#fleet,
      ),
      problems: all,
      committedAt: builtAt,
    };
  }
}

function findNothingToDo(
  edits: readonly TargetEdits[],
  version: string,
): PlanProblem[] {
  if (edits.length === 0 || edits.some(changesFiles)) return [];
  return [
    {
      what: 'Nothing to change',
      why: `Git names ${version} everywhere already`,
      field: 'version',
    },
  ];
}
