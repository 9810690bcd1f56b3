/** Ways to undo what was made, last first. */
export class Closers {
  readonly #all: Array<{ what: string; undo: () => Promise<unknown> }> = [];

  add(what: string, undo: () => Promise<unknown>): void {
    this.#all.push({ what, undo });
  }

  /** Undoes everything. @throws one error that names all that could not be undone */
  async close(): Promise<void> {
    const left: string[] = [];
    for (const { what, undo } of this.#all.splice(0).reverse()) {
      await undo().catch(error => left.push(`${what}: ${String(error)}`));
    }
    if (left.length > 0) {
      throw new Error(`Not everything was cleaned up: ${left.join('; ')}`);
    }
  }
}
