import { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, listen, Listener, readBody, urlOf } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import { FaultBoard, FaultRequest, FaultRequestError } from './FaultBoard';
import { WorldCounts } from './counts';
import { faultsPage } from './faultsPage';

export interface FaultsServerOptions {
  port: number;
  board: FaultBoard;
  counts(): Promise<WorldCounts>;
  speed: { get(): number; set(speed: number): void };
  unimplemented: VerbCounts;
}

/** The page and API with which people and tests break the world, and read what was done to it. */
export async function startFaultsServer(
  options: FaultsServerOptions,
): Promise<Listener> {
  return listen({
    port: options.port,
    part: 'the fault page',
    handler: (request, response) => handle(request, response, options),
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: FaultsServerOptions,
): Promise<void> {
  const { path } = urlOf(request);
  const verb = `${request.method} ${path}`;
  try {
    switch (verb) {
      case 'GET /':
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
        response.end(faultsPage());
        return;
      case 'GET /api/counts':
        answerJson(response, 200, await options.counts());
        return;
      case 'GET /api/faults':
        answerJson(response, 200, { items: options.board.list() });
        return;
      case 'POST /api/faults': {
        const result = await options.board.request(
          faultRequestOf(await jsonBody(request)),
        );
        answerJson(response, 200, {
          result: result ?? null,
          items: options.board.list(),
        });
        return;
      }
      case 'DELETE /api/faults':
        options.board.clear();
        answerJson(response, 200, { items: options.board.list() });
        return;
      case 'GET /api/speed':
        answerJson(response, 200, { speed: options.speed.get() });
        return;
      case 'POST /api/speed': {
        const { speed } = await jsonBody(request);
        if (typeof speed !== 'number' || !(speed >= 0.1 && speed <= 1000)) {
          throw new FaultRequestError(
            'speed must be a number from 0.1 to 1000',
          );
        }
        options.speed.set(speed);
        answerJson(response, 200, { speed });
        return;
      }
      default:
        options.unimplemented.count(`faults ${verb}`);
        answerJson(response, 501, {
          error: `Not implemented in the sandbox: ${verb}`,
        });
    }
  } catch (error) {
    if (!(error instanceof FaultRequestError)) {
      throw error;
    }
    answerJson(response, 400, { error: error.message });
  }
}

async function jsonBody(
  request: IncomingMessage,
): Promise<Record<string, unknown>> {
  const text = (await readBody(request)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Falls through to the same answer.
  }
  throw new FaultRequestError('The body must be a JSON object');
}

function faultRequestOf(body: Record<string, unknown>): FaultRequest {
  const { fault, target, on, value, times, details } = body;
  if (typeof fault !== 'string') {
    throw new FaultRequestError('The body needs `fault`, the id of a fault');
  }
  const isWrong =
    (target !== undefined && typeof target !== 'string') ||
    (on !== undefined && typeof on !== 'boolean') ||
    (value !== undefined &&
      typeof value !== 'string' &&
      typeof value !== 'number') ||
    (times !== undefined &&
      !(Number.isInteger(times) && (times as number) >= 0)) ||
    (details !== undefined &&
      (typeof details !== 'object' || details === null));
  if (isWrong) {
    throw new FaultRequestError(
      'target must be a text, on true or false, value a text or number, times a whole number, details an object',
    );
  }
  return body as unknown as FaultRequest;
}
