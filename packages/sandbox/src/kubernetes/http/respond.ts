import { IncomingMessage, ServerResponse } from 'node:http';
import { constants, gzip } from 'node:zlib';
import { ApiError } from '../ApiError';

/** As the API server: smaller answers are not worth it. */
const GZIP_FROM_BYTES = 128 * 1024;

const HEADERS = {
  'Cache-Control': 'no-cache, private',
  'X-Content-Type-Options': 'nosniff',
};

/** Answers with JSON, compressed when the client takes that and it is large. */
export function respond(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string | string[]> = {},
): void {
  const type = { 'Content-Type': 'application/json', ...HEADERS, ...headers };
  const bytes = Buffer.from(text);
  if (
    bytes.length < GZIP_FROM_BYTES ||
    !/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  ) {
    response.writeHead(status, { ...type, 'Content-Length': bytes.length });
    response.end(bytes);
    return;
  }
  gzip(bytes, { level: constants.Z_BEST_SPEED }, (error, compressed) => {
    if (error) {
      response.destroy(error);
      return;
    }
    response.writeHead(status, {
      ...type,
      'Content-Encoding': 'gzip',
      Vary: 'Accept-Encoding',
      'Content-Length': compressed.length,
    });
    response.end(compressed);
  });
}

export function respondError(
  request: IncomingMessage,
  response: ServerResponse,
  error: ApiError,
): void {
  respond(
    request,
    response,
    error.code,
    JSON.stringify(error.status),
    error.headers,
  );
}
