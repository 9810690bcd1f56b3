import { Entity } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import { JsonObject } from '@backstage/types';
import {
  ActionState,
  breakGlassPermission,
  EntityActions,
  EntityRunsState,
  lockCreatePermission,
  PassOffer,
  PreviewRequest,
  runControlPermission,
  runCreatePermission,
  RunDetail,
  RunKind,
  RunPreview,
  RunRequest,
  RunSummary,
  RunVerb,
} from '@switchyard/backstage-plugin-runs-common';
import { Believed, getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { overlayLock } from './AuthorizedLockService';
import { LockPlaces } from './LockPlaces';
import { overlayGate } from './gateViews';
import { overlayPass } from './passViews';
import {
  Decisions,
  Grant,
  TargetAuthorizer,
  TargetPermission,
  toTarget,
} from './TargetAuthorizer';
import {
  ActionFilter,
  CallOptions,
  ChoicesQuery,
  RunFilter,
  RunPage,
  RunService,
} from './types';

/** Adds permissions to a {@link RunService}: who may see, who may act, and what the buttons of this person say. */
export class AuthorizedRunService implements RunService {
  static create(options: {
    delegate: RunService;
    authorizer: TargetAuthorizer;
    places: LockPlaces;
  }): AuthorizedRunService {
    return new AuthorizedRunService(options);
  }

  readonly #delegate: RunService;
  readonly #authorizer: TargetAuthorizer;
  readonly #places: LockPlaces;
  readonly #believed = new Believed<Decisions>();

  private constructor(options: {
    delegate: RunService;
    authorizer: TargetAuthorizer;
    places: LockPlaces;
  }) {
    this.#delegate = options.delegate;
    this.#authorizer = options.authorizer;
    this.#places = options.places;
  }

  async getEntityState(
    entityRef: string,
    options: CallOptions,
  ): Promise<EntityRunsState> {
    // All three at the same time: this call opens with every entity page.
    const [decisions, entity, state] = await Promise.all([
      this.#decideToShow(options),
      options.caller.entity(entityRef),
      this.#delegate.getEntityState(entityRef, options),
    ]);
    const owners = getOwnerRefs(entity);
    return {
      ...state,
      actions: state.actions.map(action =>
        overlayAction(action, { entityRef, entity, owners, decisions }),
      ),
      locks: await Promise.all(
        // One that binds from elsewhere is released by those who may there.
        state.locks.map(lock =>
          overlayLock(lock, {
            decisions,
            caller: options.caller,
            places: this.#places,
          }),
        ),
      ),
    };
  }

  async getActions(
    entityRef: string,
    only: ActionFilter,
    options: CallOptions,
  ): Promise<EntityActions> {
    const [decisions, entity, actions] = await Promise.all([
      this.#decideToShow(options),
      options.caller.entity(entityRef),
      this.#delegate.getActions(entityRef, only, options),
    ]);
    const owners = getOwnerRefs(entity);
    return {
      ...actions,
      items: actions.items.map(action =>
        overlayAction(action, { entityRef, entity, owners, decisions }),
      ),
    };
  }

  async listChoices(
    request: ChoicesQuery,
    options: CallOptions,
  ): Promise<JsonObject> {
    await this.#require(runCreatePermission, request, options);
    return this.#delegate.listChoices(request, options);
  }

  async preview(
    request: PreviewRequest,
    options: CallOptions,
  ): Promise<RunPreview> {
    await this.#require(runCreatePermission, request, options);
    const [decisions, entity, preview] = await Promise.all([
      this.#decideRead(options),
      options.caller.entity(request.entityRef),
      this.#delegate.preview(request, await this.#withChildren(options)),
    ]);
    const { entityRef, environment, action } = request;
    const grant = decisions.judge(
      runControlPermission,
      toTarget(entity, { entityRef, environment, action }),
    );
    const glass = decisions.judge(
      breakGlassPermission,
      toTarget(entity, { entityRef, environment, action }),
    );
    const offered = {
      ...preview,
      passOffer: overlayOffer(preview.passOffer, [glass]),
    };
    if (grant.allowed) return offered;
    // To replace a run ends it: whoever may not steer it may not do that either.
    return {
      ...offered,
      replaceable: grant.visible
        ? preview.replaceable.map(({ run }) => ({
            run,
            allowed: false,
            why: grant.why,
          }))
        : [],
    };
  }

  async createRun(
    request: RunRequest & { idempotencyKey: string },
    options: CallOptions,
  ): Promise<{ run: RunSummary; created: boolean }> {
    await this.#require(runCreatePermission, request, options);
    if (request.breakGlass !== undefined)
      await this.#require(breakGlassPermission, request, options);
    if (request.replaces !== undefined)
      await this.#require(runControlPermission, request, options);
    return this.#delegate.createRun(request, await this.#withChildren(options));
  }

  async listKinds(options: CallOptions): Promise<RunKind[]> {
    await this.#decideRead(options);
    return this.#delegate.listKinds(options);
  }

  async listRuns(filter: RunFilter, options: CallOptions): Promise<RunPage> {
    await this.#decideRead(options);
    return this.#delegate.listRuns(filter, options);
  }

  async getRun(id: string, options: CallOptions): Promise<RunDetail> {
    const [decisions, run] = await Promise.all([
      this.#decideRead(options),
      this.#delegate.getRun(id, options),
    ]);
    const entity = await options.caller.entity(run.entityRef);
    const grant = decisions.judge(
      runControlPermission,
      toTarget(entity, targetOf(run)),
    );
    const create = decisions.judge(
      runCreatePermission,
      toTarget(entity, targetOf(run)),
    );
    const grantOf = (permission: TargetPermission) =>
      decisions.judge(permission, toTarget(entity, targetOf(run)));
    return {
      ...run,
      gates: run.gates.map(gate => overlayGate(gate, grantOf)),
      passes: run.passes.map(pass =>
        overlayPass(pass, options.caller.userEntityRef, grantOf),
      ),
      passOffer: overlayOffer(run.passOffer, [
        grantOf(breakGlassPermission),
        grant,
      ]),
      verbs: run.verbs.flatMap((verb): RunVerb[] => {
        const { visible, allowed, why } = verb.verb === 'fork' ? create : grant;
        if (!visible) return [];
        return [allowed ? verb : { ...verb, allowed: false, why }];
      }),
    };
  }

  async cancelRun(id: string, options: CallOptions): Promise<RunSummary> {
    await this.#requireControl(id, options);
    return this.#delegate.cancelRun(id, options);
  }

  async confirmRun(id: string, options: CallOptions): Promise<RunSummary> {
    await this.#requireControl(id, options);
    return this.#delegate.confirmRun(id, options);
  }

  async retryStep(
    id: string,
    stepId: string,
    options: CallOptions,
  ): Promise<RunSummary> {
    await this.#requireControl(id, options);
    return this.#delegate.retryStep(id, stepId, options);
  }

  /** A run that asks for others is asked for by who may ask for each of them. */
  async #withChildren(options: CallOptions): Promise<CallOptions> {
    const decisions = await this.#authorizer.decide(options.caller.credentials);
    return {
      ...options,
      mayRequest: (entity, target) =>
        decisions.judge(runCreatePermission, toTarget(entity, target)),
    };
  }

  /** For what is only shown. Whatever is asked for is decided anew. */
  async #decideToShow({ caller }: CallOptions): Promise<Decisions> {
    return requireRead(
      await this.#believed.find(caller.userEntityRef, () =>
        this.#authorizer.decide(caller.credentials),
      ),
    );
  }

  async #decideRead({ caller }: CallOptions): Promise<Decisions> {
    return requireRead(await this.#authorizer.decide(caller.credentials));
  }

  async #requireControl(id: string, options: CallOptions): Promise<void> {
    const run = await this.#delegate.getRun(id, options);
    await this.#require(
      runControlPermission,
      { ...run, action: run.kind },
      options,
    );
  }

  async #require(
    permission: TargetPermission,
    target: { entityRef: string; environment: string; action: string },
    options: CallOptions,
  ): Promise<void> {
    const { entityRef, environment, action } = target;
    // What is hidden in the catalog is not there, rather than forbidden.
    const [entity, decisions] = await Promise.all([
      options.caller.entity(entityRef),
      this.#authorizer.decide(options.caller.credentials),
    ]);
    const grant = decisions.judge(
      permission,
      toTarget(entity, { entityRef, environment, action }),
    );
    if (!decisions.mayRead || !grant.allowed)
      throw new NotAllowedError(grant.why);
  }
}

function requireRead(decisions: Decisions): Decisions {
  if (!decisions.mayRead) throw new NotAllowedError('You may not see runs');
  return decisions;
}

function targetOf(run: RunSummary) {
  return {
    entityRef: run.entityRef,
    environment: run.environment,
    action: run.kind,
  };
}

/** Nothing where the person could never use it. */
function overlayOffer(
  offer: PassOffer | undefined,
  grants: Grant[],
): PassOffer | undefined {
  if (!offer || grants.some(({ visible }) => !visible)) return undefined;
  const refused = grants.find(({ allowed }) => !allowed);
  return refused ? { ...offer, allowed: false, why: refused.why } : offer;
}

function overlayAction(
  action: ActionState,
  options: {
    entityRef: string;
    entity: Entity;
    owners: string[];
    decisions: Decisions;
  },
): ActionState {
  const { entityRef, entity, owners, decisions } = options;
  const permission =
    action.action === 'lock' ? lockCreatePermission : runCreatePermission;
  const grant = decisions.judge(
    permission,
    toTarget(entity, {
      entityRef,
      environment: action.environment,
      action: action.action,
    }),
  );
  const { breakGlass, ...rest } = action;
  if (grant.allowed)
    return breakGlass &&
      decisions.judge(
        breakGlassPermission,
        toTarget(entity, {
          entityRef,
          environment: action.environment,
          action: action.action,
        }),
      ).allowed
      ? action
      : rest;
  return {
    ...rest,
    visible: grant.visible,
    allowed: false,
    blockers: [
      {
        type: 'permission',
        what: 'Not permitted',
        why: grant.why,
        ask: owners,
      },
      ...action.blockers,
    ],
  };
}
