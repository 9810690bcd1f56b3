/** One run of a schema migration, as the database remembers it. */
export interface MigrationRun {
  /** Database that was migrated. Clusters that serve one environment share theirs. */
  database: string;
  component: string;
  version: string;
  cluster: string;
  /** uid of the pod and name of the container that ran it. */
  podUid: string;
  container: string;
  at: string;
  /** `changed` counts as a schema change made, `already` found the schema at this version. */
  outcome: 'changed' | 'already' | 'failed';
}

/**
 * What migrations did to the databases of the world. A migration is idempotent per version: a second run of the same version changes nothing, and says
 * so in its log.
 */
export class Ledger {
  readonly #runs: MigrationRun[] = [];
  readonly #listeners = new Set<() => void>();

  static create(options: { runs?: MigrationRun[] } = {}): Ledger {
    return new Ledger(options.runs ?? []);
  }

  private constructor(runs: MigrationRun[]) {
    this.#runs.push(...runs);
  }

  /** Carries out a migration that ran to its end. */
  migrate(run: Omit<MigrationRun, 'outcome'>): MigrationRun {
    return this.#add({
      ...run,
      outcome: this.isAt(run) ? 'already' : 'changed',
    });
  }

  /** Notes a migration that failed and was rolled back. */
  fail(run: Omit<MigrationRun, 'outcome'>): MigrationRun {
    return this.#add({ ...run, outcome: 'failed' });
  }

  isAt(schema: {
    database: string;
    component: string;
    version: string;
  }): boolean {
    return this.#runs.some(
      run =>
        run.outcome === 'changed' &&
        run.database === schema.database &&
        run.component === schema.component &&
        run.version === schema.version,
    );
  }

  /** Every run, oldest first. */
  runs(): readonly MigrationRun[] {
    return this.#runs;
  }

  runOf(podUid: string, container: string): MigrationRun | undefined {
    return this.#runs.findLast(
      run => run.podUid === podUid && run.container === container,
    );
  }

  /** Schema changes made: at most one for each database, component and version. */
  changes(
    filter: { component?: string; version?: string; database?: string } = {},
  ): MigrationRun[] {
    return this.#runs.filter(
      run =>
        run.outcome === 'changed' &&
        (filter.component === undefined ||
          run.component === filter.component) &&
        (filter.version === undefined || run.version === filter.version) &&
        (filter.database === undefined || run.database === filter.database),
    );
  }

  /** Called after each run. Returns the way to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(run: MigrationRun): MigrationRun {
    this.#runs.push(run);
    for (const listener of this.#listeners) {
      listener();
    }
    return run;
  }
}
