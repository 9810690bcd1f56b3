import { childRunsStep } from '@switchyard/backstage-plugin-runs-node';
import { TestDatabase } from './TestDatabase';
import { createKind } from './testKind';
import { TestReplica } from './TestReplica';

/**
 * Run as a program: a replica in a process of its own, to be killed and stopped. It comes as far as an effect, says so, and stays there; told
 * to on its standard input, it tries to begin another. Of a run with children it asks for one, says so, and stays there too. Asked to end, it does as
 * a backend does.
 */
async function main(database: string, leaseMs: number) {
  const say = (word: string) => process.stdout.write(`${word}\n`);
  const told = new Promise(resolve => process.stdin.once('data', resolve));
  const replica = await TestReplica.start({
    database: TestDatabase.join(database),
    config: { leaseMs, sweepIntervalMs: 200 },
    kinds: [
      createKind({
        handlers: {
          one: {
            effect: 'adoptable',
            adopt: async () => undefined,
            run: async context => {
              await context.beforeEffect({ by: 'process' });
              say('effect');
              await told;
              say(
                await context.beforeEffect().then(
                  () => 'allowed',
                  (error: Error) => error.name,
                ),
              );
              return { output: { by: 'process' } };
            },
          },
        },
      }),
      createKind({
        kind: 'parent',
        handlers: {
          wave: {
            effect: 'none',
            run: context => {
              const request = async (childId: string, wish: string) => {
                await context.children.request(childId, wish).then(
                  () => say(`asked for ${childId}`),
                  (error: Error) => say(error.name),
                );
                await told;
              };
              const children = { ...context.children, request };
              return childRunsStep.run({ ...context, children });
            },
          },
        },
      }),
    ],
  });
  process.once('SIGTERM', () => {
    replica.stop().then(() => process.exit(0));
  });
  say('ready');
}

main(process.argv[2], Number(process.argv[3])).catch(error => {
  process.stderr.write(String(error?.stack ?? error));
  process.exitCode = 1;
});
