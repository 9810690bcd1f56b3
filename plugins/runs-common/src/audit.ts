/**
 * Event ids that the runs backend hands to the auditor (which puts the plugin id in front).
 * `run-gate`: `meta.actionType` is approve, reject, delegate, open or expire. `run-create` and `run-verb`, `lock-create`, `lock-release`: `meta.actionType` names the operation. `run-effect`: one per effect, with its reference.
 * `audit-export`: that somebody took the audit trail as a file.
 *
 * @public
 */
export const runsAuditEvents = {
  runPreview: 'run-preview',
  runCreate: 'run-create',
  runVerb: 'run-verb',
  runEffect: 'run-effect',
  runGate: 'run-gate',
  lockCreate: 'lock-create',
  lockRelease: 'lock-release',
  auditExport: 'audit-export',
} as const;
