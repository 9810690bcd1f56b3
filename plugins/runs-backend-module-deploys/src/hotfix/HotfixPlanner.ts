import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { PlanProblem, RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import {
  readOverride,
  RegistryClient,
} from '@switchyard/backstage-plugin-deploys-node';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { Forges, PullRequestPolicy } from '../forge';
import { GitClient } from '../git';
import {
  changesImages,
  describeImages,
  describeUndo,
  ImageChange,
  intentOfImages,
  planImageChanges,
  warnOfImages,
  warnOfOlderImages,
} from '../images/changeImages';
import {
  findImageWorkloads,
  ImageWorkload,
} from '../images/findImageWorkloads';
import { describePlaces, titleOf } from '../operations/applicationTargets';
import {
  environmentsWithWorkloads,
  onlyWorkloadKeys,
} from '../workloads/workloadTargets';
import { buildSteps } from './buildSteps';
import {
  changesFiles,
  describeChanges,
  describeTargets,
  keysOf,
  placesOf,
} from './describeEdits';
import { findPullRequests } from './findPullRequests';
import { findTargets, HotfixTarget } from './findTargets';
import { planEdits, TargetEdits } from './planEdits';
import { findSharedFiles } from './sharedFiles';
import { HotfixInput } from './types';
import { findImages, findWarnings, WantedVersion } from './warnings';

/** What is said where the version is there already. */
export const NOTHING_TO_CHANGE = 'Nothing to change';

/** Versions of the plan's format, newest last: 2 can set images on objects. */
export const HOTFIX_PLAN_VERSIONS = [1, 2];

/**
 * Makes the plan of a hotfix: what is in Git, what the registry has, and what the fleet knows, put together. Changes nothing.
 */
export class HotfixPlanner {
  readonly #fleet: FleetReader;
  readonly #git: GitClient;
  readonly #registry: RegistryClient;
  readonly #config: SwitchyardConfig;
  readonly #ways: { forges: Forges; pullRequests: PullRequestPolicy };

  static create(options: {
    fleet: FleetReader;
    git: GitClient;
    registry: RegistryClient;
    config: SwitchyardConfig;
    forges: Forges;
    pullRequests: PullRequestPolicy;
  }): HotfixPlanner {
    return new HotfixPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader;
    git: GitClient;
    registry: RegistryClient;
    config: SwitchyardConfig;
    forges: Forges;
    pullRequests: PullRequestPolicy;
  }) {
    this.#fleet = options.fleet;
    this.#git = options.git;
    this.#registry = options.registry;
    this.#config = options.config;
    this.#ways = options;
  }

  environments(entity: Entity): string[] {
    return environmentsWithWorkloads(entity, this.#fleet, this.#config);
  }

  async plan(request: PlanRequest<HotfixInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const { version } = input;
    const { targets, problems, withoutApplication } = findTargets(
      { entity, environment, version },
      this.#fleet,
      this.#config,
    );
    const loose = findImageWorkloads(
      {
        entity,
        deployments: withoutApplication,
        beside: targets.map(({ wanted }) => wanted),
      },
      this.#fleet,
      this.#config,
    );
    const images = findImages(
      [...targets, ...loose.workloads.map(each => wantedOf(each, version))],
      this.#registry,
      { signal },
    );
    const [{ problems: missing, builtAt, digestOf }, outcomes] =
      await Promise.all([
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
    const { changes, problems: flaws } = planImageChanges(
      loose.workloads.map(workload => {
        const wanted = wantedOf(workload, version);
        const digest = digestOf(wanted);
        return { workload, version, image: { tag: wanted.tag, digest } };
      }),
    );
    const pullRequests = findPullRequests(edits, environment, this.#ways);
    const all: PlanProblem[] = [
      ...problems,
      ...targets.flatMap(findOverride),
      ...loose.problems,
      ...missing,
      ...outcomes.flatMap(outcome => (outcome.found ? [] : outcome.problems)),
      // That a digest is not known is said already.
      ...(missing.length > 0 ? [] : flaws),
      ...findSharedFiles(edits, this.#fleet.applications({}), this.#git),
      ...pullRequests.problems,
      ...findNothingToDo(edits, changes, version),
    ];
    const name = entity.metadata.name;
    return {
      kind: 'hotfix',
      version: HOTFIX_PLAN_VERSIONS.at(-1)!,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: `Ship ${version} to ${describePlaces([
        ...placesOf(edits),
        ...changes.map(({ workload }) => workload.id.cluster),
      ])}`,
      intent: {
        action: 'hotfix',
        version,
        targets: [...describeTargets(edits), ...intentOfImages(changes)],
      },
      keys: [
        ...keysOf(request, edits),
        ...onlyWorkloadKeys(changes.map(({ workload }) => workload)),
      ].sort(),
      // A plan with a problem is never carried out; steps for a part of the targets would only mislead.
      steps:
        all.length > 0
          ? []
          : buildSteps({
              edits,
              subject: `Ship ${version} of ${name} to ${environment}`,
              images: changes,
              pullRequests,
            }),
      changes: [...edits.flatMap(describeChanges), ...describeImages(changes)],
      warnings: [
        ...pullRequests.warnings,
        ...findWarnings({ version, targets }, this.#fleet),
        ...warnOfOlderImages(changes),
        ...warnOfImages(changes, this.#fleet),
        ...loose.warnings,
      ],
      problems: all,
      ...(changes.length > 0 && { undo: describeUndo(changes) }),
      committedAt: builtAt,
    };
  }
}

/** A version in the Application itself wins over Git: a commit would change nothing. */
function findOverride({
  deployment: { application },
}: HotfixTarget): PlanProblem[] {
  const mark = readOverride(application.annotations);
  if (!mark) return [];
  return [
    {
      what: 'Overridden in Argo CD',
      why: `Run #${mark.number} has set ${mark.version} in ${application.name}, which wins over Git; remove the override first`,
      ref: titleOf(application),
    },
  ];
}

function wantedOf({ wanted }: ImageWorkload, version: string): WantedVersion {
  return { wanted, tag: `${wanted.tagPrefix}${version}` };
}

function findNothingToDo(
  edits: readonly TargetEdits[],
  changes: readonly ImageChange[],
  version: string,
): PlanProblem[] {
  const isNone = edits.length === 0 && changes.length === 0;
  if (isNone || edits.some(changesFiles) || changes.some(changesImages))
    return [];
  return [
    {
      what: NOTHING_TO_CHANGE,
      why:
        edits.length > 0
          ? `Git names ${version} everywhere already`
          : `${version} is set everywhere already`,
      field: 'version',
    },
  ];
}
