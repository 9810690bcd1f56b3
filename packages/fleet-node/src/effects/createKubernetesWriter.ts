import { InputError } from '@backstage/errors';
import type { FleetService } from '../types';
import type { KubernetesWriter } from './types';

/**
 * Under this key a fleet holds what changes objects. A registered symbol, because the two entry points of the package may be loaded from different copies of
 * it.
 *
 * @internal
 */
export const KUBERNETES_WRITER: unique symbol = Symbol.for(
  'switchyard.fleet.kubernetesWriter',
) as any;

/**
 * The half of a fleet that changes objects in its clusters.
 *
 * @throws InputError for a fleet that was not handed out by `fleetServiceRef`
 * @public
 */
export function createKubernetesWriter(options: {
  fleet: FleetService;
}): KubernetesWriter {
  const writer = (options.fleet as { [KUBERNETES_WRITER]?: KubernetesWriter })[
    KUBERNETES_WRITER
  ];
  if (!writer) {
    throw new InputError('This fleet cannot change objects in clusters');
  }
  return writer;
}
