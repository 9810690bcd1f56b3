import { ClusterStore } from '../kubernetes/types';
import { WorldClock } from '../world/clock';
import { ApplicationStore } from './ApplicationStore';
import { parseGoDuration } from './duration';
import { ManagedObjects } from './ManagedObjects';
import { ManifestSource } from './ManifestSource';
import { RenderError } from './render/manifests';
import {
  onlySources,
  revisionsOf,
  Sourced,
  sourcesOf,
  writtenRevisions,
} from './sources';
import {
  advanceSync,
  SyncInput,
  SyncProgress,
  terminateSync,
} from './sync/advanceSync';
import { isHook } from './sync/tasks';
import {
  Application,
  keyOf,
  keyOfApplication,
  keyText,
  Operation,
  OperationState,
  RetryStrategy,
} from './types';

/** How long until an operation is looked at again, in world milliseconds. */
const TICK_MS = 500;
const DEFAULT_HISTORY_LIMIT = 10;

export interface OperationSurroundings {
  store: ClusterStore;
  managed: ManagedObjects;
}

export interface OperationRules {
  /** Whether the project's windows let the operation happen now. */
  canSync(application: Application, options: { manual: boolean }): boolean;
  /** Fault: the operation is taken up and then nothing happens any more. */
  isStuck(application: string): boolean;
}

/** Carries out Applications' operations, one step at each call. All state lies in the Application, so that an operation goes on after a restart. */
export class OperationRunner {
  readonly #applications: ApplicationStore;
  readonly #manifests: ManifestSource;
  readonly #clock: WorldClock;
  readonly #rules: OperationRules;
  /** When to try again, in the clock's elapsed time: what is written into the state is cut to whole seconds of the wall. */
  readonly #retryAt = new Map<string, number>();

  static create(options: {
    applications: ApplicationStore;
    manifests: ManifestSource;
    clock: WorldClock;
    rules: OperationRules;
  }): OperationRunner {
    return new OperationRunner(options);
  }

  private constructor(options: {
    applications: ApplicationStore;
    manifests: ManifestSource;
    clock: WorldClock;
    rules: OperationRules;
  }) {
    this.#applications = options.applications;
    this.#manifests = options.manifests;
    this.#clock = options.clock;
    this.#rules = options.rules;
  }

  /**
   * Takes an Application's operation one step further.
   *
   * @returns world milliseconds until the next step, or 'done' when the operation ended with this one
   */
  async advance(
    name: string,
    surroundings: OperationSurroundings,
  ): Promise<number | 'done'> {
    const application = this.#applications.get(name);
    const operation = application?.operation;
    if (!application || !operation) {
      return 'done';
    }
    const state = application.status.operationState;
    if (!state) {
      this.#save(name, {
        operation,
        phase: 'Running',
        startedAt: this.#now(),
      });
      return TICK_MS;
    }
    if (state.phase === 'Terminating') {
      return this.#terminate(application, state, surroundings);
    }
    const retryIn = this.#retryDelay(name, state);
    if (retryIn > 0) {
      return Math.min(retryIn, TICK_MS);
    }
    if (state.finishedAt) {
      return this.#retry(name, state);
    }
    if (this.#rules.isStuck(name)) {
      return TICK_MS;
    }
    if (
      !this.#rules.canSync(application, {
        manual: !operation.initiatedBy.automated,
      })
    ) {
      this.#save(name, {
        ...state,
        message: 'Sync operation blocked by sync window',
      });
      return TICK_MS;
    }
    return this.#sync(application, operation, state, surroundings);
  }

  async #sync(
    application: Application,
    operation: Operation,
    state: OperationState,
    surroundings: OperationSurroundings,
  ): Promise<number | 'done'> {
    const name = keyOfApplication(application);
    const sourced = sourcedOf(application, operation);
    let rendered;
    try {
      rendered = await this.#render(application, operation, state);
    } catch (error) {
      if (!(error instanceof RenderError)) {
        throw error;
      }
      return this.#finish(application, state, {
        phase: 'Error',
        message: `ComparisonError: ${error.message}`,
      });
    }
    // Asked to stop while the manifests were made.
    if (
      this.#applications.get(name)?.status.operationState?.phase !== 'Running'
    ) {
      return TICK_MS;
    }
    const results = structuredClone(state.syncResult?.resources ?? []);
    const next: OperationState = {
      ...state,
      syncResult: {
        ...writtenRevisions(sourced, rendered.revisions),
        ...onlySources(sourced),
        resources: results,
      },
    };
    if (!surroundings.store.reachable) {
      const host =
        application.spec.destination.server ??
        application.spec.destination.name;
      return this.#finish(application, next, {
        phase: 'Failed',
        message: `one or more objects failed to apply (dry run), reason: failed to discover server resources for cluster "${host}": Get "${host}/version": connect: connection refused`,
      });
    }
    const input = syncInput(
      application,
      operation,
      rendered.objects,
      results,
      surroundings,
    );
    const progress = advanceSync(input);
    if (progress.phase === 'Running') {
      this.#save(name, { ...next, message: progress.message });
      return progress.waitMs ?? TICK_MS;
    }
    return this.#finish(application, next, progress);
  }

  /** A revision that the server did not resolve is resolved now, once: the operation stays at it. */
  async #render(
    application: Application,
    operation: Operation,
    state: OperationState,
  ) {
    const sources = sourcedOf(application, operation);
    const known = revisionsOf(state.syncResult ?? {});
    const revisions =
      known.length > 0
        ? known
        : await this.#manifests.resolveAll(
            sources,
            revisionsOf(operation.sync),
          );
    return this.#manifests.render(application, revisions, { sources });
  }

  async #terminate(
    application: Application,
    state: OperationState,
    surroundings: OperationSurroundings,
  ): Promise<'done'> {
    const results = structuredClone(state.syncResult?.resources ?? []);
    const targets = await this.#targetsOf(application, state);
    const progress = terminateSync(
      syncInput(application, state.operation, targets, results, surroundings),
    );
    const next = state.syncResult
      ? { ...state, syncResult: { ...state.syncResult, resources: results } }
      : state;
    this.#end(keyOfApplication(application), {
      ...next,
      phase: progress.phase,
      message: progress.message,
    });
    return 'done';
  }

  /** What the operation was about to apply; nothing where that cannot be made any more. */
  async #targetsOf(
    application: Application,
    state: OperationState,
  ): Promise<SyncInput['targets']> {
    if (!state.syncResult) {
      return [];
    }
    try {
      const rendered = await this.#manifests.render(
        application,
        revisionsOf(state.syncResult),
        { sources: state.syncResult },
      );
      return rendered.objects;
    } catch (error) {
      if (error instanceof RenderError) {
        return [];
      }
      throw error;
    }
  }

  #finish(
    application: Application,
    state: OperationState,
    progress: SyncProgress,
  ): number | 'done' {
    const name = keyOfApplication(application);
    const limit = state.operation.retry.limit ?? 0;
    const retries = state.retryCount ?? 0;
    if (progress.phase !== 'Succeeded' && (retries < limit || limit < 0)) {
      const waitMs = backoffMs(state.operation.retry, retries);
      const at = new Date(
        this.#clock.now().getTime() + waitMs / this.#clock.speed,
      );
      this.#retryAt.set(name, this.#clock.elapsed() + waitMs);
      this.#save(name, {
        ...state,
        phase: 'Running',
        finishedAt: this.#now(),
        retryCount: retries + 1,
        message: `${progress.message}. Retrying attempt #${
          retries + 1
        } at ${kitchen(at)}.`,
      });
      return TICK_MS;
    }
    const message =
      progress.phase !== 'Succeeded' && retries > 0
        ? `${progress.message} (retried ${retries} times).`
        : progress.message;
    this.#end(name, { ...state, phase: progress.phase, message });
    return 'done';
  }

  /** World milliseconds until a failed attempt is tried again. */
  #retryDelay(name: string, state: OperationState): number {
    if (!state.finishedAt) {
      return 0;
    }
    const due = this.#retryAt.get(name);
    return due === undefined
      ? backoffMs(state.operation.retry, (state.retryCount ?? 1) - 1) -
          this.#clock.since(state.finishedAt)
      : due - this.#clock.elapsed();
  }

  #retry(name: string, state: OperationState): number {
    const { finishedAt: _, ...rest } = state;
    this.#retryAt.delete(name);
    this.#save(name, {
      ...rest,
      message: `Retrying operation. Attempt #${state.retryCount}`,
      ...(state.syncResult
        ? { syncResult: { ...state.syncResult, resources: [] } }
        : {}),
    });
    return TICK_MS;
  }

  #save(name: string, state: OperationState): void {
    this.#applications.update(name, draft => {
      draft.status.operationState = state;
    });
  }

  /**
   * The end of an operation. A full sync that succeeded stands in the history first, while the operation still says Running; a moment later the order is
   * gone. Health and sync are still those of before.
   */
  #end(name: string, state: OperationState): void {
    const finished: OperationState = { ...state, finishedAt: this.#now() };
    this.#retryAt.delete(name);
    const { operation, syncResult, phase } = finished;
    const { sync, initiatedBy } = operation;
    if (
      phase === 'Succeeded' &&
      !sync.dryRun &&
      !sync.resources?.length &&
      syncResult
    ) {
      this.#applications.update(name, draft => {
        const history = draft.status.history ?? [];
        const entry = {
          id: (history[history.length - 1]?.id ?? -1) + 1,
          ...writtenRevisions(syncResult, revisionsOf(syncResult)),
          ...onlySources(syncResult),
          deployStartedAt: finished.startedAt,
          deployedAt: finished.finishedAt!,
          initiatedBy,
        };
        draft.status.history = [...history, entry].slice(
          -(draft.spec.revisionHistoryLimit ?? DEFAULT_HISTORY_LIMIT),
        );
      });
    }
    this.#applications.update(name, draft => {
      draft.status.operationState = finished;
      delete draft.operation;
    });
  }

  #now(): string {
    return timestamp(this.#clock.now());
  }
}

/** Sources that an operation names, else those of the Application. */
function sourcedOf(application: Application, { sync }: Operation): Sourced {
  return sourcesOf(sync).length > 0 ? sync : application.spec;
}

function syncInput(
  application: Application,
  operation: Operation,
  objects: SyncInput['targets'],
  results: SyncInput['results'],
  { store, managed }: OperationSurroundings,
): SyncInput {
  const wanted = new Set(objects.map(object => keyText(keyOf(object))));
  const leftOver = managed
    .of(keyOfApplication(application))
    .filter(object => !wanted.has(keyText(keyOf(object))) && !isHook(object));
  const { namespace } = application.spec.destination;
  return { store, operation, targets: objects, leftOver, results, namespace };
}

function backoffMs(retry: RetryStrategy, attempt: number): number {
  const {
    duration = '5s',
    factor = 2,
    maxDuration = '3m',
  } = retry.backoff ?? {};
  const wait = (parseGoDuration(duration) ?? 5_000) * factor ** attempt;
  return Math.min(wait, parseGoDuration(maxDuration) ?? 180_000);
}

/** As Kubernetes writes times: whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** As Go's `time.Kitchen`: `5:59AM`. */
function kitchen(date: Date): string {
  const hours = date.getUTCHours();
  return `${hours % 12 === 0 ? 12 : hours % 12}:${String(
    date.getUTCMinutes(),
  ).padStart(2, '0')}${hours < 12 ? 'AM' : 'PM'}`;
}
