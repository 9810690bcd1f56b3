import { InputError, NotFoundError } from '@backstage/errors';
import {
  Lock,
  LockCalendar,
  LockExtension,
  LockFilter,
  LockPlacesList,
  LockRelease,
  LockRequest,
  LockTarget,
  LockTransfer,
} from '@switchyard/backstage-plugin-runs-common';
import { LockStore } from '../database/LockStore';
import { LockRecord } from '../database/types';
import { CallerInterlock } from '../interlock/CallerInterlock';
import { ActionKinds } from '../kinds/ActionKinds';
import { Timeline } from '../locks/freezeStatus';
import { LockPolicies } from '../locks/LockPolicies';
import { LockPlaces } from './LockPlaces';
import { Channels } from '../signals/Channels';
import { Caller } from './Caller';
import { CallOptions, LockChange, LockService } from './types';
import { toLock } from './views';

/** {@link LockService} without permissions: see AuthorizedLockService. */
export class DefaultLockService implements LockService {
  static create(options: {
    kinds: ActionKinds;
    locks: LockStore;
    interlock: CallerInterlock;
    places: LockPlaces;
    policies: LockPolicies;
    channels: Channels;
  }): DefaultLockService {
    return new DefaultLockService(options);
  }

  readonly #options: Parameters<typeof DefaultLockService.create>[0];

  private constructor(
    options: Parameters<typeof DefaultLockService.create>[0],
  ) {
    this.#options = options;
  }

  async listLocks(
    filter: LockFilter,
    { caller }: CallOptions,
  ): Promise<Lock[]> {
    const { entityRef, ...query } = filter;
    const locks = entityRef
      ? (await this.#listOf(entityRef, { caller })).filter(lock =>
          isMeant(lock, query),
        )
      : await this.#options.locks.search(query);
    const visible = await caller.visible([
      ...new Set(locks.flatMap(lock => lock.entityRef ?? [])),
    ]);
    return locks
      .filter(
        lock =>
          // What binds the component that was asked for is told to whoever sees that one.
          entityRef !== undefined ||
          lock.entityRef === undefined ||
          visible.has(lock.entityRef),
      )
      .map(toLock);
  }

  async getCalendar(
    { from, to }: { from: Date; to: Date },
    { caller }: CallOptions,
  ): Promise<LockCalendar> {
    const records = await this.#options.locks.search({});
    const visible = await caller.visible([
      ...new Set(records.flatMap(lock => lock.entityRef ?? [])),
    ]);
    const span = { from: from.getTime(), to: to.getTime() };
    const items = records
      .filter(
        ({ entityRef }) => entityRef === undefined || visible.has(entityRef),
      )
      .map(lock => ({
        lock: toLock(lock),
        windows: new Timeline([lock], span)
          .closedTimesOf(lock.id)
          .map(window => ({
            from: new Date(window.from).toISOString(),
            to: new Date(window.to).toISOString(),
          })),
      }));
    return { items: items.filter(({ windows }) => windows.length > 0) };
  }

  async #listOf(
    entityRef: string,
    { caller }: CallOptions,
  ): Promise<LockRecord[]> {
    const { interlock, kinds } = this.#options;
    const entity = await caller.entity(entityRef).catch(error => {
      if (error.name === 'NotFoundError') return undefined;
      throw error;
    });
    if (!entity) return [];
    const { locks } = await interlock.ask({
      entity,
      caller,
      questions: kinds
        .targetsOf(entity)
        .map(({ kind, environment }) => ({ action: kind.kind, environment })),
    });
    return locks;
  }

  async listPlaces(_options: CallOptions): Promise<LockPlacesList> {
    const { places, channels } = this.#options;
    return {
      ...places.describe(),
      scopes: ['component', 'system', 'environment', 'cluster', 'platform'],
      channel: channels.ofLocks,
    };
  }

  async createLock(
    request: LockRequest,
    { caller }: CallOptions,
  ): Promise<Lock> {
    const { places, policies, locks } = this.#options;
    const target = toLockTarget(request);
    places.check(target, await places.entityOf(target, caller));
    const { kind = 'lock' } = request;
    const now = Date.now();
    const startsAt = request.startsAt ? new Date(request.startsAt) : undefined;
    const asked =
      typeof request.expiresAt === 'string'
        ? new Date(request.expiresAt)
        : request.expiresAt;
    if (asked && !(asked.getTime() > now))
      throw new InputError('expiresAt: give a time in the future');
    if (startsAt && asked && !(asked.getTime() > startsAt.getTime()))
      throw new InputError('expiresAt: give a time after startsAt');
    const begins = new Date(Math.max(now, startsAt?.getTime() ?? now));
    return toLock(
      await locks.create({
        ...target,
        kind,
        reason: request.reason,
        createdBy: caller.userEntityRef,
        holderMayDeploy: request.holderMayDeploy ?? kind !== 'freeze',
        incident: request.incident,
        schedule: request.schedule,
        startsAt,
        expiresAt: policies.endOf({ ...target, kind }, asked, begins),
      }),
    );
  }

  async extendLock(
    id: string,
    { expiresAt, reason }: LockExtension,
    { caller }: CallOptions,
  ): Promise<LockChange> {
    const { locks, policies } = this.#options;
    const before = await this.#findFor('extend', id, reason, caller);
    const asked = expiresAt === null ? null : new Date(expiresAt);
    const now = new Date();
    if (asked && !(asked > now))
      throw new InputError('expiresAt: give a time in the future');
    if (asked && before.startsAt && !(asked > before.startsAt))
      throw new InputError('expiresAt: give a time after the lock begins');
    const begins =
      before.startsAt && before.startsAt > now ? before.startsAt : now;
    const after = await locks.extend(
      id,
      policies.endOf(before, asked, begins),
      { by: caller.userEntityRef, reason },
    );
    if (!after) throw notFound();
    return { before: toLock(before), after: toLock(after) };
  }

  async transferLock(
    id: string,
    { to, reason }: LockTransfer,
    { caller }: CallOptions,
  ): Promise<LockChange> {
    const { locks } = this.#options;
    const before = await this.#findFor('hand on', id, reason, caller);
    const ref = to.toLocaleLowerCase('en-US');
    const receiver = await caller.entity(ref).catch(() => undefined);
    if (receiver?.kind.toLocaleLowerCase('en-US') !== 'user')
      throw new InputError(`to: there is no user ${to} in the catalog`);
    const after = await locks.transfer(id, ref, {
      by: caller.userEntityRef,
      reason,
    });
    if (!after) throw notFound();
    return { before: toLock(before), after: toLock(after) };
  }

  async releaseLock(
    id: string,
    { reason }: LockRelease,
    { caller }: CallOptions,
  ): Promise<Lock> {
    const lock = await this.#findFor('release', id, reason, caller);
    const { locks } = this.#options;
    if (!(await locks.release(id, caller.userEntityRef, reason)))
      throw notFound();
    return toLock(lock);
  }

  /** The lock that something is to be done to; only its holder need not say why. */
  async #findFor(
    verb: string,
    id: string,
    reason: string | undefined,
    caller: Caller,
  ): Promise<LockRecord> {
    const { locks, places } = this.#options;
    const lock = await locks.find(id);
    if (!lock) throw notFound();
    await places.entityOf(lock, caller).catch(error => {
      throw error.name === 'NotFoundError' ? notFound() : error;
    });
    if (lock.holder !== caller.userEntityRef && reason === undefined)
      throw new InputError(
        `reason: say why you ${verb} what somebody else has locked`,
      );
    return lock;
  }
}

function notFound(): NotFoundError {
  return new NotFoundError(
    'There is no such lock; it may have been released or have expired',
  );
}

/** What a request is about, without what its scope does not use. */
export function toLockTarget(request: LockRequest): LockTarget {
  const { scope = 'component', entityRef, cluster, environment } = request;
  return {
    scope,
    ...(entityRef !== undefined && { entityRef }),
    ...(cluster !== undefined && { cluster }),
    ...(environment !== undefined && { environment }),
  };
}

function isMeant(lock: LockRecord, query: Omit<LockFilter, 'entityRef'>) {
  return (
    (query.scope === undefined || lock.scope === query.scope) &&
    (query.kind === undefined || lock.kind === query.kind) &&
    (query.environment === undefined ||
      lock.environment === query.environment) &&
    (query.holder === undefined || lock.holder === query.holder)
  );
}
