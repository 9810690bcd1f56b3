/**
 * API, hooks and building blocks of runs and locks for the screens of other plugins.
 *
 * @packageDocumentation
 */
export * from './api';
export * from './components';
export { downloadText } from './downloadText';
export * from './forms';
export * from './hooks';
export * from './live';
export * from './tone';
