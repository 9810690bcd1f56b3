import { ApplicationChange } from '../ApplicationStore';
import { ApiError } from './ApiError';
import { applicationFilter } from './applicationRoutes';
import { CompressedAnswer } from './compression';
import { ApiContext, ApiRequest } from './context';
import { FieldSelection, parseFields, pickFromEvent } from './fields';

const KEEP_ALIVE_MS = 15_000;

/** Open streams, so that a fault can cut them. */
export class OpenStreams {
  readonly #cuts = new Set<() => void>();

  static create(): OpenStreams {
    return new OpenStreams();
  }

  private constructor() {}

  add(cut: () => void): () => void {
    this.#cuts.add(cut);
    return () => this.#cuts.delete(cut);
  }

  /** Ends all streams as a load balancer does. Answers how many there were. */
  cutAll(): number {
    const cuts = [...this.#cuts];
    for (const cut of cuts) {
      cut();
    }
    return cuts.length;
  }
}

/**
 * `GET /stream/applications`. First every permitted Application as ADDED, then what changes. With `resourceVersion` and no name the first part is left
 * out, and nothing is replayed. No header is sent before the first event, and what equals the last event of the same name is not sent again.
 */
export function streamApplications(
  context: ApiContext,
  streams: OpenStreams,
  call: ApiRequest,
): void {
  const { request, response, query } = call;
  const fields = parseFields(query.get('fields'));
  let isAsked;
  try {
    // Asked once: a stream that runs outlives the end of its token.
    isAsked = applicationFilter(context, call.caller(), query);
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    new CompressedAnswer(request, response, error.status, {
      'Content-Type': 'application/json',
    }).end(JSON.stringify(fields ? {} : error.streamBody()));
    return;
  }
  const isEventSource = request.headers.accept === 'text/event-stream';
  const answer = new CompressedAnswer(request, response, 200, {
    'Content-Type': isEventSource ? 'text/event-stream' : 'application/json',
    ...(isEventSource ? { 'Cache-Control': 'no-cache' } : {}),
  });
  const sent = new Map<string, string>();
  let keepAlive: NodeJS.Timeout | undefined;
  const send = (change: ApplicationChange) => {
    const { name } = change.application.metadata;
    const text = eventText(change, fields);
    if (sent.get(name) === text || context.faults.streamsAreSilent()) {
      return;
    }
    sent.set(name, text);
    answer.write(isEventSource ? `data: ${text} \n\n` : `${text}\n`);
    if (isEventSource) {
      keepAlive ??= setInterval(() => {
        if (!context.faults.streamsAreSilent()) {
          answer.write(':\n');
        }
      }, KEEP_ALIVE_MS);
    }
  };
  if (!query.get('resourceVersion') || query.get('name')) {
    for (const application of context.applications.list().filter(isAsked)) {
      send({ type: 'ADDED', application });
    }
  }
  const unsubscribe = context.applications.subscribe(change => {
    if (isAsked(change.application)) {
      send(change);
    }
  });
  const forget = streams.add(() => request.socket.destroy());
  response.on('close', () => {
    unsubscribe();
    forget();
    clearInterval(keepAlive);
  });
}

function eventText(
  { type, application }: ApplicationChange,
  fields: FieldSelection | undefined,
): string {
  const event = { result: { type, application } };
  return JSON.stringify(fields ? pickFromEvent(event, fields) : event);
}
