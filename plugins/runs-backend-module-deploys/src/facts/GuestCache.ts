import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { Entity } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { APPLICATION_ANNOTATIONS } from '@switchyard/fleet-node';
import { ReadingCache, ReadingTimes } from './ReadingCache';

/** What consent and the mapping of an entity need. */
const FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.annotations',
  'relations',
];

/** Whom an Application may agree to: one entity, or all that a group owns. */
export type Guest = { entity: string } | { owner: string };

/** The entities behind guests, as the catalog has them. */
export type GuestCache = ReadingCache<Guest, Entity[]>;

/** Of what a group owns it knows only what names an Application: nothing else deploys one. */
export function createGuestCache(options: {
  catalog: CatalogService;
  auth: AuthService;
  logger: LoggerService;
  times?: Partial<ReadingTimes>;
}): GuestCache {
  const { catalog, auth, logger, times } = options;
  const find = async (guest: Guest): Promise<Entity[]> => {
    const credentials = await auth.getOwnServiceCredentials();
    if ('entity' in guest) {
      const entity = await catalog.getEntityByRef(guest.entity, {
        credentials,
      });
      return entity ? [entity] : [];
    }
    const { items } = await catalog.getEntities(
      {
        filter: APPLICATION_ANNOTATIONS.map(key => ({
          'relations.ownedBy': guest.owner,
          [`metadata.annotations.${key}`]: CATALOG_FILTER_EXISTS,
        })),
        fields: FIELDS,
      },
      { credentials },
    );
    return items;
  };
  return ReadingCache.create({
    system: 'The catalog',
    identify: guest => JSON.stringify(guest),
    ask: async guest => {
      try {
        return await find(guest);
      } catch (error) {
        logger.warn('The catalog could not be asked who shares Applications', {
          ...guest,
          reason: String(error),
        });
        throw new Error('The catalog cannot be reached.');
      }
    },
    times,
  });
}
