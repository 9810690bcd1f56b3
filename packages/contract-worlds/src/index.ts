/**
 * Systems that contract tests hold Switchyard to: the sandbox, and real ones where given.
 *
 * @packageDocumentation
 */
export * from './types';
export * from './repositories';
export * from './worlds';
export { ArgoCdApi, type ArgoCdAnswer } from './argocd/ArgoCdApi';
export { MigrationWatch } from './MigrationWatch';
export { realCluster, realContainers } from './real/realSystems';
export { KwokContainer } from './real/KwokContainer';
export { openSandboxWorld } from './sandbox/openSandboxWorld';
