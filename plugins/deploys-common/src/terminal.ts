/**
 * Answer of `GET /v1/terminal-options`: what this portal allows beside the permissions.
 *
 * @public
 */
export interface TerminalOptions {
  enabled: boolean;
  /** Minutes without a key after which a terminal ends. */
  idleMinutes: number;
  /** Minutes after which a terminal ends in any case. */
  maxMinutes: number;
  /** Tried in this order where none is chosen. */
  shells: string[];
  commands: TerminalCommand[];
  /** Environments in which no reason has to be given. */
  reasonOptionalIn: string[];
}

/** A command that may be run by itself. @public */
export interface TerminalCommand {
  name: string;
  description?: string;
  /** Program and first arguments, as they are run. */
  command: string[];
  arguments: Array<{
    name: string;
    description?: string;
    /** Regular expression for the whole value. */
    pattern: string;
    optional: boolean;
  }>;
}

/**
 * Body of `POST …/pods/:cluster/:podNamespace/:pod/terminal-tickets`.
 *
 * @public
 */
export type TerminalTicketRequest = {
  /** Without it, the container that is the service. */
  container?: string;
  /** Audited. Needed except in the environments of `reasonOptionalIn`. */
  reason?: string;
} & (
  | { kind: 'terminal'; shell?: string }
  | { kind: 'command'; command: string; arguments?: Record<string, string> }
);

/**
 * Opens one session, once, by the person whom it was given to, at any replica.
 *
 * @public
 */
export interface TerminalTicket {
  ticket: string;
  expiresInSeconds: number;
  container: string;
}

/** Name of the WebSocket protocol of `/api/deploys/v1/terminal`. @public */
export const TERMINAL_PROTOCOL = 'terminal.v1.switchyard';
/**
 * What is offered beside {@link TERMINAL_PROTOCOL} carries the ticket and the person's Backstage token: neither belongs into an address, which is
 * written to logs.
 *
 * @public
 */
export const TERMINAL_TICKET_PREFIX = 'ticket.';
/** What follows is the token in base64url: not every token is made of the characters that may stand there. @public */
export const TERMINAL_TOKEN_PREFIX = 'token.';

/** First byte of a binary message; the rest is data. @public */
export const TERMINAL_CHANNELS = { input: 0, stdout: 1, stderr: 2 } as const;

/** Why a session ended. @public */
export type TerminalEndReason =
  /** The process ended by itself. */
  | 'exit'
  | 'idle'
  | 'time-limit'
  | 'output-limit'
  | 'pod-gone'
  /** The connection to the cluster broke. */
  | 'connection'
  /** The right was taken away. */
  | 'permission'
  /** The person's sign-in ended. */
  | 'signed-out'
  /** The portal restarts. */
  | 'shutdown'
  /** It was not begun: ticket, right, consent or a limit. */
  | 'refused'
  /** The process could not be started. */
  | 'not-started'
  /** The browser went. */
  | 'left';

/** Text messages (JSON) to the browser. @public */
export type TerminalServerMessage =
  | {
      type: 'opened';
      container: string;
      command: string[];
      endsInSeconds: number;
    }
  | { type: 'idle-soon'; endsInSeconds: number }
  /** The token is about to end: send a new one. */
  | { type: 'renew' }
  | {
      type: 'ended';
      reason: TerminalEndReason;
      /** Ready to show. */
      message: string;
      exitCode?: number;
    };

/** Text messages (JSON) from the browser. @public */
export type TerminalClientMessage =
  | { type: 'resize'; columns: number; rows: number }
  | { type: 'token'; token: string };
