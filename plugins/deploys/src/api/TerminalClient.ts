import {
  DiscoveryApi,
  FetchApi,
  IdentityApi,
} from '@backstage/core-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  TERMINAL_CHANNELS,
  TERMINAL_PROTOCOL,
  TERMINAL_TICKET_PREFIX,
  TERMINAL_TOKEN_PREFIX,
  TerminalClientMessage,
  TerminalOptions,
  TerminalServerMessage,
  TerminalTicket,
  TerminalTicketRequest,
} from '@switchyard/backstage-plugin-deploys-common';
import { entityPath } from './entityPath';
import {
  TerminalApi,
  TerminalConnection,
  TerminalListener,
  TerminalPlace,
} from './TerminalApi';

/** The backend takes no larger pieces. */
const PIECE_BYTES = 16 * 1024;

/**
 * {@link TerminalApi} over HTTP and a web socket. Ticket and token go in the names of protocols: addresses are written to logs.
 *
 * @public
 */
export class TerminalClient implements TerminalApi {
  readonly #discoveryApi: DiscoveryApi;
  readonly #fetchApi: FetchApi;
  readonly #identityApi: IdentityApi;

  static create(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
    identityApi: IdentityApi;
  }): TerminalClient {
    return new TerminalClient(options);
  }

  private constructor(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
    identityApi: IdentityApi;
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
    this.#identityApi = options.identityApi;
  }

  async getOptions(
    options: { signal?: AbortSignal } = {},
  ): Promise<TerminalOptions> {
    const base = await this.#discoveryApi.getBaseUrl('deploys');
    const response = await this.#fetchApi.fetch(`${base}/v1/terminal-options`, {
      signal: options.signal,
    });
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response.json();
  }

  async open(
    place: TerminalPlace,
    request: TerminalTicketRequest,
    listener: TerminalListener,
  ): Promise<TerminalConnection> {
    const { entityRef, cluster, namespace, pod } = place;
    const base = await this.#discoveryApi.getBaseUrl('deploys');
    const path = [cluster, namespace, pod].map(encodeURIComponent).join('/');
    const response = await this.#fetchApi.fetch(
      `${base}${entityPath(entityRef)}/pods/${path}/terminal-tickets`,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(request),
      },
    );
    if (!response.ok) throw await ResponseError.fromResponse(response);
    const { ticket }: TerminalTicket = await response.json();
    const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/v1/terminal`, [
      TERMINAL_PROTOCOL,
      `${TERMINAL_TICKET_PREFIX}${ticket}`,
      `${TERMINAL_TOKEN_PREFIX}${encode(await this.#token())}`,
    ]);
    socket.binaryType = 'arraybuffer';
    const say = (message: TerminalClientMessage) => {
      if (socket.readyState === WebSocket.OPEN)
        socket.send(JSON.stringify(message));
    };
    socket.onmessage = ({ data }) => {
      if (typeof data !== 'string') {
        const bytes = new Uint8Array(data);
        const isError = bytes[0] === TERMINAL_CHANNELS.stderr;
        listener.onOutput(bytes.subarray(1), isError ? 'stderr' : 'stdout');
        return;
      }
      const message: TerminalServerMessage = JSON.parse(data);
      if (message.type === 'renew') {
        // Without a token the backend ends the session and says so.
        this.#token()
          .then(token => say({ type: 'token', token }))
          .catch(() => {});
      }
      listener.onMessage(message);
    };
    socket.onclose = () => listener.onClose();
    return {
      type(text) {
        const bytes = new TextEncoder().encode(text);
        for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
          if (socket.readyState !== WebSocket.OPEN) return;
          const piece = bytes.subarray(start, start + PIECE_BYTES);
          const message = new Uint8Array(piece.length + 1);
          message[0] = TERMINAL_CHANNELS.input;
          message.set(piece, 1);
          socket.send(message);
        }
      },
      resize: size => say({ type: 'resize', ...size }),
      close: () => socket.close(1000),
    };
  }

  async #token(): Promise<string> {
    return (await this.#identityApi.getCredentials()).token ?? '';
  }
}

/** Base64url: a protocol's name takes no other characters. */
function encode(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
