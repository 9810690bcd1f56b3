import { Entity } from '@backstage/catalog-model';
import { createExtensionTester } from '@backstage/frontend-test-utils';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { deployCard } from './alpha/plugin';
import { isDeploysAvailable } from './isDeploysAvailable';

function anEntity(kind: string, annotation?: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: {
      name: 'orders-db',
      ...(annotation && { annotations: { [annotation]: 'orders-db' } }),
    },
  };
}

it.each([
  [anEntity('Component'), true],
  [anEntity('Resource'), false],
  [anEntity('Resource', 'backstage.io/techdocs-ref'), false],
  [anEntity('Resource', 'backstage.io/kubernetes-id'), true],
  [anEntity('API', 'backstage.io/kubernetes-label-selector'), true],
  [anEntity('System', 'argocd/app-name'), true],
  [anEntity('Template', 'argocd/app-selector'), true],
  [anEntity('Domain', 'argocd/project-name'), true],
])('%j has a Deploy card: %s', (entity, expected) => {
  const filter = createExtensionTester(deployCard).get(
    EntityCardBlueprint.dataRefs.filterFunction,
  );
  expect(filter?.(entity)).toBe(expected);
  expect(isDeploysAvailable(entity)).toBe(expected);
});
