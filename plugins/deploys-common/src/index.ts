/**
 * Types and permissions of the state of services.
 *
 * @packageDocumentation
 */
export * from './audit';
export * from './fleet';
export * from './fleetView';
export * from './permissions';
export * from './state';
export * from './versions';
