import { Entity } from '@backstage/catalog-model';
import { MAPPING_ANNOTATIONS } from '@switchyard/backstage-plugin-deploys-common';

/**
 * Whether an entity may run somewhere: a component, or one with an annotation that says which Applications or workloads it is. For an `EntitySwitch`.
 *
 * @public
 */
export function isDeploysAvailable(entity: Entity): boolean {
  const { annotations = {} } = entity.metadata;
  return (
    entity.kind.toLocaleLowerCase('en-US') === 'component' ||
    MAPPING_ANNOTATIONS.some(key => Object.hasOwn(annotations, key))
  );
}
