/**
 * A small world to try and test Switchyard without a cluster.
 *
 * @packageDocumentation
 */
export * from './handle';
export { startSandbox } from './startSandbox';
export * from './scale';
export * from './testing';
