/** Open streams, so that a fault can cut them. */
export class OpenStreams {
  readonly #cuts = new Set<() => void>();

  static create(): OpenStreams {
    return new OpenStreams();
  }

  private constructor() {}

  add(cut: () => void): () => void {
    this.#cuts.add(cut);
    return () => this.#cuts.delete(cut);
  }

  /** Ends all streams as a load balancer does. Answers how many there were. */
  cutAll(): number {
    const cuts = [...this.#cuts];
    for (const cut of cuts) {
      cut();
    }
    return cuts.length;
  }
}
