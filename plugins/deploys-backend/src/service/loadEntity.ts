import {
  BackstageCredentials,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  CompoundEntityRef,
  Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';

/**
 * An entity as the caller may see it.
 *
 * @throws NotFoundError, ServiceUnavailableError
 */
export async function loadEntity(
  entityRef: CompoundEntityRef,
  options: {
    catalog: CatalogService;
    logger: LoggerService;
    credentials: BackstageCredentials;
  },
): Promise<Entity> {
  const { catalog, logger, credentials } = options;
  let entity: Entity | undefined;
  try {
    entity = await catalog.getEntityByRef(entityRef, { credentials });
  } catch (error) {
    logger.warn('The catalog could not be asked', { error: String(error) });
    throw new ServiceUnavailableError(
      'The catalog cannot be asked at the moment',
    );
  }
  if (!entity) {
    throw new NotFoundError(
      `The catalog has no ${stringifyEntityRef(
        entityRef,
      )}, or you may not see it`,
    );
  }
  return entity;
}
