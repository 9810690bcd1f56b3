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
    const details = keepMigration(this.#remembered.get(key), detailsOf(full));
    this.#remembered.delete(key);
    this.#remembered.set(key, details);
    if (this.#remembered.size > MAX_REMEMBERED) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest);
    }
    return details;
  }
}

/**
 * Argo CD tells of the last operation only, heals single resources within a second of a sync, and keeps dry runs as well: what the sync before told of
 * a migration stays true for as long as nothing else was deployed.
 */
function keepMigration(
  before: ApplicationDetails | undefined,
  now: ApplicationDetails,
): ApplicationDetails {
  const kind = now.migration?.kind;
  const isOther = kind === 'partial-sync' || kind === 'dry-run';
  const isSameDeploy =
    before?.lastDeploy !== undefined &&
    before.lastDeploy.at === now.lastDeploy?.at;
  return isOther && isSameDeploy && (before?.migration?.hooks.length ?? 0) > 0
    ? { ...now, migration: before!.migration }
    : now;
}
