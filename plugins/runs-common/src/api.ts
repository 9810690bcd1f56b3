import { JsonObject } from '@backstage/types';
import { ApprovalState } from './approvals';
import { PassWish, WaitingPass } from './breakGlass';
import { RunGate } from './gates';
import { Blocker, Warning } from './interlock';
import { FreezeStatus, Lock, LockKind, LockSchedule, LockScope } from './locks';
import { RunPreview, RunSummary } from './runs';

/**
 * What a button on a card needs to know about one action on one target.
 *
 * @public
 */
export interface ActionState {
  /** Action kind, e.g. 'hotfix', or 'lock' for setting a lock. */
  action: string;
  title: string;
  environment: string;
  /** False when this person could never use it: the button is hidden. */
  visible: boolean;
  allowed: boolean;
  blockers: Blocker[];
  /** What it would need people to agree to. */
  approvals: ApprovalState[];
  warnings: Warning[];
  /** Whether this person could ask for an emergency pass, which would let it through. */
  breakGlass?: boolean;
}

/**
 * Answer of `GET /v1/entities/:kind/:namespace/:name/state`: everything of runs that an entity page shows, in one call.
 *
 * @public
 */
export interface EntityRunsState {
  entityRef: string;
  asOf: string;
  /** Signal channel that rings when any of this changed. */
  channel: string;
  hash: string;
  /** Not ended, oldest first. */
  active: RunSummary[];
  /** Ended, newest first, at most 10. */
  recent: RunSummary[];
  /** Its own, and those on entities that deploy the same target, as far as the person may see these. */
  locks: Lock[];
  actions: ActionState[];
  /** Per environment whether locks and freezes close it for this viewer, and when that changes. */
  windows: Array<FreezeStatus & { environment: string }>;
}

/**
 * Answer of `GET /v1/entities/:kind/:namespace/:name/why-not`: what this person may do with the entity now, and what stands in the way.
 *
 * @public
 */
export interface EntityActions {
  entityRef: string;
  asOf: string;
  /** As in the state of the entity. */
  items: ActionState[];
}

/**
 * What a person may do at all with an action in an environment, whatever the component.
 *
 * @public
 */
export interface ActionRight {
  /** Action kind, or 'lock'. */
  action: string;
  title: string;
  environment: string;
  /** On which components permissions let this person do it. */
  on: 'every' | 'some' | 'none';
  /** For 'some': users and groups of which one has to own the component; empty where it depends on something else. */
  ownedBy: string[];
  /** What may ask for the word of others first. */
  approvals: Array<{
    /** Name of the policy. */
    name: string;
    needed: number;
    /** Users and groups that may approve. */
    from: string[];
    /** Whether the owners of the component may as well. */
    owners: boolean;
    /** False where it depends on the component. */
    always: boolean;
  }>;
}

/**
 * Answer of `GET /v1/why-not`.
 *
 * @public
 */
export interface ActionRights {
  items: ActionRight[];
}

/**
 * Body of `POST /v1/previews`.
 *
 * @public
 */
export interface PreviewRequest {
  action: string;
  entityRef: string;
  environment: string;
  input: JsonObject;
}

/**
 * Body of `POST /v1/runs`; the header `Idempotency-Key` is required.
 *
 * @public
 */
export interface RunRequest extends PreviewRequest {
  reason: string;
  /** Hash of the plan that was shown. A different plan by now is refused with 409. */
  planHash: string;
  /** Id of the run whose choice this is, where it was made from one. */
  forkedFrom?: string;
  /** Id of a run of the preview's `replaceable` that is to end in favour of this one. When it has begun by now, 409, and nothing happens. */
  replaces?: string;
  /** Asks for an emergency pass for this run: see the preview's `passOffer`. When there is nothing that it would pass, 409. */
  breakGlass?: PassWish;
}

/**
 * Answer of `POST /v1/runs/:id/fork`: what was chosen for that run, to be asked for anew, and what it would do now. Nothing is asked for by it.
 *
 * @public
 */
export interface RunFork {
  request: PreviewRequest & { forkedFrom: string };
  preview: RunPreview;
}

/**
 * Body of `POST /v1/runs/:id/discard` and of `POST /v1/runs/:id/steps/:stepId/skip`.
 *
 * @public
 */
export interface VerbReason {
  reason: string;
}

/**
 * Body of `POST /v1/locks`.
 *
 * @public
 */
export interface LockRequest {
  /** Default: `component`. */
  scope?: LockScope;
  /** Required for a system or component. */
  entityRef?: string;
  /** Required for a cluster. */
  cluster?: string;
  /** Required for an environment. */
  environment?: string;
  /** Default: `lock`. */
  kind?: LockKind;
  reason: string;
  /** Whether it lets its holder deploy. Default: true, but for a freeze. */
  holderMayDeploy?: boolean;
  /** Address of an incident, `https://…`. */
  incident?: string;
  /** For a freeze that repeats. */
  schedule?: LockSchedule;
  /** ISO time. Default: now. */
  startsAt?: string;
  /** ISO time in the future. Absent: as the policy says; null: until it is released, where the policy allows that. */
  expiresAt?: string | null;
}

/**
 * Body of `POST /v1/locks/:id/release`.
 *
 * @public
 */
export interface LockRelease {
  /** Required of who does not hold the lock. */
  reason?: string;
}

/**
 * Body of `POST /v1/locks/:id/extend`.
 *
 * @public
 */
export interface LockExtension {
  /** ISO time in the future; null: until it is released, where the policy allows that. It may also be earlier than before. */
  expiresAt: string | null;
  /** Required of who does not hold the lock. */
  reason?: string;
}

/**
 * Body of `POST /v1/locks/:id/transfer`.
 *
 * @public
 */
export interface LockTransfer {
  /** User entity ref of who is to hold it. */
  to: string;
  /** Required of who does not hold the lock. */
  reason?: string;
}

/**
 * Query of `GET /v1/locks`. Without a field, it does not restrict.
 *
 * @public
 */
export interface LockFilter {
  /** Those that bind this component. */
  entityRef?: string;
  scope?: LockScope;
  kind?: LockKind;
  environment?: string;
  /** User entity ref. */
  holder?: string;
}

/**
 * Body of `POST /v1/gates/:id/approve`.
 *
 * @public
 */
export interface ApproveRequest {
  /** Hash of the plan that the person was shown. */
  planHash: string;
  comment?: string;
}

/**
 * Body of `POST /v1/gates/:id/reject`.
 *
 * @public
 */
export interface RejectRequest {
  planHash: string;
  comment: string;
}

/**
 * Body of `POST /v1/gates/:id/delegate`.
 *
 * @public
 */
export interface DelegateRequest {
  /** User entity ref of who may approve instead. */
  to: string;
  comment?: string;
}

/**
 * A gate at which a run waits.
 *
 * @public
 */
export interface WaitingGate {
  run: RunSummary;
  planHash: string;
  gate: RunGate;
}

/**
 * Answer of `GET /v1/gates`.
 *
 * @public
 */
export interface GateInbox {
  /** What this person may decide, oldest first. */
  forMe: WaitingGate[];
  /** What this person asked for, and others have to decide. */
  mine: WaitingGate[];
  /** Emergency passes that wait for a second person. */
  passes: { forMe: WaitingPass[]; mine: WaitingPass[] };
  /** Signal channel that rings when any run changed. */
  channel: string;
}

/**
 * Message of a signal on a channel of runs: look again, unless you have this hash already.
 *
 * @public
 */
export type RunsSignal = {
  hash: string;
};
