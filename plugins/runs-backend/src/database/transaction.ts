import { Pool, PoolClient } from 'pg';

/** Runs `work` in one transaction. A connection whose transaction could not be ended is thrown away. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(rollbackError => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
