/**
 * A small world to try and test Switchyard without a cluster.
 *
 * @packageDocumentation
 */
export * from './handle';
export { startSandbox } from './startSandbox';
export * from './scale';
export { FaultBoard } from './faults/FaultBoard';
export { addSlackFaults } from './faults/slackFaults';
export { VerbCounts } from './http/VerbCounts';
export * from './slack';
export * from './testing';
