import { ClusterStore } from '../kubernetes/types';
import { WorldClock } from '../world/clock';
import { ApplicationStore, CASCADE } from './ApplicationStore';
import { isAutoSync, nextAutomatedOperation } from './automatedSync';
import { compareApplication, Comparison } from './compareApplication';
import { ManagedObjects } from './ManagedObjects';
import {
  ManifestSource,
  RenderedSources,
  UnknownRevisionError,
} from './ManifestSource';
import { OperationRules, OperationRunner, timestamp } from './OperationRunner';
import { RenderError } from './render/manifests';
import {
  isMultiSource,
  onlySources,
  revisionsOf,
  sourcesOf,
  writtenRevisions,
} from './sources';
import { Application, Condition, keyOfApplication, Operation } from './types';

/** World milliseconds. */
const COMPARE_EVERY_MS = 180_000;
const PICK_UP_MS = 1_000;
const AFTER_OPERATION_MS = 1_400;
const AFTER_ERROR_MS = 5_000;
const AFTER_CHANGE_MS = 2_000;
/** A large rollout changes a pod every few milliseconds; an Application is compared at most ten times a second for that. */
const AFTER_CHANGE_WALL_MS = 100;

export type RefreshKind = 'normal' | 'hard';

export interface ApplicationControllerOptions {
  applications: ApplicationStore;
  manifests: ManifestSource;
  clock: WorldClock;
  rules: OperationRules & {
    /** Fault: a self-heal follows the next sync at once, as it now and then does in life. */
    takeNeedlessSelfHeal(application: string): boolean;
  };
  /** The cluster that a destination names, by address or by name. */
  clusterOf(application: Application): ClusterStore | undefined;
  clusters: readonly ClusterStore[];
  /** Told of each operation that the controller takes up. */
  operationStarted(application: string): void;
  onError(error: unknown): void;
}

/** Argo CD's application controller: compares, syncs by itself where it should, and carries out operations, each Application in turn. */
export class ApplicationController {
  readonly #options: ApplicationControllerOptions;
  readonly #runner: OperationRunner;
  readonly #managed = new Map<ClusterStore, ManagedObjects>();
  /** End of the line of work of each Application. */
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #stops = new Set<() => void>();
  readonly #dirty = new Set<string>();
  readonly #operating = new Set<string>();
  readonly #ending = new Set<string>();
  readonly #objectListeners = new Map<string, Set<() => void>>();
  #closed = false;

  static create(options: ApplicationControllerOptions): ApplicationController {
    return new ApplicationController(options);
  }

  private constructor(options: ApplicationControllerOptions) {
    this.#options = options;
    this.#runner = OperationRunner.create(options);
  }

  /** Begins to watch and compare, and goes on with operations that were in flight. */
  start(): void {
    for (const store of this.#options.clusters) {
      this.#managed.set(
        store,
        ManagedObjects.create({
          store,
          changed: name => {
            this.#compareSoon(name);
            this.#objectListeners.get(name)?.forEach(listener => listener());
          },
        }),
      );
    }
    this.#stops.add(
      this.#options.applications.subscribe(
        ({ type, application, specChanged }) => {
          const name = keyOfApplication(application);
          if (type !== 'DELETED' && application.metadata.deletionTimestamp) {
            this.#end(name);
          }
          if (specChanged) {
            this.#compareSoon(name);
          }
          if (type === 'ADDED') {
            this.#compareSoon(name);
            this.#compareRegularly(name, COMPARE_EVERY_MS);
          }
          if (type !== 'DELETED' && application.operation) {
            this.#operate(name, PICK_UP_MS);
          }
        },
      ),
    );
    const applications = this.#options.applications.list();
    applications.forEach((application, index) => {
      const name = keyOfApplication(application);
      if (application.operation) {
        this.#operate(name, PICK_UP_MS);
      }
      if (application.metadata.deletionTimestamp) {
        this.#end(name);
      }
      this.#compareSoon(name);
      this.#compareRegularly(
        name,
        COMPARE_EVERY_MS * (1 + index / applications.length),
      );
    });
  }

  /** Compares now and answers when it is done. */
  async refresh(name: string, kind: RefreshKind): Promise<void> {
    const annotation = 'argocd.argoproj.io/refresh';
    this.#options.applications.update(name, draft => {
      draft.metadata.annotations[annotation] = kind;
      // Stays behind for ever, as Argo CD 3.5 leaves it.
      draft.metadata.annotations['argocd.argoproj.io/hydrate'] = kind;
    });
    await this.#inLine(name, async () => {
      await this.#compare(name, { hard: kind === 'hard' });
      if (this.#options.applications.get(name)) {
        this.#options.applications.update(name, draft => {
          delete draft.metadata.annotations[annotation];
        });
      }
    });
  }

  /** Compares every Application once. */
  async compareAll(): Promise<void> {
    await Promise.all(
      this.#options.applications
        .list()
        .map(keyOfApplication)
        .map(name =>
          this.#inLine(name, () => this.#compare(name, { hard: false })),
        ),
    );
  }

  /** Resolves when nothing is being worked on at the moment. */
  async idle(): Promise<void> {
    for (
      let lines = [...this.#lines.values()];
      lines.length > 0;
      lines = [...this.#lines.values()]
    ) {
      await Promise.all(lines);
    }
  }

  managedOf(
    application: Application,
  ): { store: ClusterStore; managed: ManagedObjects } | undefined {
    const store = this.#options.clusterOf(application);
    const managed = store && this.#managed.get(store);
    return store && managed && { store, managed };
  }

  /** Called after each change of an Application's live objects, those that they own among them. Returns the way to stop. */
  onObjectsChanged(name: string, listener: () => void): () => void {
    const listeners = this.#objectListeners.get(name) ?? new Set();
    this.#objectListeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        this.#objectListeners.delete(name);
      }
    };
  }

  /** Takes an Application away that was asked to go. */
  #end(name: string): void {
    if (this.#ending.has(name)) {
      return;
    }
    this.#ending.add(name);
    this.#later(PICK_UP_MS, () =>
      this.#inLine(name, async () => {
        const application = this.#options.applications.get(name);
        const surroundings = application && this.managedOf(application);
        if (application?.metadata.finalizers?.includes(CASCADE)) {
          for (const object of surroundings?.managed.of(name) ?? []) {
            const { apiVersion, kind, metadata } = object;
            const { name: of, namespace } = metadata;
            surroundings!.store.delete({
              apiVersion,
              kind,
              name: of,
              namespace,
            });
          }
        }
        this.#ending.delete(name);
        this.#options.applications.remove(name);
      }),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) {
      stop();
    }
    for (const managed of this.#managed.values()) {
      managed.close();
    }
    await this.idle();
  }

  #operate(name: string, delayMs: number): void {
    if (this.#operating.has(name)) {
      return;
    }
    this.#operating.add(name);
    this.#later(delayMs, () =>
      this.#inLine(name, async () => {
        // After an error the operation is still there: it is looked at again.
        let next: number | 'done' = AFTER_ERROR_MS;
        try {
          next = await this.#step(name);
        } finally {
          this.#operating.delete(name);
          if (next === 'done') {
            this.#later(AFTER_OPERATION_MS, () =>
              this.#inLine(name, () =>
                this.#compare(name, { hard: false, afterOperation: true }),
              ),
            );
          } else {
            this.#operate(name, next);
          }
        }
      }),
    );
  }

  async #step(name: string): Promise<number | 'done'> {
    const application = this.#options.applications.get(name);
    if (!application?.operation) {
      return 'done';
    }
    const surroundings = this.managedOf(application);
    if (!application.status.operationState) {
      this.#options.operationStarted(name);
    }
    if (!surroundings) {
      this.#options.applications.update(name, draft => {
        const now = timestamp(this.#options.clock.now());
        draft.status.operationState = {
          operation: application.operation!,
          phase: 'Failed',
          message: destinationProblem(application),
          startedAt: now,
          finishedAt: now,
        };
        delete draft.operation;
      });
      return 'done';
    }
    return this.#runner.advance(name, surroundings);
  }

  #compareRegularly(name: string, delayMs: number): void {
    this.#later(delayMs, () => {
      if (!this.#options.applications.get(name)) {
        return undefined;
      }
      this.#compareRegularly(name, COMPARE_EVERY_MS);
      return this.#inLine(name, () => this.#compare(name, { hard: false }));
    });
  }

  #compareSoon(name: string): void {
    if (this.#dirty.has(name)) {
      return;
    }
    this.#dirty.add(name);
    this.#later(
      Math.max(
        AFTER_CHANGE_MS,
        AFTER_CHANGE_WALL_MS * this.#options.clock.speed,
      ),
      () => {
        this.#dirty.delete(name);
        return this.#inLine(name, () =>
          this.#compare(name, { hard: false, known: true }),
        );
      },
    );
  }

  /**
   * Compares and writes what it found.
   *
   * @param how - `known`: something changed in the cluster, so Git is not asked again; `afterOperation`: an operation just ended
   */
  async #compare(
    name: string,
    how: { hard: boolean; known?: boolean; afterOperation?: boolean },
  ): Promise<void> {
    const { applications, manifests } = this.#options;
    const application = applications.get(name);
    if (!application || application.metadata.deletionTimestamp) {
      return;
    }
    const surroundings = this.managedOf(application);
    if (!surroundings) {
      this.#unknown(name, {
        type: 'InvalidSpecError',
        message: destinationProblem(application),
      });
      return;
    }
    let rendered;
    try {
      const isKnown =
        how.known &&
        application.status.sync.status !== 'Unknown' &&
        JSON.stringify(onlySources(application.status.sync.comparedTo)) ===
          JSON.stringify(onlySources(application.spec));
      const known = isKnown ? revisionsOf(application.status.sync) : [];
      rendered = await manifests.render(
        application,
        known.length === sourcesOf(application.spec).length
          ? known
          : await manifests.resolveAll(application.spec),
        how,
      );
    } catch (error) {
      if (
        !(error instanceof RenderError) &&
        !(error instanceof UnknownRevisionError)
      ) {
        throw error;
      }
      this.#unknown(name, { type: 'ComparisonError', message: error.message });
      return;
    }
    // Deleted while its manifests were made.
    if (!applications.get(name)) {
      return;
    }
    const found = compareApplication({
      application,
      targets: rendered.objects,
      ...surroundings,
    });
    const updated = applications.update(name, draft =>
      this.#write(draft, rendered, found),
    );
    this.#syncByItself(updated, how.afterOperation ?? false);
  }

  #write(
    draft: Application,
    { sourceTypes, revisions }: RenderedSources,
    found: Comparison,
  ): void {
    const now = timestamp(this.#options.clock.now());
    const { status, spec } = draft;
    if (isMultiSource(spec)) {
      status.sourceTypes = sourceTypes;
    } else {
      status.sourceType = sourceTypes[0];
    }
    status.reconciledAt = now;
    status.sync = {
      status: found.sync,
      ...writtenRevisions(spec, revisions),
      comparedTo: { ...onlySources(spec), destination: spec.destination },
    };
    status.health =
      status.health.status === found.health
        ? status.health
        : { status: found.health, lastTransitionTime: now };
    status.resources = found.resources;
    status.summary = found.images.length > 0 ? { images: found.images } : {};
    setConditions(draft, []);
  }

  /** What cannot be compared is Unknown, with the reason as a condition. Health stays what it was: nothing is known to have changed. */
  #unknown(
    name: string,
    { type, message }: Omit<Condition, 'lastTransitionTime'>,
  ): void {
    const now = timestamp(this.#options.clock.now());
    if (!this.#options.applications.get(name)) {
      return;
    }
    this.#options.applications.update(name, draft => {
      const { spec, status } = draft;
      status.sync = {
        ...status.sync,
        status: 'Unknown',
        comparedTo: { ...onlySources(spec), destination: spec.destination },
      };
      status.reconciledAt = now;
      setConditions(draft, [{ type, message, lastTransitionTime: now }]);
    });
  }

  #syncByItself(application: Application, afterOperation: boolean): void {
    const name = keyOfApplication(application);
    if (!isAutoSync(application) || application.operation || this.#closed) {
      return;
    }
    const now = this.#options.clock.now();
    const next = nextAutomatedOperation(application, {
      sinceMs: time => this.#options.clock.since(time),
      canSync: this.#options.rules.canSync(application, { manual: false }),
      takeNeedlessSelfHeal: () =>
        afterOperation && this.#options.rules.takeNeedlessSelfHeal(name),
    });
    if (next.operation) {
      this.#begin(name, next.operation);
    }
    if (next.problem) {
      const problem: Condition = {
        type: 'SyncError',
        message: next.problem,
        lastTransitionTime: timestamp(now),
      };
      this.#options.applications.update(name, draft =>
        setConditions(draft, [problem]),
      );
    }
    if (next.againMs) {
      this.#later(next.againMs, () =>
        this.#inLine(name, () =>
          this.#compare(name, { hard: false, known: true }),
        ),
      );
    }
  }

  #begin(name: string, operation: Operation): void {
    this.#options.applications.update(name, draft => {
      draft.operation = operation;
      delete draft.status.operationState;
    });
  }

  #later(delayMs: number, work: () => unknown): void {
    if (this.#closed) {
      return;
    }
    const stop = this.#options.clock.schedule(delayMs, () => {
      this.#stops.delete(stop);
      work();
    });
    this.#stops.add(stop);
  }

  /** Work on one Application never overlaps. An error is reported and ends only the piece of work that threw it. */
  #inLine(name: string, work: () => Promise<void>): Promise<void> {
    const before = this.#lines.get(name) ?? Promise.resolve();
    const done = before.then(async () => {
      if (!this.#closed) {
        await work();
      }
    });
    const line = done
      .catch(error => this.#options.onError(error))
      .finally(() => {
        if (this.#lines.get(name) === line) {
          this.#lines.delete(name);
        }
      });
    this.#lines.set(name, line);
    return done;
  }
}

function destinationProblem({ spec: { destination } }: Application): string {
  return `application destination spec for ${
    destination.name ?? destination.server
  } is invalid: ${
    destination.name
      ? `unable to find destination server: there are no clusters with this name: ${destination.name}`
      : `cluster '${destination.server}' has not been configured`
  }`;
}

/** Replaces the conditions of comparisons and automated syncs; an old one that still holds keeps its time. */
function setConditions(
  application: Application,
  conditions: Condition[],
): void {
  const before = application.status.conditions ?? [];
  const next = conditions.map(
    condition =>
      before.find(
        old => old.type === condition.type && old.message === condition.message,
      ) ?? condition,
  );
  if (next.length > 0) {
    application.status.conditions = next;
  } else {
    delete application.status.conditions;
  }
}
