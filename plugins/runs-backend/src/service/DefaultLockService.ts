import { Entity } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import { Lock, LockRequest } from '@switchyard/backstage-plugin-runs-common';
import { LockStore } from '../database/LockStore';
import { CallOptions, LockService } from './types';
import { toLock } from './views';

/** {@link LockService} without permissions: see AuthorizedLockService. */
export class DefaultLockService implements LockService {
  static create(options: {
    locks: LockStore;
    environmentsOf: (entity: Entity) => string[];
  }): DefaultLockService {
    return new DefaultLockService(options);
  }

  readonly #locks: LockStore;
  readonly #environmentsOf: (entity: Entity) => string[];

  private constructor(options: {
    locks: LockStore;
    environmentsOf: (entity: Entity) => string[];
  }) {
    this.#locks = options.locks;
    this.#environmentsOf = options.environmentsOf;
  }

  async listLocks(
    filter: { entityRef?: string },
    { caller }: CallOptions,
  ): Promise<Lock[]> {
    const locks = await this.#locks.list(
      filter.entityRef ? [filter.entityRef] : undefined,
    );
    const visible = await caller.visible([
      ...new Set(locks.map(lock => lock.entityRef)),
    ]);
    return locks.filter(lock => visible.has(lock.entityRef)).map(toLock);
  }

  async createLock(
    request: LockRequest,
    { caller }: CallOptions,
  ): Promise<Lock> {
    const { entityRef, environment } = request;
    const entity = await caller.entity(entityRef);
    const environments = this.#environmentsOf(entity);
    if (
      environment !== undefined &&
      environments.length > 0 &&
      !environments.includes(environment)
    ) {
      throw new InputError(
        `environment: '${environment}' is none of ${environments.join(', ')}`,
      );
    }
    const expiresAt =
      request.expiresAt === undefined ? undefined : new Date(request.expiresAt);
    if (expiresAt && !(expiresAt.getTime() > Date.now())) {
      throw new InputError('expiresAt: give a time in the future');
    }
    return toLock(
      await this.#locks.create({
        entityRef,
        environment,
        reason: request.reason,
        createdBy: caller.userEntityRef,
        expiresAt,
      }),
    );
  }

  async releaseLock(id: string, { caller }: CallOptions): Promise<Lock> {
    const notFound = () =>
      new NotFoundError(
        'There is no such lock; it may have been released or have expired',
      );
    const lock = await this.#locks.find(id);
    if (!lock) throw notFound();
    await caller.entity(lock.entityRef).catch(error => {
      throw error.name === 'NotFoundError' ? notFound() : error;
    });
    if (!(await this.#locks.release(id, caller.userEntityRef)))
      throw notFound();
    return toLock(lock);
  }
}
