import { JsonObject } from '@backstage/types';
import {
  EntityActions,
  EntityRunsState,
  Lock,
  LockCalendar,
  LockExtension,
  LockFilter,
  LockPlacesList,
  LockRelease,
  LockRequest,
  LockTransfer,
  PreviewRequest,
  RunDetail,
  RunKind,
  RunPreview,
  RunRequest,
  RunStatus,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import { MayRequest } from '../children/judgeChildren';
import { Caller } from './Caller';

/** Everything is done on behalf of a person. */
export interface CallOptions {
  caller: Caller;
  /** For a run that asks for others: whether the caller may ask for each of those. */
  mayRequest?: MayRequest;
}

/** Of what can be done with an entity, which. Without a field, it does not restrict. */
export interface ActionFilter {
  /** Action kind, or 'lock'. */
  action?: string;
  environment?: string;
}

/** Which runs to list. Without a field, it does not restrict. */
export interface RunFilter {
  entityRef?: string;
  status?: RunStatus[];
  kind?: string;
  environment?: string;
  /** User entity ref. */
  requestedBy?: string;
  /** Asked for then or later. */
  from?: Date;
  /** Asked for before. */
  to?: Date;
  /** At most 100. */
  limit: number;
  /** `nextCursor` of the page before. */
  cursor?: number;
}

/** Whose choices are asked for. */
export type ChoicesQuery = Pick<
  PreviewRequest,
  'action' | 'entityRef' | 'environment'
>;

/** A page of runs, newest first. */
export interface RunPage {
  items: RunSummary[];
  nextCursor?: string;
  /** Signal channel that rings when any run changed. */
  channel: string;
}

/** Runs, as people see and steer them. */
export interface RunService {
  getEntityState(
    entityRef: string,
    options: CallOptions,
  ): Promise<EntityRunsState>;
  /**
   * What the caller may do with an entity now, and what stands in the way: as in its state, and nothing else.
   *
   * @throws InputError for an action that there is not, or an environment in which it makes no sense
   */
  getActions(
    entityRef: string,
    only: ActionFilter,
    options: CallOptions,
  ): Promise<EntityActions>;
  /**
   * What can be chosen from for the input of an action.
   *
   * @throws InputError for an action or environment that makes no sense; NotFoundError for an action without choices
   */
  listChoices(request: ChoicesQuery, options: CallOptions): Promise<JsonObject>;
  /** @throws InputError for an action, environment or input that makes no sense */
  preview(request: PreviewRequest, options: CallOptions): Promise<RunPreview>;
  /**
   * Asks for a run. `created` is false when the key has made it before.
   *
   * @throws ConflictError when the plan has changed, the interlock says no, or the key was used for something else
   */
  createRun(
    request: RunRequest & { idempotencyKey: string },
    options: CallOptions,
  ): Promise<{ run: RunSummary; created: boolean }>;
  /** What can be run, for filters and menus. */
  listKinds(options: CallOptions): Promise<RunKind[]>;
  listRuns(filter: RunFilter, options: CallOptions): Promise<RunPage>;
  /** @throws NotFoundError when there is none, or when its component is hidden from the caller */
  getRun(id: string, options: CallOptions): Promise<RunDetail>;
  /** @throws ConflictError when it has ended */
  cancelRun(id: string, options: CallOptions): Promise<RunSummary>;
  /** @throws ConflictError when it is not parked, or when the interlock still says no */
  confirmRun(id: string, options: CallOptions): Promise<RunSummary>;
  /** @throws ConflictError when the run did not stop at this step */
  retryStep(
    id: string,
    stepId: string,
    options: CallOptions,
  ): Promise<RunSummary>;
}

/** A lock before and after something was done to it. */
export interface LockChange {
  before: Lock;
  after: Lock;
}

/** Locks, as people see and set them. */
export interface LockService {
  listLocks(filter: LockFilter, options: CallOptions): Promise<Lock[]>;
  /** What closes between two times: locks, freezes and warnings of what the person can see. */
  getCalendar(
    span: { from: Date; to: Date },
    options: CallOptions,
  ): Promise<LockCalendar>;
  /** What a lock may be set on besides systems and components. */
  listPlaces(options: CallOptions): Promise<LockPlacesList>;
  /** @throws InputError for what does not exist, or for an end that is not in the future or that the policy does not allow */
  createLock(request: LockRequest, options: CallOptions): Promise<Lock>;
  /**
   * Gives a lock another end.
   *
   * @throws NotFoundError when it no longer binds
   * @throws InputError for an end that is not in the future or that the policy does not allow, and without a reason of who does not hold it
   */
  extendLock(
    id: string,
    request: LockExtension,
    options: CallOptions,
  ): Promise<LockChange>;
  /**
   * Hands a lock on.
   *
   * @throws NotFoundError when it no longer binds
   * @throws InputError when there is no such user, and without a reason of who does not hold it
   */
  transferLock(
    id: string,
    request: LockTransfer,
    options: CallOptions,
  ): Promise<LockChange>;
  /**
   * @throws NotFoundError when it no longer binds
   * @throws InputError when somebody else holds it and no reason is given
   */
  releaseLock(
    id: string,
    request: LockRelease,
    options: CallOptions,
  ): Promise<Lock>;
}
