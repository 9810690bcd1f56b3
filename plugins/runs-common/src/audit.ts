/**
 * Event ids that the runs backend hands to the auditor (which puts the plugin id in front).
 * `run-gate`: `meta.actionType` is approve, reject, delegate, open or expire. `run-create`, `run-verb` and `lock-*`: `meta.actionType` names the operation. `run-effect`: one per effect, with its reference.
 * `run-break-glass`: `meta.actionType` is ask, confirm, refuse, withdraw or use.
 * `audit-export`: that somebody took the audit trail as a file; `record-export`: or the record.
 *
 * @public
 */
export const runsAuditEvents = {
  runPreview: 'run-preview',
  runCreate: 'run-create',
  runVerb: 'run-verb',
  runEffect: 'run-effect',
  runGate: 'run-gate',
  runBreakGlass: 'run-break-glass',
  lockCreate: 'lock-create',
  lockExtend: 'lock-extend',
  lockTransfer: 'lock-transfer',
  lockRelease: 'lock-release',
  auditExport: 'audit-export',
  lockExpire: 'lock-expire',
  recordExport: 'record-export',
} as const;
