import { parseEntityRef } from '@backstage/catalog-model';

/** Path of everything about an entity, below the backend's address. */
export function entityPath(entityRef: string): string {
  const { kind, namespace, name } = parseEntityRef(entityRef);
  const parts = [kind.toLocaleLowerCase('en-US'), namespace, name];
  return `/v1/entities/${parts.map(encodeURIComponent).join('/')}`;
}
