export * from './operations';
export * from './types';
export { applicationRow } from './applicationRow';
export { ArgoCdError } from './ArgoCdError';
export type { ArgoCdErrorKind } from './ArgoCdError';
