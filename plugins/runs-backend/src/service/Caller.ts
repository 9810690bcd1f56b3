import {
  BackstageCredentials,
  BackstageUserPrincipal,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { SeenEntities } from '@switchyard/backstage-plugin-runs-node';
import { Person } from '../approvals/judgeApproval';

/** The person behind a request, and what that person can see. Lives as long as the request, and asks for each thing once. */
export class Caller {
  readonly credentials: BackstageCredentials<BackstageUserPrincipal>;
  readonly #catalog: CatalogService;
  readonly #userInfo: UserInfoService;
  readonly #seen: SeenEntities | undefined;
  readonly #entities = new Map<string, Promise<Entity>>();

  constructor(options: {
    credentials: BackstageCredentials<BackstageUserPrincipal>;
    catalog: CatalogService;
    userInfo: UserInfoService;
    /** For what is only shown: whom what was shown a moment ago is believed to be there still. */
    seen?: SeenEntities;
  }) {
    this.credentials = options.credentials;
    this.#catalog = options.catalog;
    this.#userInfo = options.userInfo;
    this.#seen = options.seen;
  }

  /** User entity ref. */
  get userEntityRef(): string {
    return this.credentials.principal.userEntityRef.toLocaleLowerCase('en-US');
  }

  /** The groups that the person had when signing in, in lower case. */
  async groupRefs(): Promise<string[]> {
    const { ownershipEntityRefs } = await this.#userInfo.getUserInfo(
      this.credentials,
    );
    const refs = ownershipEntityRefs.map(ref => ref.toLocaleLowerCase('en-US'));
    return [...new Set(refs)].filter(ref => ref !== this.userEntityRef);
  }

  /** The person as the rules of approvals know people. */
  async asPerson(): Promise<Person> {
    return {
      userEntityRef: this.userEntityRef,
      groups: await this.groupRefs(),
    };
  }

  /**
   * The entity as the catalog shows it to this person: the first gate of everything.
   *
   * @throws NotFoundError when there is none, or when the person may not see it
   */
  entity(entityRef: string): Promise<Entity> {
    let entity = this.#entities.get(entityRef);
    if (!entity) {
      entity = this.#seen
        ? this.#seen.find(this.userEntityRef, entityRef, () =>
            this.#load(entityRef),
          )
        : this.#load(entityRef);
      this.#entities.set(entityRef, entity);
    }
    return entity;
  }

  /** Those of the refs that the person can see in the catalog. */
  async visible(entityRefs: string[]): Promise<Set<string>> {
    if (entityRefs.length === 0) return new Set();
    const { items } = await this.#catalog.getEntitiesByRefs(
      { entityRefs, fields: ['kind', 'metadata.name', 'metadata.namespace'] },
      { credentials: this.credentials },
    );
    return new Set(entityRefs.filter((_, index) => items[index] !== undefined));
  }

  /** One place per ref; undefined for what is not there, or what the person may not see. */
  async entities(entityRefs: string[]): Promise<Array<Entity | undefined>> {
    if (entityRefs.length === 0) return [];
    const { items } = await this.#catalog.getEntitiesByRefs(
      { entityRefs },
      { credentials: this.credentials },
    );
    return entityRefs.map((_, index) => items[index]);
  }

  /** Those of the refs that the person can see, with their relations. */
  async relationsOf(entityRefs: string[]): Promise<Map<string, Entity>> {
    if (entityRefs.length === 0) return new Map();
    const { items } = await this.#catalog.getEntitiesByRefs(
      {
        entityRefs,
        fields: ['kind', 'metadata.name', 'metadata.namespace', 'relations'],
      },
      { credentials: this.credentials },
    );
    return new Map(
      entityRefs.flatMap((ref, index) => {
        const entity = items[index];
        return entity ? [[ref, entity] as const] : [];
      }),
    );
  }

  async #load(entityRef: string): Promise<Entity> {
    const entity = await this.#catalog.getEntityByRef(entityRef, {
      credentials: this.credentials,
    });
    if (!entity)
      throw new NotFoundError(`There is no ${entityRef} in the catalog`);
    return entity;
  }
}
