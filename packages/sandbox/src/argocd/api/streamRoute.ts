import { ApplicationChange } from '../ApplicationStore';
import { Application, keyOfApplication } from '../types';
import { applicationFilter, treeOf } from './applicationRoutes';
import { CompressedAnswer } from './compression';
import { ApiContext, ApiRequest, applicationOf } from './context';
import { FieldSelection, parseFields, pickFromEvent } from './fields';

const KEEP_ALIVE_MS = 15_000;
/** A rollout changes a tree all the time; Argo CD's controller writes it down now and then. */
const TREE_EVERY_MS = 100;

/** What a route answers that has taken the response in hand. */
export const STREAMED = Symbol('streamed');

/**
 * `GET /stream/applications`. First every permitted Application as ADDED, then what changes. With `resourceVersion` and no name the first part is left
 * out, and nothing is replayed. No header is sent before the first event, and what equals the last event of the same name is not sent again.
 */
export function streamApplications(
  context: ApiContext,
  call: ApiRequest,
): typeof STREAMED {
  const { query } = call;
  const fields = parseFields(query.get('fields'));
  // Asked once: a stream that runs outlives the end of its token.
  const isAsked = applicationFilter(context, call.caller(), query);
  // By name, not by namespace as well: two Applications of one name hide each other's repetitions, as in Argo CD.
  const sent = new Map<string, string>();
  const stream = openEvents(context, call);
  const send = (change: ApplicationChange) => {
    const { name } = change.application.metadata;
    const text = eventText(change, fields);
    if (sent.get(name) !== text && stream.write(text)) {
      sent.set(name, text);
    }
  };
  const unsubscribe = context.applications.subscribe(change => {
    if (isAsked(change.application)) {
      send(change);
    }
  });
  stream.onClose(unsubscribe);
  if (!query.get('resourceVersion') || query.get('name')) {
    for (const application of context.applications.list().filter(isAsked)) {
      send({ type: 'ADDED', application });
      if (context.faults.streamsRepeat()) {
        stream.write(eventText({ type: 'ADDED', application }, fields));
      }
    }
  }
  return STREAMED;
}

/** `GET /stream/applications/{name}/resource-tree`: the whole tree after each change of it, and nothing before the first one. */
export function streamResourceTree(
  context: ApiContext,
  call: ApiRequest,
): typeof STREAMED {
  const application = applicationOf(context, call);
  const key = keyOfApplication(application);
  let last = treeText(context, application);
  let timer: NodeJS.Timeout | undefined;
  const stream = openEvents(context, call);
  const look = () => {
    timer = undefined;
    const now = context.applications.get(key);
    const text = now && treeText(context, now);
    if (text && text !== last && stream.write(text)) {
      last = text;
    }
  };
  const stop = context.controller.onObjectsChanged(key, () => {
    timer ??= setTimeout(look, TREE_EVERY_MS);
  });
  stream.onClose(() => {
    stop();
    clearTimeout(timer);
  });
  return STREAMED;
}

function treeText(context: ApiContext, application: Application): string {
  return JSON.stringify({ result: treeOf(context, application) });
}

/** An answer of events without end. */
function openEvents(
  context: ApiContext,
  { request, response }: ApiRequest,
): { write(text: string): boolean; onClose(letGo: () => void): void } {
  const isEventSource = request.headers.accept === 'text/event-stream';
  const answer = new CompressedAnswer(request, response, 200, {
    'Content-Type': isEventSource ? 'text/event-stream' : 'application/json',
    ...(isEventSource ? { 'Cache-Control': 'no-cache' } : {}),
  });
  let keepAlive: NodeJS.Timeout | undefined;
  const forget = context.streams.add(() => request.socket.destroy());
  response.on('close', () => {
    forget();
    clearInterval(keepAlive);
  });
  return {
    onClose: letGo => {
      response.on('close', letGo);
    },
    write: text => {
      if (context.faults.streamsAreSilent()) {
        return false;
      }
      answer.write(isEventSource ? `data: ${text} \n\n` : `${text}\n`);
      if (isEventSource) {
        keepAlive ??= setInterval(() => {
          if (!context.faults.streamsAreSilent()) {
            answer.write(':\n');
          }
        }, KEEP_ALIVE_MS);
      }
      return true;
    },
  };
}

function eventText(
  { type, application }: ApplicationChange,
  fields: FieldSelection | undefined,
): string {
  const event = { result: { type, application } };
  return JSON.stringify(fields ? pickFromEvent(event, fields) : event);
}
