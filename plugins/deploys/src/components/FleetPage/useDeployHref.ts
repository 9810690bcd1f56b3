import { parseEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/core-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { useCallback } from 'react';

/** The address of the tab Deploy of a component's page. */
export function useDeployHref(): (entityRef: string) => string {
  const entityHref = useRouteRef(entityRouteRef);
  return useCallback(
    entityRef => {
      const { kind, namespace, name } = parseEntityRef(entityRef);
      return `${entityHref({ kind, namespace, name })}/deploy`;
    },
    [entityHref],
  );
}
