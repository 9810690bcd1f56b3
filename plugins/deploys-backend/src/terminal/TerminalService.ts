import {
  BackstageCredentials,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import {
  CompoundEntityRef,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  commandRunPermission,
  TerminalOptions,
  TerminalTicket,
  TerminalTicketRequest,
  terminalUsePermission,
} from '@switchyard/backstage-plugin-deploys-common';
import { FleetReader } from '@switchyard/fleet-node';
import { refusal } from '../service/AuthorizedDeployStateService';
import { DeploymentAuthorizer } from '../service/DeploymentAuthorizer';
import { FoundPod, UncheckedDeployStateService } from '../service/types';
import { buildCommand, describeTerminal, TerminalConfig } from './config';
import { SessionIntent, TicketStore } from './TicketStore';

const TICKET_SECONDS = 30;

/** A person who is signed in, until when a session asks in the person's name. */
export interface PersonOptions {
  credentials: BackstageCredentials<BackstageUserPrincipal>;
  signal: AbortSignal;
}

/** Which pod of which entity. */
export interface SessionPlace {
  entityRef: CompoundEntityRef;
  cluster: string;
  namespace: string;
  pod: string;
}

/** A session that may be opened now: everything was asked and found in order. */
export interface GrantedSession {
  intent: SessionIntent;
  /** What to start; of several the first that the image has. */
  commands: string[][];
  isTerminal: boolean;
  maxMs: number;
  /** Undefined where there is no input to wait for. */
  idleMs?: number;
}

/**
 * Who may open which session. Asked twice, each time with the person's own credentials: when a ticket is handed out, and when it is taken; and again while
 * the session lasts.
 */
export class TerminalService {
  readonly #config: TerminalConfig;
  readonly #tickets: TicketStore;
  readonly #authorizer: DeploymentAuthorizer;
  readonly #pods: Pick<UncheckedDeployStateService, 'findPod'>;
  readonly #fleet: Pick<FleetReader, 'pods'>;

  static create(options: {
    config: TerminalConfig;
    tickets: TicketStore;
    authorizer: DeploymentAuthorizer;
    pods: Pick<UncheckedDeployStateService, 'findPod'>;
    fleet: Pick<FleetReader, 'pods'>;
  }): TerminalService {
    return new TerminalService(options);
  }

  private constructor(options: {
    config: TerminalConfig;
    tickets: TicketStore;
    authorizer: DeploymentAuthorizer;
    pods: Pick<UncheckedDeployStateService, 'findPod'>;
    fleet: Pick<FleetReader, 'pods'>;
  }) {
    this.#config = options.config;
    this.#tickets = options.tickets;
    this.#authorizer = options.authorizer;
    this.#pods = options.pods;
    this.#fleet = options.fleet;
  }

  /** What the config allows, for those who have either permission somewhere. */
  async getOptions(options: PersonOptions): Promise<TerminalOptions> {
    const { terminal, command } = await this.#authorizer.decide(
      options.credentials,
    );
    if (!terminal.somewhere && !command.somewhere) {
      throw refusal('open terminals', terminalUsePermission);
    }
    return describeTerminal(this.#config);
  }

  /**
   * @throws NotFoundError, NotAllowedError, InputError, ServiceUnavailableError
   */
  async issueTicket(
    place: SessionPlace,
    request: TerminalTicketRequest,
    options: PersonOptions,
  ): Promise<TerminalTicket> {
    const { kind, container } = request;
    const found = await this.#findPod({ ...place, kind, container }, options);
    const { environment } = found;
    const reason = request.reason?.trim() || undefined;
    if (!reason && !this.#config.reasonOptionalIn.includes(environment)) {
      throw new InputError(`Give a reason: ${environment} asks for one`);
    }
    const where = {
      entityRef: stringifyEntityRef(place.entityRef),
      environment,
      cluster: place.cluster,
      namespace: place.namespace,
      pod: place.pod,
      podUid: this.#uidOf(found),
      container: found.container,
      ...(reason && { reason }),
    };
    const intent: SessionIntent =
      request.kind === 'terminal'
        ? { ...where, kind: 'terminal', shell: request.shell }
        : {
            ...where,
            kind: 'command',
            command: request.command,
            arguments: request.arguments ?? {},
          };
    // What is not allowed is said now, not by the session.
    this.#plan(intent);
    const ticket = await this.#tickets.create(intent, {
      userRef: options.credentials.principal.userEntityRef,
      lifetimeSeconds: TICKET_SECONDS,
    });
    return {
      ticket,
      expiresInSeconds: TICKET_SECONDS,
      container: found.container,
    };
  }

  /**
   * Takes a ticket and asks everything again.
   *
   * @throws NotFoundError, NotAllowedError, InputError, ServiceUnavailableError
   */
  async redeem(
    ticket: string,
    options: PersonOptions,
  ): Promise<GrantedSession> {
    this.#requireEnabled();
    const intent = await this.#tickets.take(ticket, {
      userRef: options.credentials.principal.userEntityRef,
    });
    if (!intent) {
      throw new NotAllowedError(
        'This was opened before, or too long ago. Open it anew.',
      );
    }
    await this.check(intent, options);
    return this.#plan(intent);
  }

  /**
   * Whether the person may have this session now.
   *
   * @throws NotFoundError, NotAllowedError, ServiceUnavailableError
   */
  async check(intent: SessionIntent, options: PersonOptions): Promise<void> {
    const { kind, cluster, namespace, pod, container } = intent;
    const entityRef = parseEntityRef(intent.entityRef);
    const found = await this.#findPod(
      { entityRef, kind, cluster, namespace, pod, container },
      options,
    );
    if (this.#uidOf(found) !== intent.podUid) {
      throw new NotFoundError(
        `The pod ${pod} is gone; another one has its name now`,
      );
    }
  }

  async #findPod(
    request: SessionPlace & {
      kind: SessionIntent['kind'];
      container: string | undefined;
    },
    options: PersonOptions,
  ): Promise<FoundPod> {
    this.#requireEnabled();
    const { kind, ...pod } = request;
    const decisions = await this.#authorizer.decide(options.credentials);
    const decision = decisions[kind];
    // Before anything is looked for: nobody learns what there is who may never open it.
    if (!decision.somewhere) {
      throw kind === 'terminal'
        ? refusal('open terminals', terminalUsePermission)
        : refusal('run commands', commandRunPermission);
    }
    return this.#pods.findPod(pod, {
      ...options,
      check(entity, place) {
        const grant = decision.judge(entity, place);
        if (!grant.allowed) throw new NotAllowedError(grant.why);
      },
    });
  }

  #requireEnabled(): void {
    if (!this.#config.enabled) {
      throw new NotFoundError(
        'This portal has no terminals: switchyard.terminal.enabled is not set',
      );
    }
  }

  #uidOf({ cluster, namespace, pod }: FoundPod): string {
    const [row] = this.#fleet.pods({ cluster, namespace, name: pod });
    if (!row) throw new NotFoundError(`The pod ${pod} is gone`);
    return row.uid;
  }

  #plan(intent: SessionIntent): GrantedSession {
    const { shells, idleMinutes, maxMinutes } = this.#config;
    if (intent.kind === 'command') {
      const { words, timeoutSeconds } = buildCommand(this.#config, intent);
      return {
        intent,
        commands: [words],
        isTerminal: false,
        maxMs: timeoutSeconds * 1000,
      };
    }
    const { shell } = intent;
    if (shell !== undefined && !shells.includes(shell)) {
      throw new InputError(
        `The shell '${shell}' is none of ${shells.join(', ')}`,
      );
    }
    return {
      intent,
      commands: (shell === undefined ? shells : [shell]).map(each => [each]),
      isTerminal: true,
      maxMs: maxMinutes * 60_000,
      idleMs: idleMinutes * 60_000,
    };
  }
}
