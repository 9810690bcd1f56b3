import { ConfigReader } from '@backstage/config';
import { readBreakGlass } from '../breakGlass/readBreakGlass';
import { DatabaseRunStore } from '../database/DatabaseRunStore';
import { createNoticeTeller } from '../notices/createNoticeTeller';
import { readNotices } from '../notices/readNotices';
import { silentLogger, TestDatabase } from './TestDatabase';

/** Run as a program: tells once of what is there to tell, in a process of its own, to be killed. */
async function main(name: string, config: string) {
  const database = await TestDatabase.join(name).open();
  const teller = createNoticeTeller({
    database,
    config: {
      notices: readNotices(new ConfigReader(JSON.parse(config))),
      breakGlass: readBreakGlass(new ConfigReader({})),
      appBaseUrl: 'https://portal.example.com',
    },
    runs: DatabaseRunStore.create(database),
    findEntities: async refs => refs.map(() => undefined),
    notifications: { send: async () => {} },
    logger: silentLogger,
  });
  await teller.spread();
  await teller.send();
  process.exit(0);
}

main(process.argv[2], process.argv[3]).catch(error => {
  process.stderr.write(String(error?.stack ?? error));
  process.exitCode = 1;
});
