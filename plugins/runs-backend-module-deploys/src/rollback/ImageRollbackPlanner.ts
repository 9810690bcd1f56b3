import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import { PlanProblem, RunPlan } from '@switchyard/backstage-plugin-runs-common';
import {
  ChoicesRequest,
  PlanRequest,
} from '@switchyard/backstage-plugin-runs-node';
import {
  deploymentsOf,
  FleetReader,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { findImages } from '../hotfix/warnings';
import {
  changesImages,
  describeImages,
  imageSteps,
  intentOfImages,
  planImageChanges,
  versionsOf,
  warnOfImages,
} from '../images/changeImages';
import {
  findImageWorkloads,
  ImageWorkload,
} from '../images/findImageWorkloads';
import { describePlaces } from '../operations/applicationTargets';
import { distinct } from '../operations/warnings';
import { titleOfWorkload, workloadKeys } from '../workloads/workloadTargets';
import { describeHold, holdStep } from './hold';
import { PastImageOfWorkload, pastImages } from './pastImages';
import { describeGone, ROLLBACK_PLAN_VERSIONS } from './RollbackPlanner';
import { RollbackInput } from './types';

interface Looked {
  workload: ImageWorkload;
  past: PastImageOfWorkload[];
}

/**
 * Makes the plan of a rollback where no Application deploys anything: an image that Kubernetes or the last run remembers is set on the objects again. Changes
 * nothing.
 */
export class ImageRollbackPlanner {
  readonly #fleet: FleetReader;
  readonly #registry: RegistryClient;
  readonly #config: SwitchyardConfig;
  readonly #holds: boolean;

  static create(options: {
    fleet: FleetReader;
    registry: RegistryClient;
    config: SwitchyardConfig;
    /** Whether the target is locked afterwards. */
    holds: boolean;
  }): ImageRollbackPlanner {
    return new ImageRollbackPlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader;
    registry: RegistryClient;
    config: SwitchyardConfig;
    holds: boolean;
  }) {
    this.#fleet = options.fleet;
    this.#registry = options.registry;
    this.#config = options.config;
    this.#holds = options.holds;
  }

  /** Whether something runs in the environment, and no Application deploys any of it. */
  isFor({
    entity,
    environment,
  }: Pick<ChoicesRequest, 'entity' | 'environment'>) {
    const here = this.#deploymentsIn(entity, environment);
    return here.length > 0 && here.every(({ application }) => !application);
  }

  /** The versions that ran, for people to choose from. */
  choices(
    request: Pick<ChoicesRequest, 'entity' | 'environment'>,
  ): Omit<RollbackChoices, 'applications'> {
    const { looked, problems } = this.#lookBack(request);
    const versions = new Set(
      looked.flatMap(({ past }) => past.map(({ version }) => version)),
    );
    return {
      isSetOnObjects: true,
      versions: [...versions]
        .map(version => ({
          version,
          isNow: looked.every(({ workload }) =>
            versionsOf(workload).every(now => now === version),
          ),
          missingIn: looked
            .filter(({ past }) => past.every(each => each.version !== version))
            .map(({ workload }) => calledIn(workload)),
          deploys: looked.flatMap(({ workload: { id }, past }) =>
            past
              .filter(each => each.version === version)
              .map(({ at }) => ({
                application: `${id.kind} ${id.name}`,
                cluster: id.cluster,
                deployedAt: at,
                automated: false,
              })),
          ),
          revisions: [],
        }))
        .sort((a, b) => lastOf(b.deploys).localeCompare(lastOf(a.deploys))),
      unknown: [],
      problems: problems.map(({ what, why, ref }) => ({ what, why, ref })),
    };
  }

  async plan(request: PlanRequest<RollbackInput>): Promise<RunPlan> {
    const { entity, environment, input, signal } = request;
    const { version } = input;
    const { looked, problems, warnings } = this.#lookBack(request);
    const chosen = looked.flatMap(({ workload, past }) => {
      const image = past.find(each => each.version === version);
      return image ? [{ workload, version: image.version, image }] : [];
    });
    const wanted = chosen.map(({ workload, image }) => ({
      wanted: workload.wanted,
      tag: image.tag,
      // The very image that ran, unless only its tag is known.
      ...(isPinned(workload) && { digest: image.digest }),
    }));
    const images = await findImages(wanted, this.#registry, {
      describeMissing: describeGone,
      signal,
    });
    const { changes, problems: flaws } = planImageChanges(
      chosen.map((each, index) => ({
        ...each,
        image: {
          tag: each.image.tag,
          digest: images.digestOf(wanted[index]),
        },
      })),
    );
    const workloads = changes.map(({ workload }) => workload);
    const all = distinct([
      ...problems,
      ...findNeverRan(looked, version),
      ...images.problems,
      // That a digest is not known is said already.
      ...(images.problems.length > 0 ? [] : flaws),
      ...(changes.length > 0 && !changes.some(changesImages)
        ? [
            {
              what: 'Nothing to change',
              why: `${version} is set everywhere already`,
              field: 'version',
            },
          ]
        : []),
    ]);
    const steps = imageSteps(changes, []);
    const entityRef = stringifyEntityRef(entity);
    const now = new Set(workloads.flatMap(versionsOf));
    return {
      kind: 'rollback',
      version: ROLLBACK_PLAN_VERSIONS.at(-1)!,
      entityRef,
      environment,
      title: `Roll back to ${
        version ?? 'a version that ran'
      } in ${describePlaces(workloads.map(({ id }) => id.cluster))}`,
      intent: {
        action: 'rollback',
        version: version ?? null,
        hold: this.#holds,
        targets: intentOfImages(changes),
      },
      keys: workloadKeys(entityRef, environment, workloads),
      steps:
        all.length > 0
          ? []
          : [...steps, ...(this.#holds ? [holdStep(steps)] : [])],
      changes: [
        ...describeImages(changes),
        ...(this.#holds && changes.length > 0
          ? [describeHold(environment)]
          : []),
      ],
      warnings: distinct([...warnOfImages(changes, this.#fleet), ...warnings]),
      problems: all,
      undo: `Ship ${
        [...now].join(' or ') || 'the version of now'
      } again by a hotfix`,
    };
  }

  #lookBack({
    entity,
    environment,
  }: Pick<ChoicesRequest, 'entity' | 'environment'>) {
    const { workloads, ...rest } = findImageWorkloads(
      {
        entity,
        deployments: this.#deploymentsIn(entity, environment),
        beside: [],
      },
      this.#fleet,
      this.#config,
    );
    const looked = workloads.map(
      (workload): Looked => ({
        workload,
        past: pastImages(workload, this.#fleet),
      }),
    );
    return { looked, ...rest };
  }

  #deploymentsIn(entity: Entity, environment: string) {
    return deploymentsOf(entity, this.#fleet, this.#config).deployments.filter(
      each => each.environment === environment,
    );
  }
}

/** Whether it names its image by digest now. */
function isPinned({ images }: ImageWorkload): boolean {
  return [...images.values()].some(image => image.includes('@'));
}

function findNeverRan(
  looked: readonly Looked[],
  version: string | undefined,
): PlanProblem[] {
  if (version === undefined)
    return [
      {
        what: 'Not a version that ran',
        why: 'What runs here stands in no Git, so no commit says what ran; choose a version',
        field: 'revision',
      },
    ];
  return looked
    .filter(({ past }) => past.every(each => each.version !== version))
    .map(({ workload, past }) => ({
      what: 'It never ran there',
      why: `Nothing remembers ${version} of ${calledIn(workload)}. Known is ${
        past.map(each => each.version).join(', ') || 'no version'
      }; a hotfix ships any version that the registry has`,
      field: 'version',
      ref: titleOfWorkload(workload.id),
    }));
}

function calledIn({ id }: ImageWorkload): string {
  return `${id.kind} ${id.name} in ${id.cluster}`;
}

function lastOf(deploys: ReadonlyArray<{ deployedAt: string }>): string {
  return (
    deploys
      .map(({ deployedAt }) => deployedAt)
      .sort()
      .at(-1) ?? ''
  );
}
