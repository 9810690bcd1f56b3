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
const BELIEVED_MS = 15_000;
/** From then on whoever asks is answered, and it is found out for the next one: nobody waits whose page stays open. */
const RENEWED_MS = 10_000;
const MAX_PAGES = 1_000;

/** An entity as a person may see it, and what the person may do there. */
export interface OpenPage {
  entity: Entity;
  decisions: Decisions;
}

interface Asked {
  askedAt: number;
  page: Promise<OpenPage>;
  isRenewed: boolean;
}

/**
 * What people were told of the entities whose pages they have open. In a rollout a page asks again several times in a second; asking the catalog
 * and the permission framework each time would cost ten times what the answer costs.
 *
 * For state alone: logs, terminals and manifests are asked for each time.
 */
export class OpenPages {
  /** The oldest first. */
  readonly #pages = new Map<string, Asked>();
  /** As each was read last, for whomever: with an older one in turn the state would go back and forth. */
  readonly #newest = new Map<
    string,
    { askedAt: number; look: number; entity: Entity }
  >();
  #looks = 0;

  /**
   * What `look` found for this person and entity a moment ago, or finds now. Where it failed it is asked again.
   *
   * @param look - may go on after the answer, for the next question
   */
  async find(
    entityRef: CompoundEntityRef,
    credentials: BackstageCredentials,
    look: () => Promise<OpenPage>,
  ): Promise<OpenPage> {
    forgetOld(this.#pages);
    forgetOld(this.#newest);
    const user = userOf(credentials);
    // What a service may do can depend on more than its name.
    if (user === undefined) return look();
    const ref = stringifyEntityRef(entityRef);
    const key = `${user} ${ref}`;
    const known = this.#pages.get(key);
    const age = known ? Date.now() - known.askedAt : Infinity;
    if (!known || age >= BELIEVED_MS) return this.#look(key, ref, look);
    if (age >= RENEWED_MS && !known.isRenewed) {
      known.isRenewed = true;
      // Whoever asks next learns what is wrong.
      this.#look(key, ref, look, known).catch(() => {});
    }
    const page = await known.page;
    return { ...page, entity: this.#newest.get(ref)?.entity ?? page.entity };
  }

  /** @param before - counts until the answer is there */
  async #look(
    key: string,
    ref: string,
    look: () => Promise<OpenPage>,
    before?: Asked,
  ): Promise<OpenPage> {
    this.#looks += 1;
    const began = this.#looks;
    const asked: Asked = {
      askedAt: Date.now(),
      page: look(),
      isRenewed: false,
    };
    if (!before) this.#pages.set(key, asked);
    try {
      const page = await asked.page;
      if (before) {
        this.#pages.delete(key);
        this.#pages.set(key, asked);
      }
      const newest = this.#newest.get(ref);
      // A slow look has seen what was before.
      if (newest && newest.look > began) {
        return { ...page, entity: newest.entity };
      }
      this.#newest.delete(ref);
      this.#newest.set(ref, {
        askedAt: Date.now(),
        look: began,
        entity: page.entity,
      });
      return page;
    } catch (error) {
      // Also what was believed before: it may have been taken away.
      if (this.#pages.get(key) === (before ?? asked)) this.#pages.delete(key);
      throw error;
    }
  }
}

function forgetOld(entries: Map<string, { askedAt: number }>): void {
  const oldest = Date.now() - BELIEVED_MS;
  for (const [key, { askedAt }] of entries) {
    if (askedAt > oldest && entries.size < MAX_PAGES) return;
    entries.delete(key);
  }
}

function userOf({ principal }: BackstageCredentials): string | undefined {
  const { type, userEntityRef } = principal as Partial<BackstageUserPrincipal>;
  return type === 'user' ? userEntityRef : undefined;
}
