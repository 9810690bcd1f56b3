import { entityParameters, errorResponses, parameter } from './parts';

/** The operations of the fleet pages. */
export const fleetViewPaths = {
  '/v1/fleet-view': {
    get: {
      operationId: 'getFleetView',
      summary: 'Each component in each environment and cluster',
      description:
        'Permission `deploys.state.read`: lines of components that the caller may see in the catalog. With `deploys.fleet.read` all lines, also of Applications that no entity names. Ask with `since` and `If-None-Match` of the answer before: only parts that changed are sent. The signal channel rings when the hash changes, for as long as the view was asked for within the last ten minutes.',
      parameters: [
        parameter('since', 'query', false, { type: 'string' }),
        {
          name: 'If-None-Match',
          in: 'header',
          required: false,
          schema: { type: 'string' },
        },
      ],
      responses: {
        200: {
          description: 'The view, or what changed',
          headers: { ETag: { schema: { type: 'string' } } },
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/FleetView' },
            },
          },
        },
        304: { description: 'Nothing has changed' },
        ...errorResponses(400, 401, 403, 503),
      },
    },
  },
  '/v1/entities/{kind}/{namespace}/{name}/fleet-view': {
    get: {
      operationId: 'getFleetPart',
      summary: 'The same for the components of a system, domain, group or user',
      description:
        'As `/v1/fleet-view`, narrowed to the components of a system, of the systems of a domain, to what a group and its child groups own, or what a person and their groups own.',
      parameters: [
        ...entityParameters,
        parameter('since', 'query', false, { type: 'string' }),
        {
          name: 'If-None-Match',
          in: 'header',
          required: false,
          schema: { type: 'string' },
        },
      ],
      responses: {
        200: {
          description: 'The view, or what changed',
          headers: { ETag: { schema: { type: 'string' } } },
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/FleetView' },
            },
          },
        },
        304: { description: 'Nothing has changed' },
        ...errorResponses(400, 401, 403, 404, 503),
      },
    },
  },
  '/v1/fleet-search': {
    get: {
      operationId: 'searchFleet',
      summary: 'Which component runs this pod, image or commit',
      description:
        'Permission `deploys.state.read`; found is what the caller may see on the fleet pages. Names of components and Applications and images by any part, pods by the beginning of their name, commits by at least seven digits.',
      parameters: [
        parameter('q', 'query', true, {
          type: 'string',
          minLength: 2,
          maxLength: 200,
        }),
      ],
      responses: {
        200: {
          description: 'What was found, the most precise first',
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/FleetSearchResult' },
            },
          },
        },
        ...errorResponses(400, 401, 403, 503),
      },
    },
  },
};
