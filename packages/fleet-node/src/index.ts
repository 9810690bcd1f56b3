/**
 * The read model of Switchyard: what clusters and Argo CD say, in memory, for all plugins of a backend.
 *
 * @packageDocumentation
 */
export * from './argocd';
export * from './config';
export { withSignal } from './http/withSignal';
export { parseQuantity } from './kubernetes/quantity';
export * from './rows';
export * from './service';
export * from './targets';
export * from './types';
