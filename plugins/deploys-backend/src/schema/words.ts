/** A JSON schema, as far as it is used here. */
export type Schema = Record<string, unknown>;

export const text: Schema = { type: 'string' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const flag: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };

export function object(
  properties: Record<string, Schema>,
  optional: string[] = [],
): Schema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter(name => !optional.includes(name)),
  };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function word(...words: string[]): Schema {
  return { type: 'string', enum: words };
}

export const sourceState = word(
  'live',
  'unreachable',
  'not-readable',
  'connecting',
  'not-watched',
);
