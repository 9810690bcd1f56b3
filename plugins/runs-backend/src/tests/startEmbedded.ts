import { startEmbeddedPostgres } from '../database/embeddedPostgres';
import { Client } from 'pg';
import { silentLogger } from './TestDatabase';

/** Run as a program: the package cannot be imported under Jest. Starts the server, writes, joins it, starts it again, and says what it found. */
async function main(directory: string) {
  const open = () => startEmbeddedPostgres({ directory, logger: silentLogger });
  const ask = async (
    server: Awaited<ReturnType<typeof open>>,
    text: string,
  ) => {
    const client = new Client(server.settings);
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  };
  const first = await open();
  await ask(first, `CREATE TABLE kept AS SELECT 1 AS value`);
  const second = await open();
  const joined = await ask(second, 'SELECT value FROM kept');
  await second.stop();
  await first.stop();
  const third = await open();
  const again = await ask(third, 'SELECT value FROM kept');
  await third.stop();
  process.stdout.write(JSON.stringify({ joined, again }));
}

main(process.argv[2]).catch(error => {
  process.stderr.write(String(error?.stack ?? error));
  process.exitCode = 1;
});
