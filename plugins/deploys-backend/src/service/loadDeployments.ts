import { AuthService } from '@backstage/backend-plugin-api';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { parseDeploymentResourceRef } from '@switchyard/backstage-plugin-deploys-common';
import { DeploysDeployment } from '@switchyard/backstage-plugin-deploys-node';

/** What resource refs are about, for whoever asks the permission framework about one of them; undefined for what is no ref or no entity. */
export async function loadDeployments(
  refs: string[],
  options: { auth: AuthService; catalog: CatalogService },
): Promise<Array<DeploysDeployment | undefined>> {
  const { auth, catalog } = options;
  const deployments = refs.map(parseDeploymentResourceRef);
  const entityRefs = deployments.flatMap(each => each?.entityRef ?? []);
  const { items } = await catalog.getEntitiesByRefs(
    { entityRefs },
    { credentials: await auth.getOwnServiceCredentials() },
  );
  const entities = new Map(
    entityRefs.map((entityRef, index) => [entityRef, items[index]]),
  );
  return deployments.map(deployment => {
    const entity = deployment && entities.get(deployment.entityRef);
    return deployment && entity ? { ...deployment, entity } : undefined;
  });
}
