import { detailsPaths } from './details';
import { fleetViewPaths } from './fleetViewPaths';
import {
  entityParameters,
  errorResponses,
  parameter,
  tailAndSince,
} from './parts';
import { podPaths } from './podPaths';
import { schemas } from './schemas';
import { terminalPaths } from './terminal';

/** Describes the HTTP API; served at `/api/deploys/openapi.json`. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Switchyard deploys',
    version: '1',
    description:
      'What clusters and Argo CD say about entities of the catalog. Everything but versions, logs, metrics and what is below a deployment is answered from memory. An entity that the caller may not see in the catalog does not exist.',
  },
  servers: [{ url: '/api/deploys' }],
  security: [{ backstageToken: [] }],
  paths: {
    '/v1/entities/{kind}/{namespace}/{name}/state': {
      get: {
        operationId: 'getEntityState',
        summary: 'State of a service in all environments and clusters',
        description:
          'Permission `deploys.state.read`. Answers with an ETag; ask with `If-None-Match`. The signal channel in the answer rings when the hash changes, for as long as the state was asked for within the last ten minutes.',
        parameters: [
          ...entityParameters,
          {
            name: 'If-None-Match',
            in: 'header',
            required: false,
            schema: { type: 'string' },
          },
        ],
        responses: {
          200: {
            description: 'The state',
            headers: {
              ETag: { schema: { type: 'string' } },
              'Server-Timing': {
                description: 'Time that making the answer took, as `own;dur=`',
                schema: { type: 'string' },
              },
            },
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/EntityDeploysState' },
              },
            },
          },
          304: { description: 'Nothing has changed' },
          ...errorResponses(400, 401, 403, 404, 503),
        },
      },
    },
    '/v1/entities/{kind}/{namespace}/{name}/versions': {
      get: {
        operationId: 'listVersions',
        summary: 'Versions that the registries have',
        description:
          'Permission `deploys.state.read`. Only repositories that agreeing workloads of the entity in the environment pull from are asked.',
        parameters: [
          ...entityParameters,
          parameter('environment', 'query', true, { type: 'string' }),
        ],
        responses: {
          200: {
            description: 'Versions, newest first',
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/ImageVersions' },
              },
            },
          },
          ...errorResponses(400, 401, 403, 404, 503),
        },
      },
    },
    '/v1/entities/{kind}/{namespace}/{name}/pods/{cluster}/{podNamespace}/{pod}/logs':
      {
        get: {
          operationId: 'readPodLog',
          summary: 'Log of a container, as text',
          description:
            'Permission `deploys.logs.read`; the pod must be the entity’s, and its workload must agree. Audited as `logs-read`. A followed log ends when the caller closes the connection; one that the caller may not read on, which is asked every five minutes, or whose token has ended, is broken off. A connection that breaks means that lines are missing.',
          parameters: [
            ...entityParameters,
            parameter('cluster', 'path', true, { type: 'string' }),
            parameter('podNamespace', 'path', true, { type: 'string' }),
            parameter('pod', 'path', true, { type: 'string' }),
            parameter('container', 'query', false, {
              type: 'string',
              description: 'Without it, the container that is the service.',
            }),
            parameter('previous', 'query', false, {
              type: 'boolean',
              default: false,
              description: 'Of the container before its last restart.',
            }),
            parameter('follow', 'query', false, {
              type: 'boolean',
              default: false,
            }),
            parameter('timestamps', 'query', false, {
              type: 'boolean',
              default: false,
              description:
                'Each line begins with the time that the container runtime noted, in RFC 3339 with nanoseconds, and a space.',
            }),
            ...tailAndSince,
          ],
          responses: {
            200: {
              description: 'The log, line by line',
              content: { 'text/plain': { schema: { type: 'string' } } },
            },
            ...errorResponses(400, 401, 403, 404, 409, 429, 503),
          },
        },
      },
    ...podPaths,
    ...terminalPaths,
    ...detailsPaths,
    '/v1/fleet': {
      get: {
        operationId: 'getFleet',
        summary: 'How well clusters and Argo CD instances can be seen',
        description:
          'Permission `deploys.state.read`. Destinations of Argo CD that could not be joined need `deploys.fleet.read` besides.',
        responses: {
          200: {
            description: 'The fleet',
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/FleetState' },
              },
            },
          },
          ...errorResponses(401, 403),
        },
      },
    },
    ...fleetViewPaths,
    '/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        summary: 'This document',
        security: [],
        responses: {
          200: {
            description: 'OpenAPI 3.1',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
        },
      },
    },
  },
  components: {
    securitySchemes: {
      backstageToken: {
        type: 'http',
        scheme: 'bearer',
        description: 'Token of a Backstage user or service',
      },
    },
    schemas,
  },
};
