import { ApplicationRow, FleetService } from '@switchyard/fleet-node';
import { detailsOf } from '../state/applicationDetails';
import { ApplicationDetails } from '../state/types';

const MAX_REMEMBERED = 2000;

/**
 * What full Applications told. The fleet drops those that nobody looked at for a while; a page that is still open shall not lose the last
 * deploy for that.
 */
export class ApplicationDetailsMemory {
  readonly #fleet: Pick<FleetService, 'fullApplication'>;
  readonly #remembered = new Map<string, ApplicationDetails>();

  constructor(options: { fleet: Pick<FleetService, 'fullApplication'> }) {
    this.#fleet = options.fleet;
  }

  of(row: ApplicationRow): ApplicationDetails | undefined {
    const { instance, namespace, name } = row;
    const key = `${instance} ${namespace} ${name}`;
    const full = this.#fleet.fullApplication({ instance, namespace, name });
    if (!full) return this.#remembered.get(key);
    const details = detailsOf(full);
    this.#remembered.delete(key);
    this.#remembered.set(key, details);
    if (this.#remembered.size > MAX_REMEMBERED) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest);
    }
    return details;
  }
}
