import { RawData, WebSocket } from 'ws';
import { ExecEnd, ExecSession } from '../exec/types';

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 };
/** Output that waits for the caller; beyond, nothing more is read from the API server. */
const WAITING_LIMIT_BYTES = 256 * 1024;
/** Input that waits for the API server. */
const INPUT_LIMIT_BYTES = 256 * 1024;
/** A load balancer between here and the API server drops what is silent; and a server that is gone is noticed. */
const PING_MS = 20_000;

/**
 * A process over the web socket of an API server. Takes the socket over, paused.
 *
 * @internal
 */
export class SocketSession implements ExecSession {
  readonly output: AsyncIterable<{
    stream: 'stdout' | 'stderr';
    data: Buffer;
  }>;
  readonly ended: Promise<ExecEnd>;
  readonly #socket: WebSocket;
  readonly #waiting: Array<{ stream: 'stdout' | 'stderr'; data: Buffer }> = [];
  #waitingBytes = 0;
  #wake = () => {};
  #end: ExecEnd | undefined;

  constructor(socket: WebSocket, signal: AbortSignal) {
    this.#socket = socket;
    const onAbort = () => this.close();
    signal.addEventListener('abort', onAbort, { once: true });
    let heard = true;
    const ping = setInterval(() => {
      // While nothing is read, the answer cannot be either.
      if (!heard && !socket.isPaused) {
        socket.terminate();
        return;
      }
      heard = false;
      socket.ping();
    }, PING_MS);
    socket.on('pong', () => {
      heard = true;
    });
    socket.on('message', (data: RawData) => {
      heard = true;
      this.#take(data as Buffer);
    });
    let status: ExecEnd | undefined;
    this.#onStatus = end => {
      status = end;
    };
    this.ended = new Promise(resolve => {
      socket.once('close', () => {
        clearInterval(ping);
        signal.removeEventListener('abort', onAbort);
        this.#end = status ?? { by: 'connection' };
        this.#wake();
        resolve(this.#end);
      });
    });
    this.output = this.#read();
    socket.resume();
    if (signal.aborted) this.close();
  }

  readonly #onStatus: (end: ExecEnd) => void;

  async write(data: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return;
    const message = Buffer.concat([Buffer.of(CHANNEL.stdin), data]);
    const sent = new Promise<void>(resolve =>
      // An error closes the socket, which is what the session ends by.
      socket.send(message, () => resolve()),
    );
    if (socket.bufferedAmount > INPUT_LIMIT_BYTES) await sent;
  }

  resize({ columns, rows }: { columns: number; rows: number }): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const size = JSON.stringify({ Width: columns, Height: rows });
    this.#socket.send(
      Buffer.concat([Buffer.of(CHANNEL.resize), Buffer.from(size)]),
    );
  }

  close(): void {
    // Not closed by a handshake: a server that does not answer would keep it open.
    this.#socket.terminate();
  }

  #take(message: Buffer): void {
    const channel = message[0];
    const data = message.subarray(1);
    if (channel === CHANNEL.error) {
      this.#onStatus(endOf(data.toString('utf8')));
      return;
    }
    const isOutput = channel === CHANNEL.stdout || channel === CHANNEL.stderr;
    // An empty one says only that the connection stands.
    if (!isOutput || data.length === 0) return;
    const stream = channel === CHANNEL.stdout ? 'stdout' : 'stderr';
    this.#waiting.push({ stream, data });
    this.#waitingBytes += data.length;
    if (this.#waitingBytes > WAITING_LIMIT_BYTES) this.#socket.pause();
    this.#wake();
  }

  async *#read() {
    try {
      for (;;) {
        const piece = this.#waiting.shift();
        if (piece) {
          this.#waitingBytes -= piece.data.length;
          if (this.#waitingBytes <= WAITING_LIMIT_BYTES) this.#socket.resume();
          yield piece;
        } else if (this.#end) {
          return;
        } else {
          await new Promise<void>(resolve => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.close();
    }
  }
}

/** Reads the Status that the API server sends when the process has ended. */
function endOf(text: string): ExecEnd {
  let status: any;
  try {
    status = JSON.parse(text);
  } catch {
    return { by: 'connection' };
  }
  if (status?.status === 'Success') return { by: 'exit', exitCode: 0 };
  const causes: Array<{ reason?: string; message?: string }> = Array.isArray(
    status?.details?.causes,
  )
    ? status.details.causes
    : [];
  const code = causes.find(({ reason }) => reason === 'ExitCode')?.message;
  if (code !== undefined && /^\d+$/.test(code)) {
    return { by: 'exit', exitCode: Number(code) };
  }
  return { by: 'not-started', reason: reasonOf(String(status?.message ?? '')) };
}

function reasonOf(message: string): 'no-program' | 'not-running' | 'other' {
  if (
    /executable file not found|no such file or directory|permission denied/i.test(
      message,
    )
  ) {
    return 'no-program';
  }
  return /container not found|not running|is not created/i.test(message)
    ? 'not-running'
    : 'other';
}
