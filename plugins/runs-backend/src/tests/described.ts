import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
}

const document = parse(
  readFileSync(
    resolvePackagePath(
      '@switchyard/backstage-plugin-runs-backend',
      'openapi.yaml',
    ),
    'utf8',
  ),
);

/** What of an answer the OpenAPI document does not say, or says otherwise; empty when all is described. */
export function findUndescribed(answer: {
  method: string;
  path: string;
  status: number;
  body: unknown;
}): string[] {
  const { method, status, body } = answer;
  const path = answer.path.replace(/\?.*$/, '');
  const template = Object.keys(document.paths).find(each =>
    new RegExp(`^${each.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  // A path that is not there at all is answered by the framework.
  if (template === undefined) return [];
  const where = `${method} ${template} ${status}`;
  const operation = document.paths[template][method];
  if (!operation) return [];
  const response = resolve(operation.responses[String(status)]);
  if (!response) return [`${where} is not described`];
  const schema = response.content?.['application/json']?.schema;
  return schema
    ? compare(schema, body, '$').map(problem => `${where}: ${problem}`)
    : [];
}

function compare(given: Schema, value: unknown, at: string): string[] {
  const schema = merge(resolve(given));
  if (schema.enum)
    return schema.enum.includes(value) ? [] : [`${at} is ${value}`];
  const types = [schema.type ?? []].flat();
  const type = typeOf(value);
  if (
    types.length > 0 &&
    !types.includes(type) &&
    !(type === 'integer' && types.includes('number'))
  )
    return [`${at} is ${type}, not ${types}`];
  if (Array.isArray(value))
    return value.flatMap(each =>
      schema.items ? compare(schema.items, each, `${at}[]`) : [],
    );
  if (type !== 'object' || !schema.properties) return [];
  const { properties, required = [], additionalProperties } = schema;
  const object = value as Record<string, unknown>;
  return [
    ...required
      .filter(name => object[name] === undefined)
      .map(name => `${at}.${name} is missing`),
    ...Object.entries(object).flatMap(([name, each]) => {
      if (properties[name])
        return compare(properties[name], each, `${at}.${name}`);
      return additionalProperties ? [] : [`${at}.${name} is not described`];
    }),
  ];
}

function resolve(schema: any): any {
  if (!schema?.$ref) return schema;
  return resolve(
    schema.$ref
      .slice('#/'.length)
      .split('/')
      .reduce((found: any, name: string) => found?.[name], document),
  );
}

/** All of `allOf` as one. */
function merge(schema: Schema): Schema {
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map(each => merge(resolve(each)));
  return {
    ...schema,
    allOf: undefined,
    type: 'object',
    properties: Object.assign(
      {},
      ...parts.map(part => part.properties),
      schema.properties,
    ),
    required: [...parts, schema].flatMap(part => part.required ?? []),
  };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
