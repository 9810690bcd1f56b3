import { Entity } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import { Lock, LockRequest } from '@switchyard/backstage-plugin-runs-common';
import { LockStore } from '../database/LockStore';
import { CallerInterlock } from '../interlock/CallerInterlock';
import { ActionKinds } from '../kinds/ActionKinds';
import { CallOptions, LockService } from './types';
import { toLock } from './views';

/** {@link LockService} without permissions: see AuthorizedLockService. */
export class DefaultLockService implements LockService {
  static create(options: {
    kinds: ActionKinds;
    locks: LockStore;
    interlock: CallerInterlock;
    environmentsOf: (entity: Entity) => string[];
  }): DefaultLockService {
    return new DefaultLockService(options);
  }

  readonly #kinds: ActionKinds;
  readonly #locks: LockStore;
  readonly #interlock: CallerInterlock;
  readonly #environmentsOf: (entity: Entity) => string[];

  private constructor(
    options: Parameters<typeof DefaultLockService.create>[0],
  ) {
    this.#kinds = options.kinds;
    this.#locks = options.locks;
    this.#interlock = options.interlock;
    this.#environmentsOf = options.environmentsOf;
  }

  async listLocks(
    filter: { entityRef?: string },
    { caller }: CallOptions,
  ): Promise<Lock[]> {
    if (filter.entityRef) return this.#listOf(filter.entityRef, { caller });
    const locks = await this.#locks.list();
    const visible = await caller.visible([
      ...new Set(locks.map(lock => lock.entityRef)),
    ]);
    return locks.filter(lock => visible.has(lock.entityRef)).map(toLock);
  }

  async #listOf(entityRef: string, { caller }: CallOptions): Promise<Lock[]> {
    const entity = await caller.entity(entityRef).catch(error => {
      if (error.name === 'NotFoundError') return undefined;
      throw error;
    });
    if (!entity) return [];
    const { locks } = await this.#interlock.ask({
      entity,
      caller,
      questions: this.#kinds
        .targetsOf(entity)
        .map(({ kind, environment }) => ({ action: kind.kind, environment })),
    });
    return locks.map(toLock);
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
