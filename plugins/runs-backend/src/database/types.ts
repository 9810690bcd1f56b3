import { JsonObject } from '@backstage/types';
import {
  ApprovalRule,
  Blocker,
  Change,
  GateKind,
  GateStatus,
  LockKind,
  LockSchedule,
  LockScope,
  LockTarget,
  PersonsWord,
  RunLogLine,
  RunMention,
  RunPlan,
  RunStatus,
  StepStatus,
} from '@switchyard/backstage-plugin-runs-common';
import { NewPass, PassRecord } from '../breakGlass/types';

/** Why a run is parked. */
export interface Parked {
  message: string;
  since: string;
  blockers: Blocker[];
  /** The step that stopped; absent when the run had not begun a step. */
  stepId?: string;
  /** Whether a look at the interlock found it open; kept so that a change of it rings. */
  ready: boolean;
  /** The user who holds it; absent where it waits for another reason. */
  pausedBy?: string;
}

/** That a person has let a parked run go on. */
export interface Confirmed {
  by: string;
  at: string;
  /** The step that had found another world than planned, when that is what was confirmed. */
  stepId?: string;
  /** What it had found, in its words. */
  found?: string;
  /** The step that is to be tried again, when that is what was asked for. */
  retriedStepId?: string;
  /** As `retriedStepId`, where all that had stopped is tried again. */
  retriedStepIds?: string[];
}

/** A gate with what people have said at it. */
export interface GateRecord {
  id: string;
  name: string;
  kind: GateKind;
  title: string;
  status: GateStatus;
  beforeStep?: string;
  rule?: ApprovalRule;
  planHash: string;
  createdAt: Date;
  expiresAt?: Date;
  decidedAt?: Date;
  decisions: DecisionRecord[];
  delegations: DelegationRecord[];
}

/** What a person has said at a gate. */
export interface DecisionRecord {
  person: string;
  decision: 'approve' | 'reject' | 'open';
  /** The approver who had handed the right on. */
  onBehalfOf?: string;
  /** Groups of whoever the right belongs to, as they were then. */
  groups: string[];
  planHash: string;
  comment?: string;
  at: string;
  /** Number of the run for which it was given first. */
  reusedFrom?: number;
}

/** That an approver has handed the right on. */
export interface DelegationRecord {
  from: string;
  to: string;
  groups: string[];
  comment?: string;
  at: string;
}

/** A gate to insert with its run. */
export interface NewGate {
  name: string;
  kind: GateKind;
  title: string;
  /** Absent: before the first effect. */
  beforeStep?: string;
  rule?: ApprovalRule;
  expiresInMs?: number;
  /** Approvals of an earlier run that count again. */
  reused: DecisionRecord[];
  /** Whether those are enough. */
  isOpen: boolean;
}

/** A run as lists show it. */
export interface RunRecord {
  id: string;
  number: number;
  kind: string;
  planVersion: number;
  title: string;
  entityRef: string;
  environment: string;
  /** As stored: a run that stands in line behind another is 'queued' here. */
  status: RunStatus;
  parked?: Parked;
  /** Whether it waits for runs that it has asked for. */
  waitsForChildren: boolean;
  /** The run that has asked for it. */
  parent?: { id: string; number: number; title: string; entityRef: string };
  /** For one that waits at a gate: all its gates. It is 'waiting', not parked, and waits for no children then. */
  gates?: GateRecord[];
  /** The run that is ahead on one of its keys. */
  behind?: { id: string; number: number; title: string; entityRef: string };
  requestedBy: string;
  reason: string;
  requestedAt: Date;
  /** Since when it stands in line. */
  queuedAt: Date;
  startedAt?: Date;
  finishedAt?: Date;
  currentStep?: {
    id: string;
    title: string;
    progress?: string;
    expectedBy?: Date;
  };
  stepsDone: number;
  stepsTotal: number;
  cause?: string;
  cancelRequestedBy?: string;
  pauseRequestedBy?: string;
  discarded?: PersonsWord;
  /** Whether a step of it has come as far as an effect. */
  hasEffects: boolean;
  /** Its emergency passes, newest first. */
  passes: PassRecord[];
  /** Grows with every change that a screen shows. */
  revision: number;
}

/** A run that another has asked for. */
export interface ChildRecord extends RunRecord {
  /** Of the child in the parent's plan. */
  childId: string;
  /** For which it was asked for, or put in line again, last. */
  wish: string;
}

/** Everything that is kept of a step. */
export interface StepRecord {
  stepId: string;
  status: StepStatus;
  attempt: number;
  /** Attempts that ended with an error. */
  failures: number;
  /** Attempts that ended because their worker did. */
  interruptions: number;
  /** Whether an attempt has come as far as its effect. */
  effectStarted: boolean;
  reference?: JsonObject;
  output?: JsonObject;
  changes: Change[];
  progress?: string;
  error?: string;
  skipped?: PersonsWord;
  startedAt?: Date;
  finishedAt?: Date;
  retryAt?: Date;
  /** Until when the present attempt should have ended. */
  expectedBy?: Date;
  /** Milliseconds from the reading until `retryAt`, by the database's clock. */
  retryInMs?: number;
}

/** A run with its plan and steps. */
export interface FullRun extends RunRecord {
  plan: RunPlan;
  planHash: string;
  actor: string;
  /** What a person has said last to let it go on. */
  confirmed?: Confirmed;
  /** What was chosen; absent for runs from a time when it was not kept. */
  input?: JsonObject;
  forkedFrom?: RunMention;
  replaces?: RunMention;
  replacedBy?: RunMention;
  steps: StepRecord[];
}

/** A line of a step's log, numbered by its writer. */
export interface LogRecord extends RunLogLine {
  stepId: string;
  /** Unique within the step; grows. */
  seq: number;
}

/** Something to tell another system after the commit. */
export interface OutboxRecord {
  id: string;
  topic:
    | 'audit-effect'
    | 'audit-gate'
    | 'audit-lock'
    | 'audit-break-glass'
    | 'notify-gate'
    | 'notify-run'
    | 'notify-break-glass';
  payload: JsonObject;
}

/** A lock as stored. */
export interface LockRecord extends LockTarget {
  id: string;
  /** Under which it is looked up: see lockKeys.ts. */
  key: string;
  kind: LockKind;
  reason: string;
  createdBy: string;
  /** User entity ref of who answers for it now. */
  holder: string;
  holderMayDeploy: boolean;
  incident?: string;
  schedule?: LockSchedule;
  createdAt: Date;
  startsAt?: Date;
  expiresAt?: Date;
  /** When it was read, by the database's clock. */
  readAt: Date;
}

/** A lock to be set. */
export interface NewLock extends LockTarget {
  kind: LockKind;
  reason: string;
  createdBy: string;
  holderMayDeploy: boolean;
  incident?: string;
  schedule?: LockSchedule;
  startsAt?: Date;
  expiresAt?: Date;
}

/** Which locks to list. Without a field, it does not restrict. */
export interface LockQuery {
  scope?: LockScope;
  kind?: LockKind;
  /** Those narrowed to it. */
  environment?: string;
  holder?: string;
}

/** Proof of a claim: every write names it. */
export interface Claim {
  runId: string;
  epoch: number;
}

/** What people want of a run that is being carried out, as of a revision of it. */
export interface Asked {
  cancelRequestedBy?: string;
  pauseRequestedBy?: string;
  revision: number;
}

/** What a worker gets when it claims a run. */
export interface ClaimedRun {
  claim: Claim;
  run: {
    id: string;
    number: number;
    plan: RunPlan;
    planHash: string;
    requestedBy: string;
    requestedAt: string;
    reason: string;
    actor: string;
    actorGroups: string[];
  };
  /** True when it was running under another worker, whose lease has ended. */
  takenOver: boolean;
  confirmed?: Confirmed;
  asked: Asked;
  steps: StepRecord[];
  /** Locks on the entity at the moment of the claim, in the run's environment. */
  locks: LockRecord[];
  gates: GateRecord[];
  /** The emergency pass that is valid at that moment. */
  pass?: PassRecord;
}

/** What a run has to tell at once. Steps are written whole, so that writing twice changes nothing. */
export interface RunDelta {
  steps: StepDelta[];
  logs: LogRecord[];
  outbox: OutboxRecord[];
}

/** A step's state to write; the database's clock fills in the times. */
export interface StepDelta
  extends Omit<
    StepRecord,
    'startedAt' | 'finishedAt' | 'retryAt' | 'expectedBy' | 'skipped'
  > {
  /** Sets the start of the attempt to now. */
  starts?: boolean;
  /** Sets the end to now. */
  ends?: boolean;
}

/** How a run stops being carried out. */
export type RunEnd =
  | {
      status: 'succeeded' | 'cancelled' | 'failed' | 'dead' | 'needs-attention';
      cause?: string;
      keepKeys: boolean;
    }
  /** With neither `parked` nor `waitsForChildren` it waits at a gate. */
  | {
      status: 'waiting';
      parked?: Parked;
      waitsForChildren?: boolean;
      keepKeys: boolean;
    };

/** What makes a new run the child of another. */
export interface NewChild {
  parentRun: string;
  /** Of the child in the parent's plan. */
  childId: string;
  /** See `ChildRuns`. */
  wish: string;
  /** Who answers for the parent now. */
  actor: string;
}

/** A new run to insert. */
export interface NewRun {
  id: string;
  plan: RunPlan;
  planHash: string;
  reason: string;
  requestedBy: string;
  requesterGroups: string[];
  idempotencyKey: string;
  requestHash: string;
  input?: JsonObject;
  /** Ids of other runs: see RunRequest. */
  forkedFrom?: string;
  replaces?: string;
  /** Where another run asks for it. */
  child?: NewChild;
  inputHashes: Record<string, string>;
  /** In order; closed ones before the first effect keep it from its place in line. */
  gates?: NewGate[];
  pass?: NewPass;
}

/** Which runs to list. Without a field, it does not restrict. */
export interface RunQuery {
  entityRef?: string;
  /** As shown. */
  statuses?: RunStatus[];
  kind?: string;
  environment?: string;
  /** User entity ref. */
  requestedBy?: string;
  /** Only runs that were asked for then or later. */
  from?: Date;
  /** Only runs that were asked for before. */
  to?: Date;
  limit: number;
  /** Only runs with a lower number. */
  before?: number;
}
