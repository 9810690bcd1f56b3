import { escapeIdentifier } from 'pg';

/** Names in a schema, as SQL writes them. */
export function createInSchema(schema: string): (name: string) => string {
  return name => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
