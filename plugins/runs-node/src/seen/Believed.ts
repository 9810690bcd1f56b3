/** How long it is believed what a person may see: what was taken away, and what the catalog says anew, counts this much later. */
const BELIEVED_MS = 15_000;
/** From then on whoever asks is answered, and it is found out for the next one: nobody waits whose page stays open. */
const RENEWED_MS = 10_000;
const MAX_KEPT = 1_000;

interface Asked<T> {
  askedAt: number;
  answer: Promise<T>;
  isRenewed: boolean;
}

/**
 * Answers that count for a short while. In a rollout a page asks for its state several times in a second; asking the catalog and the permission
 * framework each time would cost ten times what the answer costs.
 *
 * @internal
 */
export class Believed<T> {
  /** The oldest first. */
  readonly #asked = new Map<string, Asked<T>>();

  /**
   * What `look` found a moment ago, or finds now. Where it failed it is asked again.
   *
   * @param look - may go on after the answer, for the next question
   */
  async find(key: string, look: () => Promise<T>): Promise<T> {
    forgetOld(this.#asked);
    const known = this.#asked.get(key);
    const age = known ? Date.now() - known.askedAt : Infinity;
    if (!known || age >= BELIEVED_MS) return this.#look(key, look);
    if (age >= RENEWED_MS && !known.isRenewed) {
      known.isRenewed = true;
      // Whoever asks next learns what is wrong.
      this.#look(key, look, known).catch(() => {});
    }
    return known.answer;
  }

  /** @param before - counts until the answer is there */
  async #look(
    key: string,
    look: () => Promise<T>,
    before?: Asked<T>,
  ): Promise<T> {
    const asked: Asked<T> = {
      askedAt: Date.now(),
      answer: look(),
      isRenewed: false,
    };
    if (!before) this.#asked.set(key, asked);
    try {
      const answer = await asked.answer;
      if (before) {
        this.#asked.delete(key);
        this.#asked.set(key, asked);
      }
      return answer;
    } catch (error) {
      // Also what was believed before: it may have been taken away.
      if (this.#asked.get(key) === (before ?? asked)) this.#asked.delete(key);
      throw error;
    }
  }
}

/** Drops what is too old to be believed, or too much. The oldest come first. */
export function forgetOld(entries: Map<string, { askedAt: number }>): void {
  const oldest = Date.now() - BELIEVED_MS;
  for (const [key, { askedAt }] of entries) {
    if (askedAt > oldest && entries.size < MAX_KEPT) return;
    entries.delete(key);
  }
}
