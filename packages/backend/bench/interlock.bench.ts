// What it costs to say why something may not be done, where many locks bind.
import { until } from '../../../scripts/testing/portal.mjs';
import { percentile, report } from './report.ts';
import { QueueWorld } from './runs/QueueWorld.ts';

const COMPONENTS = 100;
const LOCKS = 10_000;
/** Twenty locks on a component: more than any person would set, so that the answer is long as well. */
const LOCKED_COMPONENTS = 500;
const ROUNDS = 5;

const whyNot = (index: number) =>
  `entities/component/default/bench-${index}/why-not?action=nothing&environment=production`;

const world = await QueueWorld.start(COMPONENTS);
try {
  await until(
    () => world.call('GET', whyNot(COMPONENTS - 1)).catch(() => undefined),
    60_000,
  );
  const database = await world.connect();
  await database.query(
    `INSERT INTO "lock" (id, entity_ref, environment, reason, created_by, expires_at)
     SELECT gen_random_uuid(), 'component:default/bench-' || n % $2,
       CASE WHEN n % 3 = 0 THEN 'production' END, 'Bench', 'user:default/somebody-else', now() + interval '1 day'
     FROM generate_series(1, $1::int) AS n`,
    [LOCKS, LOCKED_COMPONENTS],
  );
  await database.query('ANALYZE "lock"');
  await database.end();

  const { items } = await world.call('GET', whyNot(0));
  const expected = LOCKS / LOCKED_COMPONENTS;
  if (items[0].blockers.length !== expected)
    throw new Error(
      `${items[0].blockers.length} blockers instead of ${expected}`,
    );

  // The process has to have warmed up; what the person may see of these components is known by then, and is no more when they are measured.
  await ask(3, index => `${whyNot(index)}`);
  await new Promise(resolve => setTimeout(resolve, 16_000));
  const first = await ask(1, whyNot);
  const again = await ask(ROUNDS, whyNot);
  const state = await ask(1, index =>
    whyNot(index).replace(/why-not.*/, 'state'),
  );

  report([
    {
      name: `why-not with ${LOCKS} locks, first time for a component, p95`,
      value: percentile(first, 0.95),
      unit: 'ms',
      target: 10,
    },
    {
      name: `why-not with ${LOCKS} locks, again, p95`,
      value: percentile(again, 0.95),
      unit: 'ms',
      target: 10,
    },
    {
      name: 'why-not, first time for a component, p50',
      value: percentile(first, 0.5),
      unit: 'ms',
    },
    { name: 'why-not, again, p50', value: percentile(again, 0.5), unit: 'ms' },
    {
      name: 'state of a component, p95',
      value: percentile(state, 0.95),
      unit: 'ms',
    },
  ]);
} finally {
  await world.stop();
}

/** Milliseconds of each call, one after the other, over all components in turn. */
async function ask(
  rounds: number,
  address: (index: number) => string,
): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++)
    for (let index = 0; index < COMPONENTS; index++) {
      const begun = performance.now();
      await world.call('GET', address(index));
      times.push(performance.now() - begun);
    }
  return times;
}
