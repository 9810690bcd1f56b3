import { ApprovalState } from './approvals';

/**
 * What can stand in the way of an action. The value says which rule of the interlock blocked.
 *
 * @public
 */
export type BlockerType =
  | 'permission'
  | 'consent'
  | 'lock'
  | 'freeze'
  | 'approval'
  | 'plan-changed'
  | 'plan-problem'
  | 'key-taken'
  | 'sync-window'
  | 'finding'
  | 'requester'
  | 'source-not-readable';

/**
 * One fact that forbids an action now. Screens show it as a sentence: what, why, since when, until when, who can lift it.
 *
 * @public
 */
export interface Blocker {
  type: BlockerType;
  /** Short: 'Locked', 'Sync window closed'. */
  what: string;
  /** The whole reason in one or two sentences, ready to show. */
  why: string;
  /** ISO time from which the fact holds, where known. */
  since?: string;
  /** ISO time at which it ends by itself, where known. */
  until?: string;
  /** Who can lift it: entity refs of users or groups, or a plain phrase where no entity stands for them. */
  liftedBy?: string[];
  /** Whom to ask, where it is not known who can lift it: entity refs. The owners of what a person may not act on are not all let to it either. */
  ask?: string[];
  /** The thing that blocks, e.g. a lock's id or an Application `argocd/orders-blue`. */
  ref?: string;
  /** Where more is told about it: a path of the portal, or an http(s) address. */
  url?: string;
}

/**
 * Something to know before confirming that forbids nothing.
 *
 * @public
 */
export interface Warning {
  what: string;
  why: string;
  ref?: string;
  /** Where more is told about it: a path of the portal, or an http(s) address. */
  url?: string;
}

/**
 * The interlock's answer to 'may this happen now?'.
 *
 * @public
 */
export interface Verdict {
  allowed: boolean;
  blockers: Blocker[];
  /** What the action needs, or needed, people to agree to. Those that a run waits for forbid nothing when it is asked for. */
  approvals: ApprovalState[];
  warnings: Warning[];
  /** What stands in the way and is passed, in an emergency. */
  passed?: Blocker[];
}
