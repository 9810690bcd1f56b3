import {
  entityParameters,
  errorResponses,
  parameter,
  tailAndSince,
} from './parts';

const text = { type: 'string' };
const flag = { type: 'boolean', default: false };

function json(description: string, schema: string) {
  return {
    description,
    content: {
      'application/json': {
        schema: { $ref: `#/components/schemas/${schema}` },
      },
    },
  };
}

/** What is asked about pods beside the state. */
export const podPaths = {
  '/v1/entities/{kind}/{namespace}/{name}/metrics': {
    get: {
      operationId: 'readPodMetrics',
      summary: 'What the pods use, ask for and may use',
      description:
        'Permission `deploys.state.read`. Clusters are asked at most every 15 s per namespace, whoever asks. Where the metrics API is missing, may not be read or does not answer, `places` says so.',
      parameters: entityParameters,
      responses: {
        200: json('Usage by uid of the pod', 'PodsMetrics'),
        ...errorResponses(400, 401, 403, 404, 503),
      },
    },
  },
  '/v1/entities/{kind}/{namespace}/{name}/pods/{cluster}/{podNamespace}/{pod}/events':
    {
      get: {
        operationId: 'listPodEvents',
        summary: 'What Kubernetes said about a pod and what made it',
        description:
          'Permission `deploys.state.read`; the pod must be the entity’s, and its workload must agree. Newest last.',
        parameters: [
          ...entityParameters,
          parameter('cluster', 'path', true, text),
          parameter('podNamespace', 'path', true, text),
          parameter('pod', 'path', true, text),
        ],
        responses: {
          200: json('The events', 'PodEvents'),
          ...errorResponses(400, 401, 403, 404, 503),
        },
      },
    },
  '/v1/entities/{kind}/{namespace}/{name}/logs': {
    get: {
      operationId: 'readWorkloadLog',
      summary: 'Logs of the pods of a workload, merged by time',
      description:
        'Permission `deploys.logs.read`; the workload must be the entity’s and agree. Audited as `logs-read`. Each line is JSON: `[source, time, text]` for a line of a log, else an object: `{type: "source", source, pod, container}` before its lines, `{type: "state", source, state, why}`, `{type: "left-out", pods, limit}` for pods beyond the limit of 10 (those in trouble are read first, then the newest), `{type: "over", reason, why}` at the end of a log that may not be read on: `refused` when the right was taken away, which is asked every five minutes, `signed-out` when the token has ended. An empty line is a sign of life. Where it is followed, pods that appear are added and containers that are started again go on.',
      parameters: [
        ...entityParameters,
        parameter('cluster', 'query', true, text),
        parameter('namespace', 'query', true, text),
        parameter('workload', 'query', true, {
          ...text,
          description: 'Kind and name, such as `Deployment/orders`.',
        }),
        parameter('pod', 'query', false, {
          type: 'array',
          items: text,
          maxItems: 10,
          description: 'Only these pods.',
        }),
        parameter('container', 'query', false, {
          ...text,
          description: 'Only this container of each pod.',
        }),
        parameter('previous', 'query', false, flag),
        parameter('follow', 'query', false, flag),
        ...tailAndSince,
      ],
      responses: {
        200: {
          description: 'Records, one a line',
          content: { 'application/x-ndjson': { schema: text } },
        },
        ...errorResponses(400, 401, 403, 404, 429, 503),
      },
    },
  },
};
