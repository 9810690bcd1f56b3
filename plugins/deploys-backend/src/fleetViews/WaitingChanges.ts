/**
 * Of which changes lines tell nothing yet. A view that claimed to know a cluster as far as the fleet does would be believed, and what another replica
 * has shown already would be taken back by it.
 */
export class WaitingChanges {
  /** By line, of each cluster the version of the first change that waits. */
  readonly #first = new Map<string, Map<string, string>>();

  /** A line is to be worked out again after a change. */
  add(line: string, change: { cluster: string; version: string }): void {
    const clusters = this.#first.get(line) ?? new Map<string, string>();
    if (clusters.has(change.cluster)) return;
    clusters.set(change.cluster, change.version);
    this.#first.set(line, clusters);
  }

  /** It has been worked out. */
  done(line: string): void {
    this.#first.delete(line);
  }

  /** How far lines have come, where the fleet has come to `versions`, by cluster. */
  before(versions: Readonly<Record<string, string>>): Record<string, string> {
    const come = { ...versions };
    for (const clusters of this.#first.values()) {
      for (const [cluster, version] of clusters) {
        const known = come[cluster];
        if (known === undefined || !isDecimal(known) || !isDecimal(version)) {
          continue;
        }
        if (BigInt(known) >= BigInt(version)) {
          come[cluster] = String(BigInt(version) - 1n);
        }
      }
    }
    return come;
  }
}

function isDecimal(version: string): boolean {
  return /^\d+$/.test(version);
}
