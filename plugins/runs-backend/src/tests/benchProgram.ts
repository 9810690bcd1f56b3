import { setTimeout as sleep } from 'node:timers/promises';
import { TestDatabase } from './TestDatabase';
import { createKind, createPlan, doing } from './testKind';
import { TestReplica } from './TestReplica';

/**
 * Run as a program by the bench of the queue, on a database that is there already.
 *
 * - `fill COUNT TARGETS`: puts runs of the kind `nothing` in line, all at once, for somebody else to carry out.
 * - `churn COUNT`: puts runs of one step in line and carries them out, with everything around the queue made of memory.
 */
const STEPS = ['one', 'two', 'three'];
const AT_ONCE = 16;
/** Runs that wait or run at the same time while many go through. */
const IN_FLIGHT = 300;

const nothing = (index: number, targets: number) => {
  const entityRef = `component:default/bench-${index % targets}`;
  return {
    kind: 'nothing',
    entityRef,
    keys: [`target:${entityRef}@production`],
    steps: STEPS.map((id, at) => ({
      ...createPlan().steps[0],
      id,
      needs: STEPS.slice(Math.max(0, at - 1), at),
      maxAttempts: 1,
    })),
  };
};

async function inParallel(
  count: number,
  work: (index: number) => Promise<unknown>,
) {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

async function main(mode: string, count: number, targets: number) {
  let done = 0;
  const replica = await TestReplica.start({
    database: TestDatabase.join('backstage_plugin_runs'),
    working: mode === 'churn',
    config: { sweepIntervalMs: 2_000 },
    kinds: [
      createKind({
        kind: 'churn',
        handlers: {
          work: doing(() => void (done += 1)),
        },
      }),
    ],
  });
  const who = {
    requestedBy: mode === 'churn' ? 'user:default/dana' : 'user:default/bench',
    groups: mode === 'churn' ? [] : ['group:default/bench'],
    gates: [],
  };
  process.stdout.write('ready\n');
  if (mode === 'fill') {
    await inParallel(count, index =>
      replica.request(nothing(index, targets), who),
    );
  } else {
    const [step] = createPlan().steps;
    await inParallel(count, async index => {
      while (index - done > IN_FLIGHT) await sleep(5);
      await replica.request(
        { kind: 'churn', keys: [`target:${index % 500}`], steps: [step] },
        who,
      );
    });
    while (done < count) await sleep(100);
  }
  process.stdout.write('done\n');
  await replica.stop();
}

main(process.argv[2], Number(process.argv[3]), Number(process.argv[4])).catch(
  error => {
    process.stderr.write(String(error?.stack ?? error));
    process.exit(1);
  },
);
