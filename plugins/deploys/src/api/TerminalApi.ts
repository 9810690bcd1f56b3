import { createApiRef } from '@backstage/core-plugin-api';
import {
  TerminalOptions,
  TerminalServerMessage,
  TerminalTicketRequest,
} from '@switchyard/backstage-plugin-deploys-common';

/** Which pod of which entity. @public */
export interface TerminalPlace {
  entityRef: string;
  cluster: string;
  namespace: string;
  pod: string;
}

/** What a session brings. @public */
export interface TerminalListener {
  onOutput(data: Uint8Array, stream: 'stdout' | 'stderr'): void;
  onMessage(message: TerminalServerMessage): void;
  /** The connection is gone, with or without a last message. */
  onClose(): void;
}

/** A session that was opened. @public */
export interface TerminalConnection {
  type(text: string): void;
  resize(size: { columns: number; rows: number }): void;
  close(): void;
}

/**
 * Terminals and single commands, as browsers see them.
 *
 * @public
 */
export interface TerminalApi {
  getOptions(options?: { signal?: AbortSignal }): Promise<TerminalOptions>;
  /** Asks for a ticket and opens a session with it. Rejects with a `ResponseError` that says why not. */
  open(
    place: TerminalPlace,
    request: TerminalTicketRequest,
    listener: TerminalListener,
  ): Promise<TerminalConnection>;
}

/**
 * Ref of {@link TerminalApi}. The deploys plugin provides {@link TerminalClient} for it.
 *
 * @public
 */
export const terminalApiRef = createApiRef<TerminalApi>({
  id: 'plugin.deploys.terminal',
});
