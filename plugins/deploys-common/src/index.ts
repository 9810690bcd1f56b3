/**
 * Types and permissions of the state of services.
 *
 * @packageDocumentation
 */
export * from './audit';
export * from './deploymentDetails';
export * from './fleet';
export * from './fleetView';
export * from './logs';
export * from './mappedEntities';
export * from './migration';
export * from './permissions';
export * from './pods';
export * from './release';
export * from './rollout';
export * from './state';
export * from './terminal';
export * from './versions';
