import {
  Entity,
  RELATION_HAS_PART,
  RELATION_MEMBER_OF,
  RELATION_PARENT_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { VisibilityClass } from './Visibility';

/**
 * What a class sees of the components of an entity: those of a system and of the systems of a domain; those that a group, its child groups or the
 * groups of a person own.
 *
 * @throws InputError for kinds that have no components
 */
export function partOf(
  entity: Entity,
  whole: VisibilityClass,
): VisibilityClass {
  const ref = stringifyEntityRef(entity);
  const { field, refs } = membership(entity, ref);
  const wanted = new Set(refs);
  return {
    ...whole,
    // Whoever sees the same of other members sees something else.
    key: JSON.stringify([whole.key, field, [...wanted].sort()]),
    sees: component => {
      const value = component?.[field];
      return value !== undefined && wanted.has(value) && whole.sees(component);
    },
  };
}

function membership(
  entity: Entity,
  ref: string,
): { field: 'system' | 'owner'; refs: string[] } {
  const related = (type: string, prefix: string) =>
    (entity.relations ?? [])
      .filter(each => each.type === type && each.targetRef.startsWith(prefix))
      .map(({ targetRef }) => targetRef);
  switch (entity.kind.toLocaleLowerCase('en-US')) {
    case 'system':
      return { field: 'system', refs: [ref] };
    case 'domain':
      return { field: 'system', refs: related(RELATION_HAS_PART, 'system:') };
    case 'group':
      return {
        field: 'owner',
        refs: [ref, ...related(RELATION_PARENT_OF, 'group:')],
      };
    case 'user':
      return {
        field: 'owner',
        refs: [ref, ...related(RELATION_MEMBER_OF, 'group:')],
      };
    default:
      throw new InputError(
        `${ref} has no components: systems, domains, groups and users have`,
      );
  }
}
