import { JsonObject } from '@backstage/types';
import { ApplicationRef } from '../types';
import { ApplicationSource } from '../rows';

/** Who started an operation. @public */
export interface OperationInitiator {
  /** Argo CD's account; absent for automated ones. */
  username?: string;
  automated?: boolean;
}

/** What is asked of Argo CD's controller. Only the parts that are read. @public */
export interface Operation {
  sync?: {
    revision?: string;
    revisions?: string[];
    prune?: boolean;
    dryRun?: boolean;
    /** Present when only some resources are synced: such a sync leaves no history. */
    resources?: Array<{
      group?: string;
      kind: string;
      namespace?: string;
      name: string;
    }>;
    /** `apply` alone runs no hooks: that is how Argo CD rolls back. */
    syncStrategy?: { apply?: object; hook?: object };
    syncOptions?: string[];
    autoHealAttemptsCount?: number;
  };
  initiatedBy?: OperationInitiator;
  /** Free text of whoever asked for the sync, kept verbatim until another operation replaces it. */
  info?: Array<{ name: string; value: string }>;
  retry?: { limit?: number };
}

/** Phases of an operation; Failed, Error and Succeeded are ends. @public */
export type OperationPhase =
  | 'Running'
  | 'Terminating'
  | 'Failed'
  | 'Error'
  | 'Succeeded';

/** What became of one resource in a sync. @public */
export interface SyncResourceResult {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  /** Synced, SyncFailed, Pruned or PruneSkipped. */
  status?: string;
  message?: string;
  hookPhase?: string;
  hookType?: string;
  syncPhase?: string;
  images?: string[];
}

/**
 * Absent between a request and the controller's start, although `operation` is set then.
 *
 * @public
 */
export interface OperationState {
  operation: Operation;
  phase: OperationPhase;
  message?: string;
  startedAt: string;
  /** Set with phase Running: it waits to try again, it is not done. */
  finishedAt?: string;
  retryCount?: number;
  syncResult?: {
    revision?: string;
    revisions?: string[];
    source?: ApplicationSource;
    sources?: ApplicationSource[];
    resources?: SyncResourceResult[];
  };
}

/** A sync that succeeded, neither dry nor partial. Oldest first; the first id is 0. @public */
export interface RevisionHistory {
  id: number;
  revision?: string;
  revisions?: string[];
  source?: ApplicationSource;
  sources?: ApplicationSource[];
  deployStartedAt?: string;
  deployedAt: string;
  initiatedBy?: OperationInitiator;
}

/** @public */
export interface ApplicationCondition {
  /** ComparisonError, SyncError, InvalidSpecError … or a warning. */
  type: string;
  message: string;
  lastTransitionTime?: string;
}

/** @public */
export interface ApplicationResource {
  group?: string;
  version?: string;
  kind: string;
  namespace?: string;
  name: string;
  status?: string;
  health?: { status?: string; message?: string };
  hook?: boolean;
  requiresPruning?: boolean;
  syncWave?: number;
}

/**
 * An Argo CD Application as its API gives it: the parts that Switchyard reads. Objects handed out are shared and must not be changed.
 *
 * @public
 */
export interface Application {
  metadata: {
    name: string;
    namespace: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: Array<{
      apiVersion: string;
      kind: string;
      name: string;
      uid: string;
    }>;
  };
  spec: {
    project: string;
    destination: { server?: string; name?: string; namespace?: string };
    source?: ApplicationSource;
    sources?: ApplicationSource[];
    syncPolicy?: {
      automated?: {
        enabled?: boolean;
        prune?: boolean;
        selfHeal?: boolean;
      } | null;
      syncOptions?: string[];
    };
  };
  /** Asked for and not yet finished. */
  operation?: Operation;
  status?: {
    sync?: { status: string; revision?: string; revisions?: string[] };
    health?: { status?: string; message?: string; lastTransitionTime?: string };
    operationState?: OperationState;
    history?: RevisionHistory[] | null;
    conditions?: ApplicationCondition[] | null;
    /** ISO time of the last reconciliation: health and sync are as of then. */
    reconciledAt?: string;
    resources?: ApplicationResource[] | null;
    summary?: { images?: string[]; externalURLs?: string[] };
    /** How it is built: Helm, Kustomize, Directory or Plugin; with several sources one for each. */
    sourceType?: string;
    sourceTypes?: string[];
  };
}

/** @public */
export interface ApplicationEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  application: Application;
}

/** @public */
export interface SyncWindow {
  kind: 'allow' | 'deny';
  /** Cron expression. */
  schedule: string;
  duration: string;
  manualSync?: boolean;
}

/** Argo CD's answer to 'may this Application be synced by hand now?'. @public */
export interface ApplicationSyncWindows {
  canSync: boolean;
  activeWindows: SyncWindow[];
  assignedWindows: SyncWindow[];
}

/** A window as a project defines it. @public */
export interface ProjectSyncWindow extends SyncWindow {
  /** Of the schedule; UTC where none is given. */
  timeZone?: string;
  /** Why there is such a window, in the words of whoever made it. */
  description?: string;
  applications?: string[];
  namespaces?: string[];
  clusters?: string[];
}

/** The parts of an AppProject that are read. @public */
export interface ArgoProject {
  name: string;
  description?: string;
  syncWindows: ProjectSyncWindow[];
}

/**
 * What a resource of an Application is, and what it would be after a sync, both as Argo CD compares them: with defaults, without what is
 * ignored, data of Secrets masked by Argo CD.
 *
 * @public
 */
export interface ManagedResource {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  /** A hook: never compared. */
  hook: boolean;
  /** Undefined where it does not exist. */
  live?: JsonObject;
  /** Undefined where it is to be deleted. */
  desired?: JsonObject;
}

/** @public */
export interface ResourceNode {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  parentRefs: Array<{
    group?: string;
    kind: string;
    namespace?: string;
    name: string;
    uid?: string;
  }>;
  /** What Argo CD says of it at a glance, for example a pod's `Status Reason: CrashLoopBackOff`. */
  info: Array<{ name: string; value: string }>;
  images: string[];
  health?: { status?: string; message?: string };
  createdAt?: string;
}

/** @public */
export interface RevisionMetadata {
  author?: string;
  /** ISO time of the commit. */
  date?: string;
  tags?: string[];
  message?: string;
}

/** Names one Application to its instance. An `ApplicationRef` fits. @public */
export type ApplicationName = Pick<ApplicationRef, 'namespace' | 'name'> & {
  /** Where given, Argo CD tells a missing Application (404) from a forbidden one (403). */
  project?: string;
};

/**
 * Reads one Argo CD instance. Every call goes to Argo CD (`FleetReader` answers from memory), has a time limit and a size limit, and
 * ends when its signal does. All throw {@link ArgoCdError}, and `InputError` for names that no Kubernetes object can have.
 *
 * @public
 */
export interface ArgoCdReader {
  /** Name of the instance in `argocd.appLocatorMethods`. */
  readonly instance: string;
  /** With `refresh` Argo CD answers after it has compared again: may take tens of seconds. `hard` renders manifests anew. */
  getApplication(
    name: ApplicationName,
    options: { refresh?: 'normal' | 'hard'; signal: AbortSignal },
  ): Promise<Application>;
  /**
   * The full Application now and at each change, until the signal aborts (then it ends without an error). Connects again by itself,
   * and begins with the present state each time: states in between may be missing. Throws when Argo CD does not have it or forbids it.
   */
  streamApplication(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): AsyncIterable<ApplicationEvent>;
  syncWindows(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): Promise<ApplicationSyncWindows>;
  resourceTree(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): Promise<ResourceNode[]>;
  /** Live and desired manifests of everything that the Application manages. */
  managedResources(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): Promise<ManagedResource[]>;
  /** `forbidden` where the portal's account may not read projects, which Argo CD's own roles often leave out. */
  project(name: string, options: { signal: AbortSignal }): Promise<ArgoProject>;
  /**
   * `revision` is a commit id; a branch name is refused with `InputError`. A full commit id is asked for once however many want to know, and
   * kept: it names its content, whichever Application it is asked through. That one cannot be had is kept for a minute.
   */
  revisionMetadata(
    name: ApplicationName,
    revision: string,
    options: { sourceIndex?: number; signal: AbortSignal },
  ): Promise<RevisionMetadata>;
}

/** @public */
export interface SyncRequest {
  /** Leave out where auto-sync is on: Argo CD refuses any explicit commit then. Use full commit ids: an unknown one fails later. */
  revision?: string;
  /** One per source, in order, for Applications with several sources. */
  revisions?: string[];
  prune?: boolean;
  /** Deletes and creates again what cannot be changed in place. */
  force?: boolean;
  /** Only these. Such a sync runs no hooks and leaves no history. */
  resources?: Array<{
    group: string;
    kind: string;
    namespace?: string;
    name: string;
  }>;
  /** Kept with the operation, to find our own again: run id, user. */
  infos?: Array<{ name: string; value: string }>;
}

/** An Application that does not exist yet. @public */
export interface NewApplication {
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Pick<Application['spec'], 'project' | 'destination' | 'syncPolicy'> & {
    source: ApplicationSource;
  };
}

/**
 * Changes one Argo CD instance; made by `createArgoCdWriter({ reader })` of `@switchyard/fleet-node/effects`. Only effects may hold one, right after `beforeEffect`. Never repeats a request by itself.
 *
 * @public
 */
export interface ArgoCdWriter {
  readonly instance: string;
  /**
   * Asks for a sync. Resolves with the Application as Argo CD answers: `operation` is set, `status.operationState` is gone.
   *
   * @throws ArgoCdError of kind `refused` with Argo CD's own message; with `outcome: 'unknown'` when the answer was lost
   */
  sync(
    name: ApplicationName,
    request: SyncRequest,
    options: { signal: AbortSignal },
  ): Promise<Application>;
  /**
   * Asks for a sync of what an entry of the history had. Argo CD runs no hooks in it, keeps nothing of who asked why, refuses it while auto-sync is on,
   * and lets it hang in a closed sync window.
   *
   * @throws as `sync`
   */
  rollback(
    name: ApplicationName,
    request: { historyId: number; prune?: boolean },
    options: { signal: AbortSignal },
  ): Promise<Application>;
  /**
   * Changes the Application itself by a merge patch (RFC 7386): values replace, null deletes. Needs the right to update it.
   *
   * @throws as `sync`
   */
  patch(
    name: ApplicationName,
    patch: JsonObject,
    options: { signal: AbortSignal },
  ): Promise<Application>;
  /**
   * Creates an Application. Argo CD tries its project, destination and manifests first. One that is there already and is the same in all that was
   * given is answered; another of the name is refused, and never changed.
   *
   * @throws as `sync`
   */
  create(
    manifest: NewApplication,
    options: { signal: AbortSignal },
  ): Promise<Application>;
  /** Asks to stop the running operation; it goes on as Terminating for a while. `refused` when none is running. */
  terminate(
    name: ApplicationName,
    options: { signal: AbortSignal },
  ): Promise<void>;
}

/**
 * A live view of one full Application.
 *
 * @public
 */
export interface OpenApplication {
  readonly ref: ApplicationRef;
  /** The last state heard. */
  current(): Application;
  /**
   * Resolves with what `predicate` gives, asked at once and after each event (and now and then with the state read anew).
   * Rejects when the signal aborts, when the Application is deleted or forbidden, and when the handle is closed.
   */
  until<T>(
    predicate: (application: Application) => T | undefined,
    options: { signal: AbortSignal },
  ): Promise<T>;
  close(): void;
}
