import { Entity } from '@backstage/catalog-model';
import { Believed, forgetOld } from './Believed';

/**
 * Entities as people may see them, whose pages they have open.
 *
 * @internal
 */
export class SeenEntities {
  readonly #seen = new Believed<Entity>();
  /** As each was read last, for whomever: with an older one in turn the state would go back and forth. */
  readonly #newest = new Map<
    string,
    { askedAt: number; look: number; entity: Entity }
  >();
  #looks = 0;

  /**
   * The newest known of an entity that this person may see, as `look` found a moment ago or finds now.
   *
   * @throws what `look` throws
   */
  async find(
    user: string,
    entityRef: string,
    look: () => Promise<Entity>,
  ): Promise<Entity> {
    forgetOld(this.#newest);
    const entity = await this.#seen.find(`${user} ${entityRef}`, () =>
      this.#look(entityRef, look),
    );
    return this.#newest.get(entityRef)?.entity ?? entity;
  }

  async #look(ref: string, look: () => Promise<Entity>): Promise<Entity> {
    this.#looks += 1;
    const began = this.#looks;
    const entity = await look();
    const newest = this.#newest.get(ref);
    // A slow look has seen what was before.
    if (newest && newest.look > began) return newest.entity;
    this.#newest.delete(ref);
    this.#newest.set(ref, { askedAt: Date.now(), look: began, entity });
    return entity;
  }
}
