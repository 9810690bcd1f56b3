import { ResourceNode } from '../resourceTree';
import { Destination } from '../types';
import { treeOf } from './applicationRoutes';
import { ApiError } from './ApiError';
import { CompressedAnswer } from './compression';
import { ApiContext, ApiRequest, applicationOf, needRight } from './context';
import { STREAMED } from './streamRoute';

/** Argo CD's `server.maxPodLogsToRender`. */
const MAX_PODS = 10;
/** Parameters that the cluster's own API knows by the same name. */
const PASSED_ON = [
  'container',
  'follow',
  'previous',
  'tailLines',
  'sinceSeconds',
  'sinceTime',
];

interface LogEntry {
  content: string;
  podName: string;
  /** As written, with nanoseconds. */
  at: string;
}

/**
 * `GET /applications/{name}/logs`, also `/pods/{pod}/logs`: lines of all pods that are, or belong to, what was named, each with its pod and time. The end
 * is an entry with `last`. Without pods the stream is empty.
 */
export async function streamLogs(
  context: ApiContext,
  call: ApiRequest,
): Promise<typeof STREAMED> {
  const { query, request, response, parameters } = call;
  const application = applicationOf(context, call);
  needRight(context, call.caller(), {
    resource: 'logs',
    action: 'get',
    application,
  });
  const until = untilOf(query);
  const { nodes } = treeOf(context, application);
  const podName = parameters[1] ?? query.get('podName');
  const pods = nodes.filter(
    node =>
      node.kind === 'Pod' &&
      !node.group &&
      isSelected(
        node,
        nodes,
        podName
          ? { kind: 'Pod', name: podName }
          : {
              kind: query.get('kind'),
              group: query.get('group'),
              name: query.get('resourceName'),
            },
      ),
  );
  if (pods.length > MAX_PODS) {
    throw new ApiError(
      'invalidArgument',
      'max pods to view logs are reached. Please provide more granular query',
    );
  }
  const answer = new CompressedAnswer(request, response, 200, {
    'Content-Type':
      request.headers.accept === 'text/event-stream'
        ? 'text/event-stream'
        : 'application/json',
  });
  if (pods.length === 0) {
    answer.end();
    return STREAMED;
  }
  const write = ({ content, podName: name, at }: LogEntry, last: boolean) => {
    const text = JSON.stringify({
      result: {
        content,
        timeStamp: `${at.slice(0, 19)}Z`,
        last,
        timeStampStr: at,
        podName: name,
      },
    });
    answer.write(
      request.headers.accept === 'text/event-stream'
        ? `data: ${text} \n\n`
        : `${text}\n`,
    );
  };
  const end = new AbortController();
  const forget = context.streams.add(() => request.socket.destroy());
  response.on('close', () => {
    forget();
    end.abort();
  });
  const matches = filterOf(query);
  const asked: Asked = {
    context,
    destination: application.spec.destination,
    pods,
    query,
    signal: end.signal,
  };
  const isFollowed = query.get('follow') === 'true';
  const entries = isFollowed ? asTheyCome(asked) : inOrder(asked);
  for await (const entry of entries) {
    if (until !== undefined && Date.parse(entry.at) > until) {
      write(entry, true);
      answer.end();
      return STREAMED;
    }
    if (matches(entry.content)) {
      write(entry, false);
    }
  }
  if (!end.signal.aborted) {
    const now = context.clock.now().toISOString();
    write({ content: '', podName: '', at: now }, true);
    answer.end();
  }
  return STREAMED;
}

/** Whether a node, or one that it belongs to, is what was named; what was not named matches anything. */
function isSelected(
  node: ResourceNode,
  nodes: readonly ResourceNode[],
  wanted: { kind?: string | null; group?: string | null; name?: string | null },
): boolean {
  const isIt =
    (!wanted.kind || node.kind === wanted.kind) &&
    (!wanted.group || (node.group ?? '') === wanted.group) &&
    (!wanted.name || node.name === wanted.name);
  return (
    isIt ||
    (node.parentRefs ?? []).some(parent => {
      const found = nodes.find(({ uid }) => uid === parent.uid);
      return found !== undefined && isSelected(found, nodes, wanted);
    })
  );
}

function untilOf(query: URLSearchParams): number | undefined {
  const given = query.get('untilTime');
  const at = given ? Date.parse(given) : undefined;
  if (Number.isNaN(at)) {
    throw new ApiError(
      'unknown',
      `invalid untilTime parameter value: parsing time "${given}" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "${given}" as "2006"`,
    );
  }
  return at;
}

function filterOf(query: URLSearchParams): (line: string) => boolean {
  const filter = query.get('filter');
  if (!filter) {
    return () => true;
  }
  const isInverse = filter.startsWith('!');
  const wanted = isInverse ? filter.slice(1) : filter;
  return query.get('matchCase') === 'true'
    ? line => line.includes(wanted) !== isInverse
    : line => line.toLowerCase().includes(wanted.toLowerCase()) !== isInverse;
}

interface Asked {
  context: ApiContext;
  destination: Destination;
  pods: readonly ResourceNode[];
  query: URLSearchParams;
  signal: AbortSignal;
}

/** What all pods have written so far, by time. */
async function* inOrder({ pods, ...asked }: Asked): AsyncGenerator<LogEntry> {
  const logs = await Promise.all(
    pods.map(async pod => {
      const entries: LogEntry[] = [];
      for await (const entry of linesOf(pod, asked)) {
        entries.push(entry);
      }
      return entries;
    }),
  );
  yield* logs.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** What all pods write, as it comes, until every one has ended. */
async function* asTheyCome({
  pods,
  ...asked
}: Asked): AsyncGenerator<LogEntry> {
  const waiting: LogEntry[] = [];
  let wake: () => void = () => undefined;
  let open = pods.length;
  const woken = () =>
    new Promise<void>(resolve => {
      wake = resolve;
    });
  const read = async (pod: ResourceNode) => {
    for await (const entry of linesOf(pod, asked)) {
      waiting.push(entry);
      wake();
    }
    open -= 1;
    wake();
  };
  for (const pod of pods) {
    void read(pod);
  }
  while (open > 0 || waiting.length > 0) {
    if (waiting.length === 0) {
      await woken();
    }
    yield* waiting.splice(0);
  }
}

/** Lines of one pod. What its cluster says instead of a log comes as a line: that is how Argo CD shows it. */
async function* linesOf(
  pod: ResourceNode,
  { context, destination, query, signal }: Omit<Asked, 'pods'>,
): AsyncGenerator<LogEntry> {
  const cluster = context.clusters.find(
    ({ server, name }) =>
      server === destination.server || name === destination.name,
  );
  const wanted = new URLSearchParams({ timestamps: 'true' });
  for (const name of PASSED_ON) {
    const value = query.get(name);
    if (value) {
      wanted.set(name, value);
    }
  }
  try {
    const lines = cluster!.readLog(
      { namespace: pod.namespace!, name: pod.name, query: wanted },
      signal,
    );
    for await (const line of lines) {
      const space = line.indexOf(' ');
      yield {
        content: line.slice(space + 1),
        podName: pod.name,
        at: line.slice(0, space),
      };
    }
  } catch (error) {
    if (!signal.aborted) {
      yield {
        content: error instanceof Error ? error.message : String(error),
        podName: '',
        at: '0001-01-01T00:00:00Z',
      };
    }
  }
}
