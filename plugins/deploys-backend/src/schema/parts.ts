const DESCRIPTIONS: Record<number, string> = {
  400: 'Something in the request is malformed',
  401: 'No valid token',
  403: 'A permission, or the consent of the target, is missing; the message says which',
  404: 'There is no such thing, or the caller may not see it',
  409: 'Not now: the container has not started yet, or none ran before',
  429: 'The caller has as much open as one may have; the message says what',
  503: 'A system behind this one cannot be asked; the message says which',
};

/** A parameter of an operation. */
export function parameter(
  name: string,
  place: 'path' | 'query',
  required: boolean,
  schema: Record<string, unknown>,
) {
  return { name, in: place, required, schema };
}

/** Kind, namespace and name of an entity in the path. */
export const entityParameters = ['kind', 'namespace', 'name'].map(name =>
  parameter(name, 'path', true, { type: 'string' }),
);

/** Answers that are errors. */
export function errorResponses(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map(status => [
      status,
      {
        description: DESCRIPTIONS[status],
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Error' },
          },
        },
      },
    ]),
  );
}

/** Where a log begins. */
export const tailAndSince = [
  parameter('tail', 'query', false, {
    type: 'integer',
    minimum: 1,
    maximum: 10000,
    default: 500,
    description: 'Newest lines to begin with.',
  }),
  parameter('since', 'query', false, {
    type: 'integer',
    minimum: 1,
    maximum: 604800,
    description: 'Only what was written in the last so many seconds.',
  }),
];
