import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import {
  Lock,
  LockCalendar,
  lockCreatePermission,
  LockExtension,
  LockFilter,
  LockPlacesList,
  LockRelease,
  lockReleasePermission,
  LockRequest,
  LockTarget,
  LockTransfer,
  platformLockPermission,
} from '@switchyard/backstage-plugin-runs-common';
import { LockStore } from '../database/LockStore';
import { LockRecord } from '../database/types';
import { Caller } from './Caller';
import { toLockTarget } from './DefaultLockService';
import { isOfPlatform, LockPlaces, PLATFORM } from './LockPlaces';
import {
  Decisions,
  Grant,
  TargetAuthorizer,
  TargetPermission,
  toTarget,
} from './TargetAuthorizer';
import { CallOptions, LockChange, LockService } from './types';

/** Adds permissions to a {@link LockService}: who may lock, and who may release what others have locked. */
export class AuthorizedLockService implements LockService {
  static create(options: {
    delegate: LockService;
    locks: LockStore;
    authorizer: TargetAuthorizer;
    places: LockPlaces;
  }): AuthorizedLockService {
    return new AuthorizedLockService(options);
  }

  readonly #options: Parameters<typeof AuthorizedLockService.create>[0];

  private constructor(
    options: Parameters<typeof AuthorizedLockService.create>[0],
  ) {
    this.#options = options;
  }

  async listLocks(filter: LockFilter, options: CallOptions): Promise<Lock[]> {
    const { authorizer, delegate, places } = this.#options;
    const { caller } = options;
    const [decisions, locks] = await Promise.all([
      authorizer.decide(caller.credentials),
      delegate.listLocks(filter, options),
    ]);
    if (!decisions.mayRead) throw new NotAllowedError('You may not see locks');
    return Promise.all(
      locks.map(lock => overlayLock(lock, { decisions, caller, places })),
    );
  }

  async getCalendar(
    span: { from: Date; to: Date },
    options: CallOptions,
  ): Promise<LockCalendar> {
    const { authorizer, delegate, places } = this.#options;
    const { caller } = options;
    const decisions = await authorizer.decide(caller.credentials);
    if (!decisions.mayRead) throw new NotAllowedError('You may not see locks');
    const { items } = await delegate.getCalendar(span, options);
    return {
      items: await Promise.all(
        items.map(async ({ lock, windows }) => ({
          lock: await overlayLock(lock, { decisions, caller, places }),
          windows,
        })),
      ),
    };
  }

  async listPlaces(options: CallOptions): Promise<LockPlacesList> {
    const { authorizer, delegate } = this.#options;
    const decisions = await authorizer.decide(options.caller.credentials);
    if (!decisions.mayRead) throw new NotAllowedError('You may not see locks');
    const places = await delegate.listPlaces(options);
    const may = (permission: TargetPermission) =>
      decisions.judge(
        permission,
        toTarget(PLATFORM, {
          entityRef: stringifyEntityRef(PLATFORM),
          environment: '*',
          action: 'lock',
        }),
      ).visible;
    return {
      ...places,
      scopes: places.scopes.filter(scope =>
        may(
          isOfPlatform({ scope })
            ? platformLockPermission
            : lockCreatePermission,
        ),
      ),
    };
  }

  async createLock(request: LockRequest, options: CallOptions): Promise<Lock> {
    const { authorizer, delegate, places } = this.#options;
    const { caller } = options;
    const target = toLockTarget(request);
    const [entity, decisions] = await Promise.all([
      places.entityOf(target, caller),
      authorizer.decide(caller.credentials),
    ]);
    const grant = judgeEverywhere(lockCreatePermission, {
      target,
      entity,
      decisions,
      places,
    });
    if (!decisions.mayRead || !grant.allowed)
      throw new NotAllowedError(grant.why);
    return delegate.createLock(request, options);
  }

  async extendLock(
    id: string,
    request: LockExtension,
    options: CallOptions,
  ): Promise<LockChange> {
    // A longer lock is a new one in all but name: its holder needs the right to set it still.
    await this.#requireRelease(id, options, { holderNeeds: 'create' });
    const change = await this.#options.delegate.extendLock(
      id,
      request,
      options,
    );
    return this.#overlayChange(change, options);
  }

  async transferLock(
    id: string,
    request: LockTransfer,
    options: CallOptions,
  ): Promise<LockChange> {
    await this.#requireRelease(id, options);
    const change = await this.#options.delegate.transferLock(
      id,
      request,
      options,
    );
    return this.#overlayChange(change, options);
  }

  async #overlayChange(
    { before, after }: LockChange,
    { caller }: CallOptions,
  ): Promise<LockChange> {
    const { authorizer, places } = this.#options;
    const decisions = await authorizer.decide(caller.credentials);
    return {
      before,
      after: await overlayLock(after, { decisions, caller, places }),
    };
  }

  async releaseLock(
    id: string,
    request: LockRelease,
    options: CallOptions,
  ): Promise<Lock> {
    await this.#requireRelease(id, options);
    return this.#options.delegate.releaseLock(id, request, options);
  }

  /** One's own always; hidden ones are left to the delegate, which answers as if there were none. */
  async #requireRelease(
    id: string,
    { caller }: CallOptions,
    { holderNeeds }: { holderNeeds?: 'create' } = {},
  ): Promise<void> {
    const { authorizer, locks, places } = this.#options;
    const [record, decisions] = await Promise.all([
      locks.find(id),
      authorizer.decide(caller.credentials),
    ]);
    if (!record) return;
    const isHolder = record.holder === caller.userEntityRef;
    if (isHolder && !holderNeeds) return;
    const entity = await findEntity(record, { caller, places });
    const permission = isHolder ? lockCreatePermission : lockReleasePermission;
    const grant = entity
      ? judgeEverywhere(permission, {
          target: record,
          entity,
          decisions,
          places,
        })
      : undefined;
    if (!decisions.mayRead) throw new NotAllowedError('You may not see locks');
    if (grant && !grant.allowed) throw new NotAllowedError(grant.why);
  }
}

/** Says whether this person may release the lock: one's own always. */
export async function overlayLock(
  lock: Lock,
  options: { decisions: Decisions; caller: Caller; places: LockPlaces },
): Promise<Lock> {
  const { decisions, caller, places } = options;
  if (lock.holder === caller.userEntityRef)
    return { ...lock, release: { allowed: true, needsReason: false } };
  const entity = await findEntity(lock, options);
  if (!entity) {
    const why = `You may not see ${lock.entityRef}.`;
    return { ...lock, release: { allowed: false, why, needsReason: true } };
  }
  const grant = judgeEverywhere(lockReleasePermission, {
    target: lock,
    entity,
    decisions,
    places,
  });
  return {
    ...lock,
    release: grant.allowed
      ? { allowed: true, needsReason: true }
      : { allowed: false, why: grant.why, needsReason: true },
  };
}

/** Undefined where the person may not see it. */
async function findEntity(
  target: LockTarget | LockRecord,
  { caller, places }: { caller: Caller; places: LockPlaces },
): Promise<Entity | undefined> {
  return places.entityOf(target, caller).catch(error => {
    if (error.name === 'NotFoundError') return undefined;
    throw error;
  });
}

/** A lock without an environment binds all of them: it takes the right in each. */
function judgeEverywhere(
  permission: TargetPermission,
  options: {
    target: LockTarget;
    entity: Entity;
    decisions: Decisions;
    places: LockPlaces;
  },
): Grant {
  const { target, entity, decisions, places } = options;
  const environments = places.environmentsBoundBy(target, entity);
  // '*' is no environment: only a right that asks for none is met.
  const grants = (environments.length > 0 ? environments : ['*']).map(each =>
    decisions.judge(
      isOfPlatform(target) ? platformLockPermission : permission,
      toTarget(entity, {
        entityRef: stringifyEntityRef(entity),
        environment: each,
        action: 'lock',
      }),
    ),
  );
  return grants.find(grant => !grant.allowed) ?? grants[0];
}
