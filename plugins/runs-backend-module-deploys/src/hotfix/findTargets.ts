import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import {
  isImageTag,
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  ApplicationRow,
  applicationsOf,
  deploymentsOf,
  environmentOf,
  FleetReader,
  joinCluster,
  SwitchyardConfig,
  tagPrefixOf,
  TargetDeployment,
} from '@switchyard/fleet-node';
import { ValuePath, WantedImage } from '../manifests';
import { parseValuePath } from './valuePath';

/** A deployment that a hotfix changes. */
export interface HotfixTarget {
  deployment: TargetDeployment & { application: ApplicationRow };
  wanted: WantedImage;
  /** The whole new tag. */
  tag: string;
  /** Which Helm value holds the tag or the image, where the component says so. */
  helmValue?: ValuePath;
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
): {
  targets: HotfixTarget[];
  problems: PlanProblem[];
  withoutApplication: TargetDeployment[];
} {
  const { entity, environment, version } = options;
  const { deployments, problems: flaws } = deploymentsOf(entity, fleet, config);
  const here = deployments.filter(
    deployment => deployment.environment === environment,
  );
  const withApplication = here.filter(
    (deployment): deployment is HotfixTarget['deployment'] =>
      deployment.application !== undefined,
  );
  const problems: PlanProblem[] = [];
  if (withApplication.length === 0) {
    problems.push({
      what:
        here.length === 0
          ? `Not deployed in ${environment}`
          : 'Not deployed by Argo CD',
      why:
        here.length === 0
          ? `No Application or workload of ${stringifyEntityRef(
              entity,
            )} is known in ${environment}${
              flaws[0] ? `. ${flaws[0].what}: ${flaws[0].why}` : ''
            }`
          : 'What runs here belongs to no Application of Argo CD, so there is no file in Git to change',
    });
  }
  const targets: HotfixTarget[] = [];
  for (const deployment of withApplication) {
    const target = deployment.consent.given
      ? findWanted(entity, deployment, version)
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

/**
 * Environments in which an entity has Applications, in the order of the config. Cheaper than looking at all that runs there.
 */
export function environmentsWithApplications(
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
): string[] {
  const clusters = fleet.clusters();
  const found = new Set(
    applicationsOf(entity, fleet).applications.map(application => {
      const join = joinCluster(application, clusters, config);
      return environmentOf(
        {
          cluster: join.joined ? join.cluster : undefined,
          project: application.project,
          namespace: application.destination.namespace,
          labels: application.labels,
        },
        config,
      );
    }),
  );
  const known = config.environments
    .map(({ name }) => name)
    .filter(name => found.delete(name));
  return [...known, ...found];
}

function findWanted(
  entity: Entity,
  deployment: TargetDeployment,
  version: string,
): Omit<HotfixTarget, 'deployment'> | PlanProblem {
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
  const tag = `${tagPrefix}${version}`;
  if (!isImageTag(tag))
    return {
      what: 'No version',
      why: `'${version}' cannot be the tag of an image`,
      field: 'version',
    };
  const helmValue = entity.metadata.annotations?.[HELM_VALUE]?.trim();
  return {
    wanted: { repository, tagPrefix },
    tag,
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
