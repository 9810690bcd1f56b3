import { AuthService } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import DataLoader from 'dataloader';

/** Many runs that start together ask together: one call of the catalog costs as much as ten look-ups in it. */
const GATHER_MS = 4;
const REFS_PER_CALL = 200;

/**
 * Entities as the catalog has them now, read with the plugin's own credentials. Nothing is remembered: each answer is younger than its
 * question.
 */
export class CatalogReads {
  static create(options: {
    catalog: CatalogService;
    auth: AuthService;
  }): CatalogReads {
    return new CatalogReads(options);
  }

  readonly #loader: DataLoader<string, Entity | undefined>;

  private constructor(options: { catalog: CatalogService; auth: AuthService }) {
    const { catalog, auth } = options;
    this.#loader = new DataLoader(
      async refs => {
        const entityRefs = Array.from(new Set(refs));
        const { items } = await catalog.getEntitiesByRefs(
          { entityRefs },
          { credentials: await auth.getOwnServiceCredentials() },
        );
        const byRef = new Map(
          entityRefs.map((ref, index) => [ref, items[index]]),
        );
        return refs.map(ref => byRef.get(ref));
      },
      {
        cache: false,
        maxBatchSize: REFS_PER_CALL,
        batchScheduleFn: callback => setTimeout(callback, GATHER_MS),
      },
    );
  }

  /**
   * One place per ref, in their order; undefined where there is no such entity.
   *
   * @throws when the catalog cannot be asked
   */
  async find(entityRefs: string[]): Promise<Array<Entity | undefined>> {
    return Promise.all(entityRefs.map(ref => this.#loader.load(ref)));
  }
}
