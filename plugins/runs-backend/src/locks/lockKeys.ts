import {
  Entity,
  parseEntityRef,
  RELATION_PART_OF,
} from '@backstage/catalog-model';
import { LockTarget } from '@switchyard/backstage-plugin-runs-common';

/** Under it lies what binds the whole platform, or one environment of it. */
export const PLATFORM_KEY = 'platform';

/**
 * Under which word a lock is stored and looked up: an index finds the few that bind a target among any number of others. A full entity ref for
 * systems and components; the other words have no slash, and so are no entity refs.
 */
export function keyOfLock(target: LockTarget): string {
  switch (target.scope) {
    case 'platform':
    case 'environment':
      return PLATFORM_KEY;
    case 'cluster':
      return clusterKey(target.cluster!);
    default:
      return target.entityRef!;
  }
}

/** All words under which a lock may lie that binds an action there. */
export function keysOfPlace(place: {
  entityRefs: Iterable<string>;
  systems: Iterable<string>;
  clusters: Iterable<string>;
}): string[] {
  return [
    ...new Set([
      PLATFORM_KEY,
      ...place.entityRefs,
      ...place.systems,
      ...[...place.clusters].map(clusterKey),
    ]),
  ];
}

/** Whether the claim of a run reads what lies there. */
export function isReadAtClaim(key: string, entityRef: string): boolean {
  return key === entityRef || key === PLATFORM_KEY;
}

/** Whether it is the full ref of an entity, rather than another word of {@link keyOfLock}. */
export function isEntityKey(key: string): boolean {
  return key.includes('/');
}

/** Full refs of the systems that an entity is part of, in lower case. */
export function systemsOf(entity: Entity | undefined): string[] {
  return (entity?.relations ?? [])
    .filter(
      ({ type, targetRef }) =>
        type === RELATION_PART_OF &&
        parseEntityRef(targetRef).kind.toLocaleLowerCase('en-US') === 'system',
    )
    .map(({ targetRef }) => targetRef.toLocaleLowerCase('en-US'));
}

function clusterKey(name: string): string {
  return `cluster:${encodeURIComponent(name)}`;
}
