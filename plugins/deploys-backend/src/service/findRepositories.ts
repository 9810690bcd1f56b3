import { Entity } from '@backstage/catalog-model';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  parseImageName,
  tagPrefixOf,
  TargetDeployment,
} from '@switchyard/fleet-node';

/**
 * The repositories that an entity's workloads in an environment pull their version from. What an annotation names alone does not count: it
 * would let anybody list any repository that the portal may read.
 *
 * @throws NotFoundError when nothing of the entity runs there; NotAllowedError when nothing that runs there agrees to the entity
 */
export function findRepositories(
  entity: Entity,
  deployments: readonly TargetDeployment[],
  environment: string,
): { repositories: string[]; tagPrefix: string } {
  const there = deployments.filter(each => each.environment === environment);
  if (there.length === 0) {
    throw new NotFoundError(
      `Nothing of this entity runs in environment ${environment}`,
    );
  }
  const agreeing = there.filter(each => each.consent.given);
  if (agreeing.length === 0) throw new NotAllowedError(there[0].consent.why);

  const images = agreeing
    // Several images are no version: none of them could be chosen.
    .filter(
      ({ version }) => new Set(version.images.map(repositoryOf)).size === 1,
    )
    .flatMap(({ version }) => version.images);
  if (images.length === 0) {
    throw new NotFoundError(
      `No single image is the version of this entity in environment ${environment}; the annotation switchyard/image says which one is`,
    );
  }
  const prefixes = images.flatMap(({ tag }) =>
    tag === undefined ? [] : [tagPrefixOf(entity, tag)],
  );
  return {
    repositories: [
      ...new Set(images.flatMap(image => repositoryOf(image) ?? [])),
    ],
    tagPrefix: prefixes.find(prefix => prefix !== '') ?? '',
  };
}

function repositoryOf({ image }: { image: string }): string | undefined {
  return parseImageName(image)?.repository;
}
