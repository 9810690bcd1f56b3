import { Entity } from '@backstage/catalog-model';
import {
  ApplicationRow,
  applicationsOf,
  FleetReader,
} from '@switchyard/fleet-node';
import { keyOf } from './consentSource';

/** Which of many entities name an Application. */
export class ClaimIndex {
  readonly #fleet: FleetReader;
  /** By the list of entities, which stays the same until the catalog is asked again. */
  readonly #known = new WeakMap<
    readonly Entity[],
    { at: number; byApplication: Map<string, Entity[]> }
  >();

  constructor(fleet: FleetReader) {
    this.#fleet = fleet;
  }

  /** What it answers is not older than this, seen from now. */
  lookUp(maxAgeMs: number) {
    const since = performance.now() - maxAgeMs;
    return (entities: readonly Entity[], application: ApplicationRow) => {
      let known = this.#known.get(entities);
      if (!known || known.at < since) {
        known = { at: performance.now(), byApplication: this.#map(entities) };
        this.#known.set(entities, known);
      }
      return known.byApplication.get(keyOf(application)) ?? [];
    };
  }

  #map(entities: readonly Entity[]): Map<string, Entity[]> {
    const byApplication = new Map<string, Entity[]>();
    for (const entity of entities) {
      for (const row of applicationsOf(entity, this.#fleet).applications) {
        const named = byApplication.get(keyOf(row));
        if (named) named.push(entity);
        else byApplication.set(keyOf(row), [entity]);
      }
    }
    return byApplication;
  }
}
