/**
 * Event ids that the deploys backend hands to the auditor (which puts the plugin id in front). Reading logs and manifests is audited: they may hold anything.
 *
 * @public
 */
export const deploysAuditEvents = {
  logsRead: 'logs-read',
  manifestsRead: 'manifests-read',
  /** Somebody asked for a terminal or a command. */
  terminalTicket: 'terminal-ticket',
  /** Begin and end of a terminal. */
  terminalSession: 'terminal-session',
  /** Begin and end of a single command. */
  commandRun: 'command-run',
} as const;
