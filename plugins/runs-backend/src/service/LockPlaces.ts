import { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { LockTarget } from '@switchyard/backstage-plugin-runs-common';
import { Caller } from './Caller';

/** Stands for what no entity stands for, where rights are asked about: nobody owns it. */
export const PLATFORM: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Platform',
  metadata: { name: 'platform', namespace: 'default' },
};

/** Whether a lock binds more than components one could name. */
export function isOfPlatform({ scope }: LockTarget): boolean {
  return scope !== 'component' && scope !== 'system';
}

/** What can be locked, and what stands for it in the catalog. */
export class LockPlaces {
  readonly #configured: readonly string[];
  readonly #environmentsOf: (entity: Entity) => string[];
  readonly #clusters: () => readonly string[] | undefined;

  constructor(options: {
    /** Names of environments, in order; empty when none are configured. */
    configured: readonly string[];
    environmentsOf: (entity: Entity) => string[];
    /** Names of all clusters; undefined where nobody knows them. */
    clusters: () => readonly string[] | undefined;
  }) {
    this.#configured = options.configured;
    this.#environmentsOf = options.environmentsOf;
    this.#clusters = options.clusters;
  }

  /**
   * The entity that a lock is on, as the catalog shows it to this person; one that stands for the platform where it is on none.
   *
   * @throws NotFoundError when the person may not see it
   */
  async entityOf(target: LockTarget, caller: Caller): Promise<Entity> {
    return isOfPlatform(target) ? PLATFORM : caller.entity(target.entityRef!);
  }

  /** Environments that a lock binds: the right to it is needed in each. */
  environmentsBoundBy(target: LockTarget, entity: Entity): string[] {
    if (target.environment !== undefined) return [target.environment];
    if (isOfPlatform(target)) return [...this.#configured];
    return this.#environmentsOf(entity);
  }

  /**
   * @throws InputError that names the field of what does not exist
   */
  check(target: LockTarget, entity: Entity): void {
    const { scope, environment } = target;
    const kind = entity.kind.toLocaleLowerCase('en-US');
    if (scope === 'system' && kind !== 'system')
      throw new InputError(
        `entityRef: ${target.entityRef} is a ${kind}; give a system, or scope component`,
      );
    if (scope === 'component' && kind === 'system')
      throw new InputError(
        `entityRef: ${target.entityRef} is a system; give scope system`,
      );
    const environments = isOfPlatform(target)
      ? this.#configured
      : this.#environmentsOf(entity);
    if (
      environment !== undefined &&
      environments.length > 0 &&
      !environments.includes(environment)
    )
      throw new InputError(
        `environment: '${environment}' is none of ${environments.join(', ')}`,
      );
    const clusters = this.#clusters();
    if (scope === 'cluster' && clusters && !clusters.includes(target.cluster!))
      throw new InputError(
        `cluster: '${target.cluster}' is none of ${clusters.join(', ')}`,
      );
  }

  /** What screens offer. */
  describe(): { environments: string[]; clusters: string[] } {
    return {
      environments: [...this.#configured],
      clusters: [...(this.#clusters() ?? [])],
    };
  }
}
