import { createHash } from 'node:crypto';
import {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import {
  CompoundEntityRef,
  Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import {
  FleetState,
  ImageVersions,
  logsReadPermission,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import { Believed, SeenEntities } from '@switchyard/backstage-plugin-runs-node';
import {
  Decisions,
  DeploymentAuthorizer,
  PlaceDecision,
} from './DeploymentAuthorizer';
import { readWhileAllowed } from './readWhileAllowed';
import { requireLogs } from './requireLogs';
import {
  CallOptions,
  DeployStateService,
  LogsRequest,
  OpenLog,
  StateAnswer,
  UncheckedDeployStateService,
} from './types';

const DIGEST_LENGTH = 10;

/** Adds permissions to an {@link UncheckedDeployStateService}: who may see, who may read logs, and what the buttons of this person say. */
export class AuthorizedDeployStateService implements DeployStateService {
  readonly #delegate: UncheckedDeployStateService;
  readonly #authorizer: DeploymentAuthorizer;
  readonly #hasTerminals: boolean;
  /** For the state alone: logs, terminals and manifests are asked for each time. */
  readonly #decisions = new Believed<Decisions>();
  readonly #entities = new SeenEntities();

  static create(options: {
    delegate: UncheckedDeployStateService;
    authorizer: DeploymentAuthorizer;
    /** Whether the portal has terminals and commands, so that their buttons are of use. */
    hasTerminals?: boolean;
  }): AuthorizedDeployStateService {
    return new AuthorizedDeployStateService(options);
  }

  private constructor(options: {
    delegate: UncheckedDeployStateService;
    authorizer: DeploymentAuthorizer;
    /** Whether the portal has terminals and commands, so that their buttons are of use. */
    hasTerminals?: boolean;
  }) {
    this.#delegate = options.delegate;
    this.#authorizer = options.authorizer;
    this.#hasTerminals = options.hasTerminals ?? false;
  }

  async getState(
    request: { entityRef: CompoundEntityRef },
    options: CallOptions,
  ): Promise<StateAnswer> {
    const { entity, decisions } = await this.#look(request, options);
    const startedAt = performance.now();
    const { hash, body, places } = this.#delegate.readState(entity);
    const grantsOf = (judge: PlaceDecision['judge']) =>
      places.map(place => judge(entity, place));
    const { judgeLogs, terminal, command } = decisions;
    // The person's own part, put behind what is the same for everybody.
    const grants = JSON.stringify({
      logs: grantsOf(judgeLogs),
      ...(this.#hasTerminals && {
        terminals: grantsOf(terminal.judge),
        commands: grantsOf(command.judge),
      }),
    });
    const digest = createHash('sha256')
      .update(grants)
      .digest('base64url')
      .slice(0, DIGEST_LENGTH);
    return {
      etag: `${hash}.${digest}`,
      body: `${body.slice(0, -1)},${grants.slice(1)}`,
      ownMs: performance.now() - startedAt,
    };
  }

  async listVersions(
    request: { entityRef: CompoundEntityRef; environment: string },
    options: CallOptions,
  ): Promise<ImageVersions> {
    await this.#requireState('see the versions of services', options);
    return this.#delegate.listVersions(request, options);
  }

  async openLog(request: LogsRequest, options: CallOptions): Promise<OpenLog> {
    const decisions = await this.#authorizer.decide(options.credentials);
    // Before anything is looked for: nobody learns what there is who may never read it.
    if (!decisions.mayReadSomeLogs)
      throw refusal('read logs', logsReadPermission);
    const find = (by: Decisions) =>
      this.#delegate.findPod(request, {
        ...options,
        check: (entity, place) => requireLogs(by, entity, place),
      });
    const pod = await find(decisions);
    const { opened, lines } = await readWhileAllowed({
      call: options,
      check: async () => {
        await find(await this.#authorizer.decide(options.credentials));
      },
      open: call => this.#delegate.openLog(pod, request, call),
      linesOf: log => log.lines,
    });
    return { ...opened, lines };
  }

  async getFleet(options: CallOptions): Promise<FleetState> {
    const { mayReadFleet } = await this.#requireState(
      'see the state of clusters',
      options,
    );
    return this.#delegate.readFleet({ whole: mayReadFleet });
  }

  async #look(
    request: { entityRef: CompoundEntityRef },
    options: CallOptions,
  ): Promise<{ entity: Entity; decisions: Decisions }> {
    const user = userOf(options.credentials);
    const decide = () =>
      this.#requireState('see the state of services', options);
    const load = () => this.#delegate.loadEntity(request, options);
    // Both go to other plugins: one after the other they would take twice as long. Nobody sees the entity before the permission is there.
    const [permission, entity] = await Promise.allSettled(
      // What a service may do can depend on more than its name.
      user === undefined
        ? [decide(), load()]
        : [
            this.#decisions.find(user, decide),
            this.#entities.find(
              user,
              stringifyEntityRef(request.entityRef),
              load,
            ),
          ],
    );
    if (permission.status === 'rejected') throw permission.reason;
    if (entity.status === 'rejected') throw entity.reason;
    return { entity: entity.value, decisions: permission.value };
  }

  async #requireState(what: string, { credentials }: CallOptions) {
    const decisions = await this.#authorizer.decide(credentials);
    if (!decisions.mayReadState) throw refusal(what, stateReadPermission);
    return decisions;
  }
}

/** Says which permission is missing. */
export function refusal(
  what: string,
  permission: { name: string },
): NotAllowedError {
  return new NotAllowedError(
    `You may not ${what}: it needs the permission ${permission.name}`,
  );
}

function userOf({ principal }: BackstageCredentials): string | undefined {
  const { type, userEntityRef } = principal as Partial<BackstageUserPrincipal>;
  return type === 'user' ? userEntityRef : undefined;
}
