/**
 * Starts processes in containers. Apart from the main entry, because only what guards a session may import it.
 *
 * @packageDocumentation
 */
export { createExecutor } from './createExecutor';
export type { ExecEnd, Executor, ExecRequest, ExecSession } from './types';
