import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import {
  PlannedStep,
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ChoicesRequest,
  PlanRequest,
} from '@switchyard/backstage-plugin-runs-node';
import {
  FleetReader,
  FleetService,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { Forges, PullRequestPolicy } from '../forge';
import { GitClient, GitError } from '../git';
import { buildSteps } from '../hotfix/buildSteps';
import {
  changesFiles,
  describeChanges,
  describeClusters,
  describeTargets,
  keysOf,
} from '../hotfix/describeEdits';
import { findImageTargets, ImageTarget } from '../hotfix/findTargets';
import { editImage, locateImage, TargetEdits } from '../hotfix/planEdits';
import { findSharedFiles } from '../hotfix/sharedFiles';
import { findPullRequests } from '../hotfix/findPullRequests';
import { findImages, findLeftOut } from '../hotfix/warnings';
import { titleOf } from '../operations/applicationTargets';
import { readApplication } from '../operations/readApplication';
import { distinct } from '../operations/warnings';
import { environmentsWithWorkloads } from '../workloads/workloadTargets';
import { describeChoices } from './describeChoices';
import { describeHold, holdStep } from './hold';
import { readPast } from './readPast';
import { LookedBack, RollbackInput } from './types';
import { Chosen, findRollbackWarnings, warnOfMovedTag } from './warnings';

/** Versions of the plan's format, newest last: 2 can set images on objects. */
export const ROLLBACK_PLAN_VERSIONS = [1, 2];

/**
 * Makes the plan of a rollback: what Argo CD has deployed so far, and what Git named then, put back by a commit. Changes nothing.
 */
export class RollbackPlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #git: GitClient;
  readonly #registry: RegistryClient;
  readonly #config: SwitchyardConfig;
  readonly #ways: { forges: Forges; pullRequests: PullRequestPolicy };
  readonly #holds: boolean;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    git: GitClient;
    registry: RegistryClient;
    config: SwitchyardConfig;
    forges: Forges;
    pullRequests: PullRequestPolicy;
    /** Whether the target is locked afterwards. */
    holds: boolean;
  }): RollbackPlanner {
    return new RollbackPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    git: GitClient;
    registry: RegistryClient;
    config: SwitchyardConfig;
    forges: Forges;
    pullRequests: PullRequestPolicy;
    /** Whether the target is locked afterwards. */
    holds: boolean;
  }) {
    this.#fleet = options.fleet;
    this.#git = options.git;
    this.#registry = options.registry;
    this.#config = options.config;
    this.#ways = options;
    this.#holds = options.holds;
  }

  environments(entity: Entity): string[] {
    return environmentsWithWorkloads(entity, this.#fleet, this.#config);
  }

  /** The versions that ran, for people to choose from. */
  async choices(
    request: ChoicesRequest,
  ): Promise<Omit<RollbackChoices, 'applications'>> {
    const { looked, problems } = await this.#lookBack(request);
    return describeChoices(looked, problems);
  }

  async plan(request: PlanRequest<RollbackInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const { looked, problems, withoutApplication } = await this.#lookBack(
      request,
    );
    const version = input.version ?? versionAt(looked, input.revision);
    const chosen = looked.flatMap(look => choose(look, version));
    const {
      edits,
      problems: flaws,
      warnings,
    } = await this.#edit(chosen, signal);
    const pullRequests = findPullRequests(edits, environment, this.#ways);
    const all = distinct([
      ...problems,
      ...findLeftOut(
        looked.map(({ target }) => target),
        withoutApplication,
      ),
      ...(looked.length > 0 ? findNeverRan(looked, version) : []),
      ...flaws,
      ...findSharedFiles(edits, this.#fleet.applications({}), this.#git),
      ...pullRequests.problems,
      ...findNothingToDo(edits, version),
    ]);
    const name = entity.metadata.name;
    const label = version ?? 'a version that ran';
    return {
      kind: 'rollback',
      version: ROLLBACK_PLAN_VERSIONS.at(-1)!,
      entityRef: stringifyEntityRef(entity),
      environment,
      title: `Roll back to ${label} in ${describeClusters(edits)}`,
      intent: {
        action: 'rollback',
        version: version ?? null,
        hold: this.#holds,
        targets: describeTargets(edits),
      },
      keys: keysOf(request, edits),
      // A plan with a problem is never carried out; steps for a part of the targets would only mislead.
      steps:
        all.length > 0
          ? []
          : this.#withHold(
              buildSteps({
                edits,
                subject: `Roll ${name} back to ${label} in ${environment}`,
                pullRequests,
              }),
            ),
      changes: [
        ...edits.flatMap(describeChanges),
        ...(this.#holds && edits.length > 0 ? [describeHold(environment)] : []),
      ],
      warnings: [
        ...pullRequests.warnings,
        ...warnings,
        ...findRollbackWarnings({ chosen, withoutApplication }, this.#fleet),
      ],
      problems: all,
      undo: describeUndo(chosen),
    };
  }

  #withHold(steps: PlannedStep[]): PlannedStep[] {
    return this.#holds ? [...steps, holdStep(steps)] : steps;
  }

  async #lookBack({ entity, environment, signal }: ChoicesRequest) {
    const { targets, problems, withoutApplication } = findImageTargets(
      { entity, environment },
      this.#fleet,
      this.#config,
    );
    const looks = await Promise.all(
      targets.map(target => this.#look(target, signal)),
    );
    return {
      looked: looks.flatMap(look => ('image' in look ? [look] : [])),
      problems: [
        ...problems,
        ...looks.flatMap(look => ('image' in look ? [] : look.problems)),
      ],
      withoutApplication,
    };
  }

  async #look(
    target: ImageTarget,
    signal: AbortSignal,
  ): Promise<LookedBack | { problems: PlanProblem[] }> {
    const { application } = target.deployment;
    const ref = titleOf(application);
    const [located, read] = await Promise.all([
      locateImage(target, this.#git, { signal }),
      readApplication(this.#fleet, application, {
        unknown: 'What ran so far',
        signal,
      }),
    ]);
    if ('problem' in read) return { problems: [read.problem] };
    if (!located.found) return located;
    try {
      const { image } = located;
      const { full } = read;
      const options = { git: this.#git, signal };
      return {
        target,
        full,
        image,
        past: await readPast(image, full, options),
      };
    } catch (error) {
      if (signal.aborted || !(error instanceof GitError)) throw error;
      return {
        problems: [{ what: 'Git cannot be read', why: error.message, ref }],
      };
    }
  }

  async #edit(
    chosen: readonly Chosen[],
    signal: AbortSignal,
  ): Promise<{
    edits: TargetEdits[];
    problems: PlanProblem[];
    warnings: Warning[];
  }> {
    const wanted = chosen.map(({ look, deploy }) => ({
      wanted: look.target.wanted,
      tag: deploy.image.tag,
      // The very image that ran, unless Git names tags only by now.
      ...(isPinned(look) && { digest: deploy.image.digest }),
    }));
    const images = await findImages(wanted, this.#registry, {
      describeMissing: describeGone,
      signal,
    });
    const outcomes = await Promise.all(
      chosen.map(({ look, deploy }, index) =>
        editImage(look.image, {
          tag: deploy.image.tag,
          digest: isPinned(look) ? images.digestOf(wanted[index]) : undefined,
        }),
      ),
    );
    return {
      edits: outcomes.flatMap(outcome =>
        outcome.found ? [outcome.edits] : [],
      ),
      problems: [
        ...images.problems,
        // That a digest is not known is said already.
        ...(images.problems.length > 0
          ? []
          : outcomes.flatMap(outcome =>
              outcome.found ? [] : outcome.problems,
            )),
      ],
      warnings: chosen.flatMap((each, index) =>
        warnOfMovedTag(each, images.digestOf(wanted[index])),
      ),
    };
  }
}

/** That an image that ran is not there any more. */
export function describeGone(image: string) {
  return {
    what: 'The image is gone',
    why: `It ran, but the registry no longer has ${image}: it was cleaned up, or removed. Build it again, or choose another version`,
  };
}

/** Whether Git names the image by its digest now. */
function isPinned({ image }: LookedBack): boolean {
  return image.places.some(({ digest }) => digest !== undefined);
}

function versionAt(
  looked: readonly LookedBack[],
  revision: string | undefined,
): string | undefined {
  return looked
    .flatMap(({ past }) => past)
    .find(deploy => deploy.revision === revision && deploy.image)?.image
    ?.version;
}

// The newest deploy of the version: what it was last.
function choose(look: LookedBack, version: string | undefined): Chosen[] {
  const deploy = look.past.find(
    each => each.image !== undefined && each.image.version === version,
  );
  return deploy?.image
    ? [{ look, deploy: { ...deploy, image: deploy.image } }]
    : [];
}

function findNeverRan(
  looked: readonly LookedBack[],
  version: string | undefined,
): PlanProblem[] {
  if (version === undefined)
    return [
      {
        what: 'Not a version that ran',
        why: `At the revision that was chosen no version is known to have run here. ${describeKnown(
          looked,
        )}`,
        field: 'revision',
      },
    ];
  return looked
    .filter(look => choose(look, version).length === 0)
    .map(look => {
      const { application, cluster } = look.target.deployment;
      return {
        what: 'It never ran there',
        why: `Argo CD remembers no deploy of ${version} by ${application.name}${
          cluster ? ` in ${cluster}` : ''
        }. ${describeKnown([look])}`,
        field: 'version',
        ref: titleOf(application),
      };
    });
}

function describeKnown(looked: readonly LookedBack[]): string {
  const versions = new Set(
    looked.flatMap(({ past }) =>
      past.flatMap(({ image }) => image?.version ?? []),
    ),
  );
  return versions.size === 0
    ? 'It remembers none'
    : `It remembers ${[...versions].join(', ')}`;
}

function findNothingToDo(
  edits: readonly TargetEdits[],
  version: string | undefined,
): PlanProblem[] {
  if (edits.length === 0 || edits.some(changesFiles)) return [];
  return [
    {
      what: 'Nothing to change',
      why: `Git names ${version} everywhere already; where something else runs, a sync brings it there`,
      field: 'version',
    },
  ];
}

function describeUndo(chosen: readonly Chosen[]): string {
  const now = new Set(
    chosen.flatMap(({ look: { image, target } }) =>
      image.places.flatMap(
        ({ tag }) => tag?.slice(target.wanted.tagPrefix.length) ?? [],
      ),
    ),
  );
  const versions = [...now].join(' or ') || 'the version of now';
  return `Ship ${versions} again by a hotfix`;
}
