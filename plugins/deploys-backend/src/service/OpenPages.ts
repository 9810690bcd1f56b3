import {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import {
  CompoundEntityRef,
  Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { Decisions } from './DeploymentAuthorizer';

/** How long it is believed what a person may see: what was taken away, and what the catalog says anew, counts this much later. */
const BELIEVED_MS = 5_000;
const MAX_PAGES = 1_000;

/** An entity as a person may see it, and what the person may do there. */
export interface OpenPage {
  entity: Entity;
  decisions: Decisions;
}

/**
 * What people were told of the entities whose pages they have open. In a rollout a page asks again several times in a second; asking the catalog
 * and the permission framework each time would cost ten times what the answer costs.
 *
 * For state alone: logs, terminals and manifests are asked for each time.
 */
export class OpenPages {
  /** The oldest first. */
  readonly #pages = new Map<
    string,
    { askedAt: number; page: Promise<OpenPage> }
  >();

  /** What `look` found for this person and entity a moment ago, or finds now. Where it failed it is asked again. */
  async find(
    entityRef: CompoundEntityRef,
    credentials: BackstageCredentials,
    look: () => Promise<OpenPage>,
  ): Promise<OpenPage> {
    this.#forgetOld();
    const key = keyOf(entityRef, credentials);
    // What a service may do can depend on more than its name.
    if (key === undefined) return look();
    const known = this.#pages.get(key);
    if (known) return known.page;
    const asked = { askedAt: Date.now(), page: look() };
    this.#pages.set(key, asked);
    try {
      return await asked.page;
    } catch (error) {
      if (this.#pages.get(key) === asked) this.#pages.delete(key);
      throw error;
    }
  }

  #forgetOld(): void {
    const oldest = Date.now() - BELIEVED_MS;
    for (const [key, { askedAt }] of this.#pages) {
      if (askedAt > oldest && this.#pages.size < MAX_PAGES) return;
      this.#pages.delete(key);
    }
  }
}

function keyOf(
  entityRef: CompoundEntityRef,
  { principal }: BackstageCredentials,
): string | undefined {
  const { type, userEntityRef } = principal as Partial<BackstageUserPrincipal>;
  if (type !== 'user' || userEntityRef === undefined) return undefined;
  return `${userEntityRef} ${stringifyEntityRef(entityRef)}`;
}
