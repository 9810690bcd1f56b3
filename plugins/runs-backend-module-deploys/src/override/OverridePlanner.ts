import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import {
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  FleetReader,
  FleetService,
  migrationHooksOf,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { findMaker } from '../argocd/findMaker';
import { GitClient, GitError } from '../git';
import { findTargets, HotfixTarget } from '../hotfix/findTargets';
import { locateImage } from '../hotfix/planEdits';
import { runningObjects } from '../hotfix/runningObjects';
import { findImages, findLeftOut, warnOfAutoSync } from '../hotfix/warnings';
import { environmentsWithApplications } from '../operations/applicationsByEnvironment';
import {
  applicationKey,
  describePlaces,
  intentOf,
  titleOf,
  toApplicationTarget,
} from '../operations/applicationTargets';
import { readApplication } from '../operations/readApplication';
import { distinct, warnOfApplications } from '../operations/warnings';
import { FoundPlace, findPlace } from './findPlace';
import {
  describeEntry,
  describePlace,
  entryAt,
  isSameEntry,
} from './imageOverride';
import { overrideSteps, PlannedOverride } from './overridePlanSteps';
import { OverrideInput } from './types';

/** Newest version of the plan's format. */
export const OVERRIDE_PLAN_VERSION = 1;

/**
 * Makes the plan of a version that is set in the Applications themselves, where the portal cannot change their Git. Changes nothing.
 */
export class OverridePlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #git: GitClient;
  readonly #registry: RegistryClient;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    git: GitClient;
    registry: RegistryClient;
    config: SwitchyardConfig;
  }): OverridePlanner {
    return new OverridePlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
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

  async plan(request: PlanRequest<OverrideInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const { version } = input;
    const { targets, problems, withoutApplication } = findTargets(
      { entity, environment, version },
      this.#fleet,
      this.#config,
    );
    const [images, looks] = await Promise.all([
      findImages(targets, this.#registry, { signal }),
      Promise.all(targets.map(target => this.#look(target, version, signal))),
    ]);
    const overrides = looks.flatMap(look => ('entry' in look ? [look] : []));
    const all = distinct<PlanProblem>([
      ...problems,
      ...(targets.length === 0 && problems.length === 0
        ? [
            {
              what: 'Not deployed by Argo CD',
              why: 'No Application deploys what runs here: a hotfix sets the image on the objects',
            },
          ]
        : []),
      ...findLeftOut(targets, withoutApplication),
      ...images.problems,
      ...looks.flatMap(look => ('entry' in look ? [] : [look.problem])),
      ...(overrides.length > 0 && overrides.every(isSet)
        ? [
            {
              what: 'Nothing to change',
              why: `${version} is set in every Application already`,
              field: 'version',
            },
          ]
        : []),
    ]);
    const places = overrides.map(({ target }) => target.place);
    const entityRef = stringifyEntityRef(entity);
    return {
      kind: 'override',
      version: OVERRIDE_PLAN_VERSION,
      entityRef,
      environment,
      title: `Override with ${version} in ${describePlaces(places)}`,
      intent: {
        action: 'override',
        version,
        targets: overrides.map(({ target, place, entry }) => ({
          ...intentOf(target),
          place,
          entry,
        })),
      },
      keys: [
        `target:${entityRef}@${environment}`,
        ...overrides.map(({ target }) => applicationKey(target.id)),
      ].sort(),
      steps: all.length > 0 ? [] : overrideSteps(overrides, version),
      changes: overrides.flatMap(describeChanges),
      warnings: distinct([
        ...overrides.flatMap(findWarnings),
        ...warnOfApplications(
          overrides.map(({ target }) => target),
          this.#fleet,
        ),
      ]),
      problems: all,
      undo: 'Remove override: what Git says is deployed again',
    };
  }

  async #look(
    target: HotfixTarget,
    version: string,
    signal: AbortSignal,
  ): Promise<PlannedOverride | { problem: PlanProblem }> {
    const { application } = target.deployment;
    const ref = titleOf(application);
    const read = await readApplication(this.#fleet, application, {
      unknown: 'What can be overridden',
      signal,
    });
    if ('problem' in read) return read;
    const { full } = read;
    const maker = findMaker(full, application, this.#fleet);
    if (maker)
      return {
        problem: {
          what: 'The Application is generated',
          why: `${maker} makes ${application.name}, and would take the override away again; change it there`,
          ref,
        },
      };
    const found = findPlace(target, full);
    if ('problem' in found) return found;
    const name = await this.#findPushable(target, signal);
    if (name !== undefined)
      return {
        problem: {
          what: 'Git can be changed',
          why: `The portal may push to ${name}, which names the image of ${application.name}: ship it by a hotfix, which Git remembers`,
          ref,
        },
      };
    return describe(target, full, found, version);
  }

  /** The repository that a hotfix would change, if it could. */
  async #findPushable(
    target: HotfixTarget,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const located = await locateImage(target, this.#git, { signal });
    if (!located.found) return undefined;
    const { repository, head } = located.image;
    try {
      await repository.checkWriteAccess(head.branch, { signal });
      return repository.name;
    } catch (error) {
      if (signal.aborted || !(error instanceof GitError)) throw error;
      return undefined;
    }
  }
}

function describe(
  target: HotfixTarget,
  full: Application,
  { place, entry }: FoundPlace,
  version: string,
): PlannedOverride {
  const { deployment, wanted, tag } = target;
  return {
    target: toApplicationTarget(deployment),
    place,
    entry,
    before: entryAt(full, place),
    was: deployment.version.version ?? null,
    version,
    full,
    image: `${wanted.repository}:${tag}`,
    objects: runningObjects(target),
  };
}

function isSet({ before, entry, was, version }: PlannedOverride): boolean {
  return isSameEntry(before, entry) && was === version;
}

function describeChanges({
  target,
  place,
  before,
  entry,
  objects,
  image,
}: PlannedOverride) {
  const { name } = target.id;
  return [
    {
      system: 'argocd',
      what: `${describePlace(place)} of Application ${name}`,
      ref: name,
      cluster: target.place,
      before: describeEntry(before),
      after: describeEntry(entry),
    },
    ...objects.map(object => ({
      system: 'kubernetes',
      what: `image of ${object.kind} ${object.name}`,
      ref: `${object.kind}/${object.name}/${object.container}`,
      cluster: target.place,
      before: object.before,
      after: image,
    })),
  ];
}

function findWarnings({
  target,
  full,
  place,
  before,
}: PlannedOverride): Warning[] {
  const { application } = target.deployment;
  const ref = titleOf(application);
  const [hook] = migrationHooksOf(full.status?.operationState ?? {});
  return [
    {
      what: 'Git says something else',
      why: `The version of ${application.name} stands in Argo CD only: what Git says of it does not count until somebody removes the override, and whoever makes the Application anew loses it`,
      ref,
    },
    ...(place.tool === 'kustomize' && before === null
      ? [
          {
            what: 'The name is a guess',
            why: `What runs calls the image ${place.name}. Where the kustomization of ${application.name} gives it that name itself, the override changes nothing, and the run waits in vain`,
            ref,
          },
        ]
      : []),
    ...(hook
      ? [
          {
            what: 'The migration runs',
            why: `${application.name} runs its migration ${hook.name} with the version, as with each sync`,
            ref,
          },
        ]
      : []),
    ...warnOfAutoSync(target.deployment, 'the override is set'),
  ];
}
