import { ApprovalRule, ApprovalState } from './approvals';

/**
 * `approval`: people agree to the plan. `pause`: a person who may steer the run lets it go on.
 *
 * @public
 */
export type GateKind = 'approval' | 'pause';

/**
 * `closed`: the run waits, or will wait, for it. What has been decided is never decided again.
 *
 * @public
 */
export type GateStatus = 'closed' | 'open' | 'rejected' | 'expired';

/**
 * A gate that a plan asks for between its steps. Those before the first effect come from the approval policies.
 *
 * @public
 */
export interface PlannedGate {
  /** Unique in the plan. */
  name: string;
  kind: GateKind;
  title: string;
  /** Id of the step that does not begin before the gate is open. */
  before: string;
  /** For an approval. */
  rule?: ApprovalRule;
}

/**
 * A gate of a run, with what this person may do about it.
 *
 * @public
 */
export interface RunGate {
  id: string;
  name: string;
  kind: GateKind;
  title: string;
  status: GateStatus;
  /** Step that waits for it; absent for a gate before the first effect. */
  before?: string;
  since: string;
  /** ISO time at which the run ends if the gate is still closed. */
  expiresAt?: string;
  decidedAt?: string;
  /** For an approval. */
  approval?: ApprovalState;
  /** Who rejected it, and why. */
  rejection?: { by: string; comment: string };
  /** Who has handed the right to approve on, and to whom. */
  delegations: Array<{ from: string; to: string; comment?: string }>;
  verbs: GateVerb[];
}

/**
 * Something that a person may see at a gate, with the reason when it cannot be used. `open` is for a pause.
 *
 * @public
 */
export interface GateVerb {
  verb: 'approve' | 'reject' | 'delegate' | 'open';
  allowed: boolean;
  why?: string;
}
