import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import {
  isImageTag,
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  ApplicationRow,
  deploymentsOf,
  FleetReader,
  SwitchyardConfig,
  tagPrefixOf,
  TargetDeployment,
} from '@switchyard/fleet-node';
import { ValuePath, WantedImage } from '../manifests';
import { parseValuePath } from './valuePath';

/** A deployment, and which image in Git is its version. */
export interface ImageTarget {
  deployment: TargetDeployment & { application: ApplicationRow };
  wanted: WantedImage;
  /** Which Helm value holds the tag or the image, where the component says so. */
  helmValue?: ValuePath;
}

/** A deployment that gets another version. */
export interface HotfixTarget extends ImageTarget {
  /** The whole new tag. */
  tag: string;
}

/** What of an entity in an environment can be given another version. */
export interface FoundTargets<T> {
  targets: T[];
  problems: PlanProblem[];
  withoutApplication: TargetDeployment[];
}

const IMAGE = 'switchyard/image';
const TAG_PREFIX = 'switchyard/tag-prefix';
const HELM_VALUE = 'switchyard/helm-value';

/**
 * What a hotfix of an entity in an environment is about, from memory. A target that does not agree is left out: nothing of it may be read.
 */
export function findTargets(
  options: { entity: Entity; environment: string; version: string },
  fleet: FleetReader,
  config: SwitchyardConfig,
): FoundTargets<HotfixTarget> {
  const { version } = options;
  const found = findImageTargets(options, fleet, config);
  const targets: HotfixTarget[] = [];
  const problems: PlanProblem[] = [];
  for (const target of found.targets) {
    const tag = `${target.wanted.tagPrefix}${version}`;
    if (isImageTag(tag)) targets.push({ ...target, tag });
    else
      problems.push({
        what: 'No version',
        why: `'${version}' cannot be the tag of an image`,
        field: 'version',
      });
  }
  return {
    ...found,
    targets,
    problems: distinct([...found.problems, ...problems]),
  };
}

/**
 * The deployments of an entity in an environment that Git decides, from memory, each with the image that is its version. One that does not agree is left out:
 * nothing of it may be read.
 */
export function findImageTargets(
  options: { entity: Entity; environment: string },
  fleet: FleetReader,
  config: SwitchyardConfig,
): FoundTargets<ImageTarget> {
  const { entity, environment } = options;
  const { deployments, problems: flaws } = deploymentsOf(entity, fleet, config);
  const here = deployments.filter(
    deployment => deployment.environment === environment,
  );
  const withApplication = here.filter(
    (deployment): deployment is HotfixTarget['deployment'] =>
      deployment.application !== undefined,
  );
  const problems: PlanProblem[] = [];
  if (here.length === 0) {
    problems.push({
      what: `Not deployed in ${environment}`,
      why: `No Application or workload of ${stringifyEntityRef(
        entity,
      )} is known in ${environment}${
        flaws[0] ? `. ${flaws[0].what}: ${flaws[0].why}` : ''
      }`,
    });
  }
  const targets: ImageTarget[] = [];
  for (const deployment of withApplication) {
    const target = deployment.consent.given
      ? findWanted(entity, deployment)
      : {
          what: 'The target does not agree',
          why: deployment.consent.why,
          ref: `Application ${deployment.application.namespace}/${deployment.application.name}`,
        };
    if ('wanted' in target) targets.push({ deployment, ...target });
    else problems.push(target);
  }
  return {
    targets,
    problems: distinct(problems),
    withoutApplication: here.filter(({ application }) => !application),
  };
}

/** Which image is the version of an entity in a place; a problem where that is not known. */
export function findWanted(
  entity: Entity,
  deployment: TargetDeployment,
): Omit<ImageTarget, 'deployment'> | PlanProblem {
  const repository = findRepository(entity, deployment);
  if (typeof repository !== 'string') return repository;
  const current = deployment.version.images.find(
    ({ image }) => normalizeImageRepository(image) === repository,
  )?.tag;
  const written = entity.metadata.annotations?.[TAG_PREFIX]?.trim();
  const tagPrefix =
    written !== undefined && isImageTag(written)
      ? written
      : tagPrefixOf(entity, current ?? '');
  const helmValue = entity.metadata.annotations?.[HELM_VALUE]?.trim();
  return {
    wanted: { repository, tagPrefix },
    ...(helmValue && { helmValue: parseValuePath(helmValue) }),
  };
}

function findRepository(
  entity: Entity,
  deployment: TargetDeployment,
): string | PlanProblem {
  const written = entity.metadata.annotations?.[IMAGE]?.trim();
  if (written !== undefined) {
    const reference = parseImageReference(written);
    if (reference && !reference.tag && !reference.digest)
      return normalizeImageRepository(written)!;
    return {
      what: `${IMAGE} is malformed`,
      why: `It should be an image's registry and repository without a tag, e.g. registry.example.com/storefront/${entity.metadata.name}`,
    };
  }
  const repositories = new Set(
    deployment.version.images.map(({ image }) =>
      normalizeImageRepository(image),
    ),
  );
  const [repository] = repositories;
  if (repositories.size === 1 && repository !== undefined) return repository;
  return {
    what: 'The image is not known',
    why: `${
      repositories.size === 0
        ? 'Nothing runs that would tell which image is meant'
        : 'Several images run'
    }; add the annotation ${IMAGE}: registry.example.com/storefront/${
      entity.metadata.name
    }`,
  };
}

function distinct(problems: PlanProblem[]): PlanProblem[] {
  return [
    ...new Map(
      problems.map(problem => [JSON.stringify(problem), problem]),
    ).values(),
  ];
}
