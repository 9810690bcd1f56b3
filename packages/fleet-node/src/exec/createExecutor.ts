import { InputError } from '@backstage/errors';
import type { FleetService } from '../types';
import type { Executor } from './types';

/**
 * Under this key a fleet holds its executor. A registered symbol, because the two entry points of the package may be loaded from different copies of
 * it.
 *
 * @internal
 */
export const EXECUTOR: unique symbol = Symbol.for(
  'switchyard.fleet.executor',
) as any;

/**
 * The half of a fleet that starts processes in containers.
 *
 * @throws InputError for a fleet that was not handed out by `fleetServiceRef`
 * @public
 */
export function createExecutor(options: { fleet: FleetService }): Executor {
  const executor = (options.fleet as { [EXECUTOR]?: Executor })[EXECUTOR];
  if (!executor) {
    throw new InputError('This fleet cannot start processes in containers');
  }
  return executor;
}
