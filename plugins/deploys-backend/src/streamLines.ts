import { once } from 'node:events';
import { Response } from 'express';

/**
 * Writes lines to the caller as they come, no faster than the caller reads.
 *
 * @throws what the lines throw, before anything was sent; later errors break the connection, so that the caller does not take a part for all
 */
export async function streamLines(
  lines: AsyncIterable<string>,
  response: Response,
  signal: AbortSignal,
  contentType = 'text/plain',
): Promise<void> {
  response.status(200);
  response.set({
    'Content-Type': `${contentType}; charset=utf-8`,
    // Compression would hold lines back until it has enough of them; proxies are asked to do neither.
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    'X-Content-Type-Options': 'nosniff',
  });
  // A container may say nothing for long: the caller shall know at once that it is listening.
  response.flushHeaders();
  try {
    for await (const line of lines) {
      if (signal.aborted) break;
      if (!response.write(`${line}\n`)) {
        await once(response, 'drain', { signal });
      }
    }
    response.end();
  } catch (error) {
    response.destroy();
    if (!signal.aborted) throw error;
  }
}
