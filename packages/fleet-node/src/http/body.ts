import { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { TransportError, toTransportError } from './TransportError';

/** @internal */
export interface BodyLimits {
  /** Longest silence between two pieces. */
  idleTimeoutMs: number;
  /** Of a whole body, or of one line where lines are read. */
  limitBytes: number;
}

/**
 * The pieces of a body as they come; a silence longer than allowed ends it with an error, leaving the loop closes the connection.
 *
 * @throws TransportError
 * @internal
 */
export async function* readChunks(
  response: IncomingMessage,
  options: { idleTimeoutMs: number; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const timer = setTimeout(() => {
    response.destroy(
      new TransportError({
        reason: 'silent',
        message: 'stopped answering',
        mayHaveBeenReceived: true,
      }),
    );
  }, options.idleTimeoutMs);
  try {
    for await (const chunk of response) {
      timer.refresh();
      yield chunk as Buffer;
    }
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    throw toTransportError(error, { connected: true });
  } finally {
    clearTimeout(timer);
    // A body read to its end gives its connection back; any other is of no more use.
    if (!response.complete) response.destroy();
  }
}

/**
 * @throws TransportError
 * @internal
 */
export async function readText(
  response: IncomingMessage,
  options: BodyLimits & { signal: AbortSignal },
): Promise<string> {
  return (await readBytes(response, options)).toString('utf8');
}

/**
 * The whole body.
 *
 * @throws TransportError
 * @internal
 */
export async function readBytes(
  response: IncomingMessage,
  options: BodyLimits & { signal: AbortSignal },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readChunks(response, options)) {
    size += chunk.length;
    if (size > options.limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Whole lines with their ends, as many as there are at once; the last one need not have an end.
 *
 * @throws TransportError, also for a line longer than the limit
 * @internal
 */
export async function* readWholeLines(
  response: IncomingMessage,
  options: BodyLimits & { signal: AbortSignal },
): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restSize = 0;
  for await (const chunk of readChunks(response, options)) {
    // 0x0a is no part of any other UTF-8 sequence.
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end > 0) {
      const lines = chunk.subarray(0, end);
      // Most pieces are whole lines: to copy them would double what the collector of memory has to do.
      yield rest.length > 0 ? Buffer.concat([...rest, lines]) : lines;
      rest = [];
      restSize = 0;
    }
    if (end < chunk.length) {
      rest.push(chunk.subarray(end));
      restSize += chunk.length - end;
      if (restSize > options.limitBytes) throw tooLarge();
    }
  }
  if (restSize > 0) yield Buffer.concat(rest);
}

/**
 * Text as it comes, never cut inside a character.
 *
 * @internal
 */
export async function* readTextPieces(
  response: IncomingMessage,
  options: { idleTimeoutMs: number; signal: AbortSignal },
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  for await (const chunk of readChunks(response, options)) {
    yield decoder.write(chunk);
  }
}

function tooLarge(): TransportError {
  return new TransportError({
    reason: 'too-large',
    message: 'gave an answer that is too large',
    mayHaveBeenReceived: true,
  });
}
