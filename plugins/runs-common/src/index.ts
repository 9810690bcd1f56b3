/**
 * Types, permissions and constants that the runs backend, its modules and the screens share.
 *
 * @packageDocumentation
 */
export * from './api';
export * from './approvals';
export * from './audit';
export * from './auditTrail';
export * from './breakGlass';
export * from './csv';
export * from './evidence';
export * from './gates';
export * from './interlock';
export * from './locks';
export * from './permissions';
export * from './plan';
export * from './record';
export * from './runs';
