import { randomBytes } from 'node:crypto';
import { escapeIdentifier, Pool } from 'pg';

const NAME = 'channel-secret';

/** The secret that all replicas share, made by the first of them. */
export async function readChannelSecret(options: {
  pool: Pool;
  schema: string;
}): Promise<string> {
  const table = `${escapeIdentifier(options.schema)}.setting`;
  await options.pool.query(
    `INSERT INTO ${table} (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [NAME, randomBytes(32).toString('hex')],
  );
  const { rows } = await options.pool.query(
    `SELECT value FROM ${table} WHERE name = $1`,
    [NAME],
  );
  return rows[0].value;
}
