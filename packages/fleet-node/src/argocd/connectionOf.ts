import { InputError } from '@backstage/errors';
import type { ArgoCdConnection } from './ArgoCdConnection';
import { ArgoCdReader } from './types';

/**
 * Under this key a reader holds the connection that its writer uses too, so that both share an account. A registered symbol, because
 * the two entry points of the package may be loaded from different copies of it.
 *
 * @internal
 */
export const CONNECTION: unique symbol = Symbol.for(
  'switchyard.fleet.argocd.connection',
) as any;

/** @throws InputError for a reader that is not of the fleet @internal */
export function connectionOf(reader: ArgoCdReader): ArgoCdConnection {
  const connection = (reader as { [CONNECTION]?: ArgoCdConnection })[
    CONNECTION
  ];
  if (!connection) {
    throw new InputError('The reader was not handed out by the fleet');
  }
  return connection;
}
