import {
  Entity,
  RELATION_HAS_PART,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { FleetReader, SwitchyardConfig } from '@switchyard/fleet-node';
import { findImageTargets, findWanted } from '../hotfix/findTargets';
import { WantedImage } from '../manifests';

/** What is known of a service in an environment without a look at Git. */
export interface Service {
  /** Versions that run. */
  current: string[];
  /** Its image, and what its tags begin with. */
  wanted?: WantedImage;
  /** Why it cannot be shipped. */
  why?: string;
}

/** Looks at a service from memory, whether or not an Application deploys it. */
export function findService(
  target: { entity: Entity; environment: string },
  fleet: FleetReader,
  config: SwitchyardConfig,
): Service {
  const { targets, problems, withoutApplication } = findImageTargets(
    target,
    fleet,
    config,
  );
  const deployments = [
    ...targets.map(({ deployment }) => deployment),
    ...withoutApplication,
  ];
  const [loose] = withoutApplication.map(deployment =>
    findWanted(target.entity, deployment),
  );
  const [{ what, why } = { what: undefined, why: undefined }] = problems;
  return {
    current: [
      ...new Set(deployments.flatMap(({ version }) => version.version ?? [])),
    ],
    wanted:
      targets[0]?.wanted ??
      (loose && 'wanted' in loose ? loose.wanted : undefined),
    ...(what !== undefined && { why: `${what}. ${why}` }),
  };
}

/** Components of a system. */
export function partsOf(entity: Entity): string[] {
  if (entity.kind.toLocaleLowerCase('en-US') !== 'system') return [];
  return (entity.relations ?? [])
    .filter(
      ({ type, targetRef }) =>
        type === RELATION_HAS_PART &&
        targetRef.toLocaleLowerCase('en-US').startsWith('component:'),
    )
    .map(({ targetRef }) => targetRef);
}

/** By the name where that is enough, else by the whole ref. */
export function nameServices(
  entities: readonly Entity[],
): Array<{ id: string; entity: Entity }> {
  const count = new Map<string, number>();
  for (const { metadata } of entities)
    count.set(metadata.name, (count.get(metadata.name) ?? 0) + 1);
  return entities.map(entity => ({
    id:
      count.get(entity.metadata.name) === 1
        ? entity.metadata.name
        : stringifyEntityRef(entity),
    entity,
  }));
}
