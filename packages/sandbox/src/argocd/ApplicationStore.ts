import { textOf } from '../kubernetes/json';
import { Application, keyOfApplication } from './types';

/** Finalizer of an Application whose objects go with it. */
export const CASCADE = 'resources-finalizer.argocd.argoproj.io';

export type ApplicationChange = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  application: Application;
  /** Somebody wants something else of it than before. */
  specChanged?: boolean;
};

/**
 * Applications as the management cluster keeps them, each under its {@link keyOfApplication}. Those handed out are never changed, only replaced.
 */
export class ApplicationStore {
  readonly #applications = new Map<string, Application>();
  readonly #listeners = new Set<(change: ApplicationChange) => void>();
  #resourceVersion: number;

  static create(options: {
    applications: readonly Application[];
    resourceVersion: number;
  }): ApplicationStore {
    return new ApplicationStore(options);
  }

  private constructor(options: {
    applications: readonly Application[];
    resourceVersion: number;
  }) {
    this.#resourceVersion = options.resourceVersion;
    for (const application of options.applications) {
      this.#applications.set(keyOfApplication(application), application);
    }
  }

  get resourceVersion(): string {
    return String(this.#resourceVersion);
  }

  get(name: string): Application | undefined {
    return this.#applications.get(name);
  }

  /** By name. */
  list(): Application[] {
    return [...this.#applications.values()].sort((a, b) =>
      a.metadata.name < b.metadata.name ? -1 : 1,
    );
  }

  /** Changes a copy and puts it in place. Without a change nothing happens and nobody is told. */
  update(name: string, change: (draft: Application) => void): Application {
    const before = this.#applications.get(name);
    if (!before) {
      throw new Error(`There is no Application '${name}'`);
    }
    const draft = structuredClone(before);
    change(draft);
    if (JSON.stringify(draft) === textOf(before)) {
      return before;
    }
    const specChanged =
      JSON.stringify(draft.spec) !== JSON.stringify(before.spec);
    if (
      specChanged ||
      JSON.stringify(draft.operation) !== JSON.stringify(before.operation) ||
      draft.metadata.deletionTimestamp !== before.metadata.deletionTimestamp
    ) {
      draft.metadata.generation += 1;
    }
    this.#put('MODIFIED', draft, specChanged);
    return draft;
  }

  add(application: Application): void {
    this.#put('ADDED', structuredClone(application));
  }

  /** Marks an Application as ending; the controller takes it away, with its objects where `cascade` says so. */
  markDeleted(name: string, options: { at: string; cascade: boolean }): void {
    this.update(name, draft => {
      draft.metadata.deletionTimestamp ??= options.at;
      draft.metadata.finalizers = options.cascade ? [CASCADE] : [];
    });
  }

  remove(name: string): void {
    const application = this.#applications.get(name);
    if (application) {
      this.#applications.delete(name);
      this.#resourceVersion += 1;
      this.#tell({ type: 'DELETED', application });
    }
  }

  /** Called after each change. Returns the way to stop. */
  subscribe(listener: (change: ApplicationChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(
    type: 'ADDED' | 'MODIFIED',
    application: Application,
    specChanged = false,
  ): void {
    this.#resourceVersion += 1;
    application.metadata.resourceVersion = String(this.#resourceVersion);
    this.#applications.set(keyOfApplication(application), application);
    this.#tell({ type, application, specChanged });
  }

  #tell(change: ApplicationChange): void {
    for (const listener of [...this.#listeners]) {
      listener(change);
    }
  }
}
