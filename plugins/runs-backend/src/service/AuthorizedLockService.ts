import { Entity } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import {
  Lock,
  lockCreatePermission,
  lockReleasePermission,
  LockRequest,
} from '@switchyard/backstage-plugin-runs-common';
import { LockStore } from '../database/LockStore';
import {
  Decisions,
  Grant,
  TargetAuthorizer,
  TargetPermission,
  toTarget,
} from './TargetAuthorizer';
import { CallOptions, LockService } from './types';
import { toLock } from './views';

/** Adds permissions to a {@link LockService}: who may lock, and who may release what others have locked. */
export class AuthorizedLockService implements LockService {
  static create(options: {
    delegate: LockService;
    locks: LockStore;
    authorizer: TargetAuthorizer;
    environmentsOf: (entity: Entity) => string[];
  }): AuthorizedLockService {
    return new AuthorizedLockService(options);
  }

  readonly #options: Parameters<typeof AuthorizedLockService.create>[0];

  private constructor(
    options: Parameters<typeof AuthorizedLockService.create>[0],
  ) {
    this.#options = options;
  }

  async listLocks(
    filter: { entityRef?: string },
    options: CallOptions,
  ): Promise<Lock[]> {
    const { authorizer, delegate, environmentsOf } = this.#options;
    const { caller } = options;
    const [decisions, locks] = await Promise.all([
      authorizer.decide(caller.credentials),
      delegate.listLocks(filter, options),
    ]);
    if (!decisions.mayRead) throw new NotAllowedError('You may not see locks');
    return Promise.all(
      locks.map(async lock =>
        overlayLock(lock, {
          entity: await caller.entity(lock.entityRef),
          decisions,
          userEntityRef: caller.userEntityRef,
          environmentsOf,
        }),
      ),
    );
  }

  async createLock(request: LockRequest, options: CallOptions): Promise<Lock> {
    const { authorizer, delegate, environmentsOf } = this.#options;
    const { caller } = options;
    const [entity, decisions] = await Promise.all([
      caller.entity(request.entityRef),
      authorizer.decide(caller.credentials),
    ]);
    const grant = judgeEverywhere(lockCreatePermission, {
      ...request,
      entity,
      decisions,
      environmentsOf,
    });
    if (!decisions.mayRead || !grant.allowed)
      throw new NotAllowedError(grant.why);
    return delegate.createLock(request, options);
  }

  async releaseLock(id: string, options: CallOptions): Promise<Lock> {
    const { authorizer, delegate, locks, environmentsOf } = this.#options;
    const { caller } = options;
    const [record, decisions] = await Promise.all([
      locks.find(id),
      authorizer.decide(caller.credentials),
    ]);
    if (record && record.createdBy !== caller.userEntityRef) {
      // Hidden ones are left to the delegate, which answers as if there were none.
      const entity = await caller
        .entity(record.entityRef)
        .catch(() => undefined);
      const { release } = entity
        ? overlayLock(toLock(record), {
            entity,
            decisions,
            userEntityRef: caller.userEntityRef,
            environmentsOf,
          })
        : { release: { allowed: true, why: undefined } };
      if (!decisions.mayRead || !release.allowed)
        throw new NotAllowedError(release.why ?? 'You may not see locks');
    }
    return delegate.releaseLock(id, options);
  }
}

/** Says whether this person may release the lock: one's own always. */
export function overlayLock(
  lock: Lock,
  options: {
    entity: Entity;
    decisions: Decisions;
    userEntityRef: string;
    environmentsOf: (entity: Entity) => string[];
  },
): Lock {
  if (lock.createdBy === options.userEntityRef)
    return { ...lock, release: { allowed: true } };
  const grant = judgeEverywhere(lockReleasePermission, { ...options, ...lock });
  return {
    ...lock,
    release: grant.allowed
      ? { allowed: true }
      : { allowed: false, why: grant.why },
  };
}

/** A lock without an environment binds all of them: it takes the right in each. */
function judgeEverywhere(
  permission: TargetPermission,
  options: {
    entityRef: string;
    environment?: string;
    entity: Entity;
    decisions: Decisions;
    environmentsOf: (entity: Entity) => string[];
  },
): Grant {
  const { entityRef, environment, entity, decisions, environmentsOf } = options;
  const environments =
    environment === undefined ? environmentsOf(entity) : [environment];
  // '*' is no environment: only a right that asks for none is met.
  const grants = (environments.length > 0 ? environments : ['*']).map(each =>
    decisions.judge(
      permission,
      toTarget(entity, { entityRef, environment: each, action: 'lock' }),
    ),
  );
  return grants.find(grant => !grant.allowed) ?? grants[0];
}
