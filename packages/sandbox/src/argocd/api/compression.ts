import { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import {
  constants,
  createDeflateRaw,
  createGzip,
  DeflateRaw,
  Gzip,
} from 'node:zlib';

/**
 * Writes an answer as Argo CD's server does: deflate (without zlib's frame) where the client takes it, else gzip; never for server-sent events.
 * Each write is flushed, so that events arrive when they happen. No header is sent before the first write.
 */
export class CompressedAnswer {
  readonly #response: ServerResponse;
  readonly #encoding: 'deflate' | 'gzip' | undefined;
  readonly #headers: Record<string, string>;
  readonly #status: number;
  #compressor: DeflateRaw | Gzip | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    headers: Record<string, string>,
  ) {
    this.#response = response;
    this.#status = status;
    this.#encoding = encodingFor(request);
    this.#headers = {
      ...headers,
      ...(this.#encoding
        ? { 'Content-Encoding': this.#encoding, Vary: 'Accept-Encoding' }
        : { Vary: 'Accept-Encoding' }),
    };
  }

  write(text: string): void {
    const target = this.#begin();
    target.write(text);
    this.#compressor?.flush(constants.Z_SYNC_FLUSH);
  }

  end(text = ''): void {
    this.#begin().end(text);
  }

  #begin(): Writable {
    if (!this.#response.headersSent) {
      this.#response.writeHead(this.#status, this.#headers);
      if (this.#encoding) {
        this.#compressor =
          this.#encoding === 'deflate' ? createDeflateRaw() : createGzip();
        this.#compressor.pipe(this.#response);
      }
    }
    return this.#compressor ?? this.#response;
  }
}

function encodingFor(request: IncomingMessage): 'deflate' | 'gzip' | undefined {
  if (request.headers.accept === 'text/event-stream') {
    return undefined;
  }
  const accepted = String(request.headers['accept-encoding'] ?? '')
    .split(',')
    .map(item => item.trim().split(';')[0]);
  if (accepted.includes('deflate')) {
    return 'deflate';
  }
  return accepted.includes('gzip') ? 'gzip' : undefined;
}
