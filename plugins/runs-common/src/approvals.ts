/**
 * What an approval asks for. Refs are full entity refs in lower case.
 *
 * @public
 */
export interface ApprovalRule {
  /** How many people. */
  needed: number;
  /** Users and groups that may approve; being one of them, or in one of them, is enough. */
  from: string[];
  /** Each of these persons, or somebody of each of these groups, must be among those who approve. */
  required: string[];
  /** Whether the approval of who asked for the run counts. */
  selfApproval: boolean;
  /** Whether an approver may hand the right on to somebody else. */
  delegation: boolean;
}

/**
 * One person's word.
 *
 * @public
 */
export interface Approval {
  /** User entity ref. */
  by: string;
  at: string;
  comment?: string;
  /** The approver who had handed the right on. */
  onBehalfOf?: string;
  /** Number of the earlier run with the same plan for which it was given. */
  reusedFrom?: number;
}

/**
 * How far an approval has come.
 *
 * @public
 */
export interface ApprovalState {
  /** Name of the policy. */
  name: string;
  /** 'Needs 1 approval of platform'. */
  title: string;
  needed: number;
  from: string[];
  /** Those that count. */
  given: Approval[];
  /** How many more it takes; 0 when it is complete. */
  missing: number;
  /** Required persons and groups that have not approved. */
  missingRequired: string[];
  /** Those that were given for another plan, and so do not count. */
  void: Approval[];
}
