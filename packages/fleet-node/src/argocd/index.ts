export * from './types';
export { ArgoCdError } from './ArgoCdError';
export type { ArgoCdErrorKind } from './ArgoCdError';
