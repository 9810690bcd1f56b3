/**
 * What the audit trail tells of. `run-state`: how a run went, by itself; `effect`: something was changed in another system.
 *
 * @public
 */
export const auditTrailEvents = {
  'run-request': 'Run asked for',
  'run-state': 'Run changed state',
  'run-cancel': 'Run cancelled',
  'run-pause': 'Run held',
  'run-continue': 'Run continued',
  'run-confirm': 'Parked run confirmed',
  'run-retry': 'Step tried again',
  'run-redrive': 'Run tried again',
  'run-skip': 'Step skipped',
  'run-discard': 'Run given up',
  'run-replace': 'Run replaced by a newer one',
  effect: 'Changed another system',
  'gate-approve': 'Approved',
  'gate-reject': 'Rejected',
  'gate-open': 'Let go on',
  'gate-delegate': 'Approval handed on',
  'gate-expire': 'Gate expired',
  'break-glass-ask': 'Break-glass asked for',
  'break-glass-give': 'Break-glass given',
  'break-glass-refuse': 'Break-glass refused',
  'break-glass-withdraw': 'Break-glass withdrawn',
  'break-glass-use': 'Break-glass used',
  'lock-set': 'Lock set',
  'lock-change': 'Lock changed',
  'lock-release': 'Lock released',
} as const;

/** @public */
export type AuditTrailEvent = keyof typeof auditTrailEvents;

/**
 * One entry of the audit trail. It is written in the transaction that it tells about, and never changes.
 *
 * @public
 */
export interface AuditEntry {
  /** Grows with time. */
  id: string;
  /** ISO time, by the database's clock. */
  at: string;
  /** One of {@link auditTrailEvents}; newer backends may tell of more. */
  event: string;
  /** User entity ref; absent where nobody asked: a run that went on by itself, a gate that expired. */
  actor?: string;
  /** Absent for what is not about one entity. */
  entityRef?: string;
  environment?: string;
  /** Action kind ('hotfix') or 'lock'. */
  action?: string;
  /** The run may have been cleaned up by now. */
  run?: { id: string; number: number };
  /** What it was done to: title of a run, step or gate, a file, an image, an Application. */
  what: string;
  before?: string;
  after?: string;
  /** Why, in the words of who did it, or the cause. */
  reason?: string;
  /** What else is known: `step`, `system`, `ref`, `url`, `cluster`, `planHash`, `onBehalfOf`. */
  details?: { [key: string]: unknown };
}

/**
 * Answer of `GET /v1/audit`.
 *
 * @public
 */
export interface AuditPage {
  /** Newest first. */
  items: AuditEntry[];
  /** Where the next page begins; absent on the last one. */
  nextCursor?: string;
}
