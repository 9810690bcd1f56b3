/**
 * Verbs that were asked for in vain: because the sandbox does not have them (it answers 501 with the verb's name), or because no rule allows them. A
 * test suite in which that happens fails, so that nothing is ever tested against an answer that the sandbox made up.
 */
export class VerbCounts {
  readonly #counts = new Map<string, number>();

  static create(): VerbCounts {
    return new VerbCounts();
  }

  private constructor() {}

  /** @param verb - for example `argocd POST /api/v1/applications/{name}/rollback` */
  count(verb: string): void {
    this.#counts.set(verb, (this.#counts.get(verb) ?? 0) + 1);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(
      [...this.#counts].sort(([a], [b]) => a.localeCompare(b)),
    );
  }
}
