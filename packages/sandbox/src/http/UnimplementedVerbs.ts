/**
 * Verbs that the sandbox was asked for and does not have. It answers them with 501 and the verb's name; a test suite in which that happens fails, so
 * that nothing is ever tested against an answer that the sandbox made up.
 */
export class UnimplementedVerbs {
  readonly #counts = new Map<string, number>();

  static create(): UnimplementedVerbs {
    return new UnimplementedVerbs();
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
