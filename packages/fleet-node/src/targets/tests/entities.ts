import { Entity } from '@backstage/catalog-model';

/** A component with these annotations. */
export function component(
  name: string,
  annotations: Record<string, string> = {},
  more: { owner?: string } = {},
): Entity {
  const { owner = 'group:default/storefront' } = more;
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
    spec: { type: 'service', owner },
    relations: [{ type: 'ownedBy', targetRef: owner }],
  };
}
