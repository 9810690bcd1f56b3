import pg from 'pg';
import { type Figure } from '../report.ts';
import { QueueWorld } from './QueueWorld.ts';

const EVERY_MS = 5_000;
/** The queue's own tables and those of its wake-ups. */
const TABLES = `('run', 'run_step', 'run_key', 'run_log', 'outbox', 'gate', '_private_jobs')`;

/** Whether dead rows pile up while runs go through: the most of them in the second half, against the most in the first. */
export async function measureDeadRows(
  world: QueueWorld,
  runs: number,
): Promise<Figure[]> {
  const database = await world.connect();
  const { rows } = await database.query(
    `SELECT coalesce(max(number), 0) AS last FROM run`,
  );
  const before = Number(rows[0].last);
  const samples: Array<{ done: number; dead: number }> = [];
  let isOver = false;
  let beganAt = performance.now();
  const watching = (async () => {
    while (!isOver) {
      samples.push(await look(database, before));
      await new Promise(resolve => setTimeout(resolve, EVERY_MS));
    }
  })();
  try {
    await world.runProgram(['churn', String(runs)], () => {
      beganAt = performance.now();
    });
  } finally {
    isOver = true;
    await watching;
  }
  const seconds = (performance.now() - beganAt) / 1_000;
  await database.end();
  const most = (from: number, to: number) =>
    Math.max(
      0,
      ...samples
        .filter(({ done }) => done >= from && done < to)
        .map(({ dead }) => dead),
    );
  const early = most(0, runs / 2);
  return [
    { name: 'runs carried out per second', value: runs / seconds, unit: '' },
    {
      name: `dead rows, most in the first half of ${runs} runs`,
      value: early,
      unit: '',
    },
    {
      name: `dead rows, most in the second half of ${runs} runs`,
      value: most(runs / 2, Infinity),
      unit: '',
      // What comes in between two sweeps; it must not depend on how many runs there were before.
      target: Math.round(early * 1.25) + 2_000,
    },
  ];
}

async function look(database: pg.Client, before: number) {
  const { rows } = await database.query(
    `SELECT (SELECT coalesce(max(number), 0) FROM run) AS last,
       (SELECT sum(n_dead_tup) FROM pg_stat_user_tables WHERE relname IN ${TABLES}) AS dead`,
  );
  return {
    done: Number(rows[0].last) - before,
    dead: Number(rows[0].dead ?? 0),
  };
}
