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
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readChunks(response, options)) {
    size += chunk.length;
    if (size > options.limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Lines without their ends; the last one need not have any.
 *
 * @throws TransportError, also for a line longer than the limit
 * @internal
 */
export async function* readLines(
  response: IncomingMessage,
  options: BodyLimits & { signal: AbortSignal },
): AsyncGenerator<string> {
  // Decoding before splitting would be simpler, but copies each piece; splitting bytes is safe because 0x0a is no part of any other
  // UTF-8 sequence.
  let rest: Buffer[] = [];
  let restSize = 0;
  for await (const chunk of readChunks(response, options)) {
    let start = 0;
    for (
      let end = chunk.indexOf(0x0a);
      end >= 0;
      end = chunk.indexOf(0x0a, start)
    ) {
      const piece = chunk.subarray(start, end);
      const line = rest.length ? Buffer.concat([...rest, piece]) : piece;
      rest = [];
      restSize = 0;
      start = end + 1;
      if (line.length > options.limitBytes) throw tooLarge();
      yield line.toString('utf8');
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restSize += chunk.length - start;
      if (restSize > options.limitBytes) throw tooLarge();
    }
  }
  if (restSize > 0) yield Buffer.concat(rest).toString('utf8');
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
