/**
 * Event ids that the deploys backend hands to the auditor (which puts the plugin id in front). Reading logs and manifests is audited: they may hold anything.
 *
 * @public
 */
export const deploysAuditEvents = {
  logsRead: 'logs-read',
  manifestsRead: 'manifests-read',
} as const;
