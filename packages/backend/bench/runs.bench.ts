// What the queue costs: until a run begins, many at once, SQL statements and connections; the list with a long history; dead rows.
//   --only list,queue,dead   a part of it      --history 1000000   runs of the list      --churn 100000   runs between which dead rows are counted
import { type Figure, report } from './report.ts';
import { measureDeadRows } from './runs/measureDeadRows.ts';
import { measureList } from './runs/measureList.ts';
import { measureQueue } from './runs/measureQueue.ts';
import { QueueWorld } from './runs/QueueWorld.ts';

const TARGETS = 500;

const option = (name: string, otherwise: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const parts = option('only', 'list,queue,dead').split(',');
const figures: Figure[] = [];

const world = await QueueWorld.start(TARGETS);
try {
  // First, while nobody works on the queue: without its indexes whoever sweeps would read all of the history, again and again.
  if (parts.includes('list'))
    figures.push(
      ...(await measureList(world, {
        runs: Number(option('history', '1000000')),
        targets: TARGETS,
      })),
    );
  if (parts.includes('queue'))
    figures.push(...(await measureQueue(world, TARGETS)));
  if (parts.includes('dead'))
    figures.push(
      ...(await measureDeadRows(world, Number(option('churn', '100000')))),
    );
} finally {
  await world.stop();
}
report(figures);
