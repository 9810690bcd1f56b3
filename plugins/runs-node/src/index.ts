/**
 * Extension points of the runs backend: modules bring action kinds and fact sources.
 *
 * @packageDocumentation
 */
export * from './actionKind';
export * from './childRunsStep';
export * from './extensions';
export * from './facts';
export * from './permissions';
export * from './steps';
export * from './seen';
