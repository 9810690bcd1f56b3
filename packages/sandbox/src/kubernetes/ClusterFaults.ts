/** What is wrong with a cluster's API at the moment. */
export interface ClusterFaultState {
  /** Connections are dropped, and those that are open are cut. */
  down: boolean;
  /** Connections are taken and never answered; watches fall silent. */
  hang: boolean;
  /** Real milliseconds before each answer. */
  latencyMs: number;
  /** How many of the next watches are told 410: their version is too old. */
  goneWatches: number;
  /** The token is refused with 401. */
  expiredToken: boolean;
  /** Kinds, by plural with group (`deployments.apps`), that may not be read or written: 403. */
  forbiddenKinds: string[];
  /** No metrics API: discovery does not name it. */
  metricsGone: boolean;
  /** How many of the next requests are answered with 429. */
  tooManyRequests: number;
  /** How many of the next patches are carried out and then cut off without an answer. */
  droppedPatches: number;
  /** Real milliseconds between carrying a patch out and answering it. */
  heldPatchMs: number;
  /** Schema migrations that begin fail, whatever their version: the database is not as they need it. */
  migrationsFail: boolean;
}

const NONE: ClusterFaultState = {
  down: false,
  hang: false,
  latencyMs: 0,
  goneWatches: 0,
  expiredToken: false,
  forbiddenKinds: [],
  metricsGone: false,
  tooManyRequests: 0,
  droppedPatches: 0,
  heldPatchMs: 0,
  migrationsFail: false,
};

/** What the fault page can do to the machines of a cluster. */
export interface ClusterAccidents {
  /** The pod dies without a word: its process is gone, its controller makes another. False if there is no such pod. */
  losePod(namespace: string, name: string): boolean;
  /** The node stops answering: its pods are evicted after a while. False if there is no such node. */
  loseNode(name: string): boolean;
  restoreNode(name: string): boolean;
}

/** Faults of one cluster, set by the fault page and by tests. */
export class ClusterFaults {
  #state: ClusterFaultState = { ...NONE };
  readonly #accidents: ClusterAccidents;
  readonly #listeners = new Set<() => void>();

  static create(options: { accidents: ClusterAccidents }): ClusterFaults {
    return new ClusterFaults(options.accidents);
  }

  private constructor(accidents: ClusterAccidents) {
    this.#accidents = accidents;
  }

  state(): ClusterFaultState {
    return { ...this.#state, forbiddenKinds: [...this.#state.forbiddenKinds] };
  }

  set(change: Partial<ClusterFaultState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) {
      listener();
    }
  }

  clear(): void {
    this.set(NONE);
  }

  /** Called after each change. Returns the way to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True once for each watch that is to be told 410. */
  takeGoneWatch(): boolean {
    return this.#take('goneWatches');
  }

  takeTooManyRequests(): boolean {
    return this.#take('tooManyRequests');
  }

  takeDroppedPatch(): boolean {
    return this.#take('droppedPatches');
  }

  losePod(namespace: string, name: string): boolean {
    return this.#accidents.losePod(namespace, name);
  }

  loseNode(name: string): boolean {
    return this.#accidents.loseNode(name);
  }

  restoreNode(name: string): boolean {
    return this.#accidents.restoreNode(name);
  }

  #take(
    counter: 'goneWatches' | 'tooManyRequests' | 'droppedPatches',
  ): boolean {
    if (this.#state[counter] <= 0) {
      return false;
    }
    this.set({ [counter]: this.#state[counter] - 1 });
    return true;
  }
}
