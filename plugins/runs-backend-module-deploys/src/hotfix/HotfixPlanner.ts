import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import {
  Change,
  PlanProblem,
  RunPlan,
} from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { GitClient } from '../git';
import { buildSteps } from './buildSteps';
import { environmentsWithApplications, findTargets } from './findTargets';
import { imageOf, planEdits, TargetEdits } from './planEdits';
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
    const images = findImages(targets, this.#registry, signal);
    const [{ problems: missing }, outcomes] = await Promise.all([
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
    const clusters = new Set(
      edits.map(
        ({ target }) =>
          target.deployment.cluster ?? target.deployment.unjoined?.destination,
      ),
    );
    const name = entity.metadata.name;
    return {
      kind: 'hotfix',
      version: HOTFIX_PLAN_VERSION,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: `Ship ${version} to ${
        clusters.size === 1 ? [...clusters][0] : `${clusters.size} clusters`
      }`,
      intent: describeIntent(version, edits),
      keys: [
        `target:${stringifyEntityRef(entity)}@${environment}`,
        ...edits.map(
          ({
            target: {
              deployment: { application },
            },
          }) =>
            `application:${application.instance}/${application.namespace}/${application.name}`,
        ),
      ].sort(),
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
    };
  }
}

function findNothingToDo(
  edits: readonly TargetEdits[],
  version: string,
): PlanProblem[] {
  if (
    edits.length === 0 ||
    edits.some(({ files }) => files.some(({ diff }) => diff !== undefined))
  )
    return [];
  return [
    {
      what: 'Nothing to change',
      why: `Git names ${version} everywhere already`,
      field: 'version',
    },
  ];
}

// Everything that is meant, nothing of what was before: the hash is taken of this.
function describeIntent(
  version: string,
  edits: readonly TargetEdits[],
): JsonObject {
  const targets = edits.map(edit => {
    const { target, repository, head, places } = edit;
    const { application, cluster, unjoined } = target.deployment;
    const files = [...new Set(places.map(({ file }) => file))]
      .sort()
      .map(file => ({
        file,
        image: imageOf(edit),
        places: places
          .filter(place => place.file === file)
          .map(({ id }) => id)
          .sort(),
      }));
    return {
      application: {
        instance: application.instance,
        namespace: application.namespace,
        name: application.name,
      },
      cluster: cluster ?? unjoined?.destination ?? null,
      repository: repository.url,
      branch: head.branch,
      files,
    };
  });
  return { action: 'hotfix', version, targets };
}

function describeChanges(edit: TargetEdits): Change[] {
  const { target, repository, files, affected } = edit;
  const { cluster, unjoined } = target.deployment;
  const where = cluster ?? unjoined?.destination;
  const after = imageOf(edit);
  return [
    ...files
      .filter(({ diff }) => diff !== undefined)
      .map(
        ({ file, diff }): Change => ({
          system: 'git',
          what: `file ${file}`,
          ref: `${repository.name}/${file}`,
          cluster: where,
          diff,
        }),
      ),
    ...affected.map(({ kind, name, container, hooks, before }): Change => {
      const isMigration = hooks.length > 0;
      return {
        system: 'kubernetes',
        what: isMigration
          ? `migration: ${hooks.join(', ')} hook ${kind} ${name}`
          : `image of ${kind} ${name}`,
        ref: `${kind}/${name}/${container}`,
        cluster: where,
        before,
        after,
      };
    }),
  ];
}
