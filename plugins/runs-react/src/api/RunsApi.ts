import { createApiRef } from '@backstage/core-plugin-api';
import {
  ActionRight,
  ApproveRequest,
  DelegateRequest,
  EntityRunsState,
  GateInbox,
  Lock,
  LockCalendar,
  LockExtension,
  LockFilter,
  LockPlacesList,
  LockRequest,
  LockTransfer,
  PassConfirmation,
  PassRefusal,
  PassRequest,
  PreviewRequest,
  RejectRequest,
  RunDetail,
  RunEvidence,
  RunFork,
  RunKind,
  RunLogLine,
  RunPreview,
  RunRequest,
  RunStatus,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';

/**
 * Which runs to list. Without a field, it does not restrict.
 *
 * @public
 */
export interface RunsFilter {
  entityRef?: string;
  status?: readonly RunStatus[];
  kind?: string;
  environment?: string;
  /** User entity ref. */
  requestedBy?: string;
  /** ISO time: asked for then or later. */
  from?: string;
  /** ISO time: asked for before. */
  to?: string;
  /** At most 100; default: 50. */
  limit?: number;
  /** `nextCursor` of the page before. */
  cursor?: string;
}

/**
 * A page of runs that the caller may see, newest first.
 *
 * @public
 */
export interface RunList {
  items: RunSummary[];
  /** Where the next page begins; absent on the last one. */
  nextCursor?: string;
  /** Signal channel that rings when any run changed. */
  channel?: string;
}

/**
 * The runs backend, as browsers see it. Every method rejects with a `ResponseError` that carries the status and the reason.
 *
 * @public
 */
export interface RunsApi {
  /** Everything of runs that an entity page shows. The same object again when nothing has changed. */
  getEntityState(entityRef: string): Promise<EntityRunsState>;
  /** What can be chosen from for the input of an action, as the action defines it. */
  listChoices<TChoices extends object>(
    query: Pick<PreviewRequest, 'action' | 'entityRef' | 'environment'>,
  ): Promise<TChoices>;
  /** What a run would do, what stands in its way, and which runs are ahead of it. Changes nothing. */
  preview(
    request: PreviewRequest,
    options?: { signal?: AbortSignal },
  ): Promise<RunPreview>;
  /**
   * Asks for a run. The same key again answers with the run that the first call made.
   * Rejects with status 409 when the plan is no longer the one that was shown.
   */
  requestRun(
    request: RunRequest,
    options: { idempotencyKey: string },
  ): Promise<RunSummary>;
  /** What the viewer may do at all, whatever the component. */
  listRights(): Promise<ActionRight[]>;
  /** What can be run in this portal. */
  listKinds(): Promise<RunKind[]>;
  listRuns(filter?: RunsFilter): Promise<RunList>;
  /** The same object again when nothing has changed. */
  getRun(runId: string): Promise<RunDetail>;
  getStepLog(runId: string, stepId: string): Promise<RunLogLine[]>;
  /** The logs of all steps as a text. */
  getRunLog(runId: string): Promise<string>;
  /** What the world says now about the steps at which a run has stopped. Takes up to ten seconds, and changes nothing. */
  getEvidence(runId: string): Promise<RunEvidence>;
  /** Ends a queued run now, and a running one at its next step boundary. */
  cancelRun(runId: string): Promise<void>;
  /** Lets a parked run go on. */
  confirmRun(runId: string): Promise<void>;
  retryStep(runId: string, stepId: string): Promise<void>;
  /** Holds a run in line now, and a running one at its next step boundary. */
  pauseRun(runId: string): Promise<void>;
  /** Lets a run go on that a person holds. */
  continueRun(runId: string): Promise<void>;
  /** Tries all steps again at which a run stopped. */
  redriveRun(runId: string): Promise<void>;
  /** Gives up a run that stopped without a clear end. */
  discardRun(runId: string, reason: string): Promise<void>;
  /** Lets a run go on without a step. */
  skipStep(runId: string, stepId: string, reason: string): Promise<void>;
  /** What was chosen for a run, and what it would do now. */
  forkRun(runId: string): Promise<RunFork>;
  /** What waits at gates for this viewer, and what the viewer waits for. */
  listGates(): Promise<GateInbox>;
  /** Rejects with status 409 when the run has another plan than the one that was shown, or waits there no longer. */
  approveGate(gateId: string, request: ApproveRequest): Promise<void>;
  /** Ends the run. Rejects as `approveGate`. */
  rejectGate(gateId: string, request: RejectRequest): Promise<void>;
  /** Hands the viewer's right to approve on, for this gate. */
  delegateGate(gateId: string, request: DelegateRequest): Promise<void>;
  /** Lets a run go on that waits at a pause. */
  openGate(gateId: string): Promise<void>;
  /** Asks for an emergency pass for a run that is parked or has stopped. */
  askForPass(runId: string, request: PassRequest): Promise<void>;
  /** Gives a pass that somebody else asked for. Rejects with status 409 when the plan is another, or it waits for nobody any more. */
  confirmPass(passId: string, request: PassConfirmation): Promise<void>;
  /** Rejects as `confirmPass`. */
  refusePass(passId: string, request: PassRefusal): Promise<void>;
  /** Ends a pass before its time. */
  withdrawPass(passId: string): Promise<void>;
  /** Locks, warnings and freezes that bind now or are planned. */
  listLocks(filter?: LockFilter): Promise<Lock[]>;
  /** What a lock may be set on besides systems and components. */
  listLockPlaces(): Promise<LockPlacesList>;
  createLock(request: LockRequest): Promise<Lock>;
  /** Gives a lock another end. With a reason where somebody else holds it. */
  extendLock(lockId: string, request: LockExtension): Promise<Lock>;
  /** Hands a lock on. */
  transferLock(lockId: string, request: LockTransfer): Promise<Lock>;
  /** When locks and freezes close what between two ISO times. */
  getLockCalendar(span: { from: string; to: string }): Promise<LockCalendar>;
  /** With the reason where somebody else holds it. */
  releaseLock(lockId: string, reason?: string): Promise<void>;
}

/**
 * Ref of {@link RunsApi}. The runs plugin provides {@link RunsClient} for it.
 *
 * @public
 */
export const runsApiRef = createApiRef<RunsApi>({ id: 'plugin.runs.api' });
