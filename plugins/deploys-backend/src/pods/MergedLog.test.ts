import { LogRecord } from '@switchyard/backstage-plugin-deploys-common';
import { mockCredentials } from '@backstage/backend-test-utils';
import { PodLogsRequest, PodRow } from '@switchyard/fleet-node';
import { ConflictError, ServiceUnavailableError } from '@backstage/errors';
import { LogOptions } from '../service/types';
import { FakeFleet } from '../tests/FakeFleet';
import { podRow } from '../tests/ordersWorld';
import { LogSlots } from './LogSlots';
import { openMergedLog } from './MergedLog';

const at = (seconds: number) =>
  `2026-11-20T10:00:${String(seconds).padStart(2, '0')}.000000001Z`;

/** The log of one pod: a test writes to it while it is read. */
class Tap {
  readonly #lines: string[] = [];
  #isOver = false;
  #error?: Error;
  #wake = () => {};
  taken = 0;

  write(...lines: string[]) {
    this.#lines.push(...lines);
    this.#wake();
  }

  end(error?: Error) {
    this.#isOver = true;
    this.#error = error;
    this.#wake();
  }

  async *read(signal: AbortSignal): AsyncGenerator<string> {
    signal.addEventListener('abort', () => this.#wake());
    while (!signal.aborted) {
      const line = this.#lines.shift();
      if (line !== undefined) {
        this.taken += 1;
        yield line;
      } else if (this.#isOver) {
        if (this.#error) throw this.#error;
        return;
      } else {
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
      }
    }
  }
}

function setUp(
  pods: PodRow[],
  options: { how?: Partial<LogOptions>; containers?: string[] } = {},
) {
  const fleet = new FakeFleet();
  fleet.podRows.push(...pods);
  const taps = new Map<string, Tap[]>();
  const tap = (pod: string, opening = 0): Tap => {
    const all = taps.get(pod) ?? [];
    taps.set(pod, all);
    while (all.length <= opening) all.push(new Tap());
    return all[opening];
  };
  const opened = new Map<string, number>();
  const requests: PodLogsRequest[] = [];
  const refusals = new Map<string, Error>();
  fleet.podLogs = async request => {
    requests.push(request);
    const refusal = refusals.get(request.pod);
    if (refusal) throw refusal;
    const opening = opened.get(request.pod) ?? 0;
    opened.set(request.pod, opening + 1);
    return tap(request.pod, opening).read(request.signal);
  };
  const slots = new LogSlots();
  const controller = new AbortController();
  const world = { isAllowed: true };
  const lines = openMergedLog({
    fleet,
    how: {
      previous: false,
      follow: true,
      timestamps: true,
      tailLines: 100,
      ...options.how,
    },
    takeSlot: () => slots.take(mockCredentials.user()),
    select: () =>
      world.isAllowed
        ? fleet.podRows.map(pod => ({
            pod,
            containers: options.containers ?? ['orders'],
          }))
        : undefined,
    concerns: () => true,
    signal: controller.signal,
  });
  const iterator = lines[Symbol.asyncIterator]();
  const records: LogRecord[] = [];
  let failure: Error | undefined;
  const read = async () => {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return;
      if (value) records.push(JSON.parse(value));
    }
  };
  const start = () =>
    read().catch(error => {
      failure = error;
    });
  const texts = () =>
    records.flatMap(record => (Array.isArray(record) ? [record[2]] : []));
  const notices = (type: string) =>
    records.filter(record => !Array.isArray(record) && record.type === type);
  return {
    fleet,
    tap,
    requests,
    refusals,
    slots,
    controller,
    iterator,
    records,
    start,
    texts,
    notices,
    world,
    failure: () => failure,
  };
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise(resolve => setTimeout(resolve, 10));
}

const pod = (index: number, more: Partial<PodRow> = {}) =>
  podRow('prod-blue', index, 'v1', more);
const nameOf = (index: number) => pod(index).name;

describe('a merged log', () => {
  it('is ordered by time over all pods, and ends when all have', async () => {
    const log = setUp([pod(0), pod(1)], { how: { follow: false } });
    log
      .tap(nameOf(0))
      .write(`${at(1)} a1`, `${at(4)} a4`, 'no time', `${at(9)} a9`);
    log.tap(nameOf(0)).end();
    log.tap(nameOf(1)).write(`${at(2)} b2`, `${at(3)} b3`, `${at(5)} b5`);
    log.tap(nameOf(1)).end();
    await log.start();
    expect(log.texts()).toEqual([
      'a1',
      'b2',
      'b3',
      'a4',
      'no time',
      'b5',
      'a9',
    ]);
    expect(log.notices('source')).toEqual([
      { type: 'source', source: 0, pod: nameOf(0), container: 'orders' },
      { type: 'source', source: 1, pod: nameOf(1), container: 'orders' },
    ]);
    expect(log.records).toContainEqual([0, at(4), 'a4']);
    expect(log.records).toContainEqual([0, null, 'no time']);
    expect(log.slots.open).toBe(0);
    expect(log.fleet.listenerCount).toBe(0);
  });

  it('does not wait for a pod that says nothing', async () => {
    const log = setUp([pod(0), pod(1)]);
    log.start();
    log.tap(nameOf(0)).write(`${at(1)} a1`);
    await until(() => log.texts().length === 1);
    expect(log.texts()).toEqual(['a1']);
    log.controller.abort();
  });

  it('reads no faster than it is read', async () => {
    const log = setUp([pod(0)]);
    const tap = log.tap(nameOf(0));
    tap.write(...Array.from({ length: 5_000 }, (_, n) => `${at(1)} ${n}`));
    await log.iterator.next();
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(tap.taken).toBeLessThan(600);
    log.start();
    await until(() => log.texts().length === 5_000);
    log.controller.abort();
  });

  it('adds pods that appear, says of one that is deleted that it is, and goes on with the others', async () => {
    const log = setUp([pod(0), pod(1)]);
    log.start();
    await until(() => log.notices('source').length === 2);
    log.fleet.putPod(pod(2));
    await until(() => log.notices('source').length === 3);
    log.tap(nameOf(1)).write(`${at(1)} last words`);
    await until(() => log.texts().length === 1);
    log.fleet.removePod(pod(1).uid);
    log.tap(nameOf(1)).end();
    await until(() =>
      log
        .notices('state')
        .some(
          each => 'state' in each && each.state === 'gone' && each.source === 1,
        ),
    );
    log.tap(nameOf(2)).write(`${at(2)} new`);
    log.tap(nameOf(0)).write(`${at(3)} old`);
    await until(() => log.texts().length === 3);
    expect(log.texts()).toEqual(['last words', 'new', 'old']);
    log.controller.abort();
  });

  it('says of one whose end is heard before it is gone that it was deleted', async () => {
    const log = setUp([pod(0)]);
    log.start();
    await until(() => log.notices('state').length === 1);
    log.fleet.putPod({
      ...pod(0),
      phase: 'Succeeded',
      deletedAt: new Date().toISOString(),
    });
    log.tap(nameOf(0)).end();
    await new Promise(resolve => setTimeout(resolve, 50));
    log.fleet.removePod(pod(0).uid);
    await until(() => log.notices('state').length === 2);
    expect(log.notices('state').at(-1)).toMatchObject({ state: 'gone' });
    log.controller.abort();
  });

  it('does not wait for the end of the stream of a pod that was deleted', async () => {
    const log = setUp([pod(0), pod(1)]);
    log.start();
    log.tap(nameOf(0)).write(`${at(1)} a`);
    await until(() => log.texts().length === 1);
    log.fleet.removePod(pod(0).uid);
    log.tap(nameOf(0)).write(`${at(2)} last words`);
    await until(() =>
      log
        .notices('state')
        .some(each => 'state' in each && each.state === 'gone'),
    );
    expect(log.texts()).toContain('last words');
    expect(log.requests[0].signal.aborted).toBe(true);
    expect(log.requests[1].signal.aborted).toBe(false);
    log.controller.abort();
    await until(() => log.fleet.listenerCount === 0);
  });

  it('goes on when a container was started again, from where it was', async () => {
    const log = setUp([pod(0)]);
    log.start();
    const first = log.tap(nameOf(0), 0);
    first.write(`${at(1)} one`, `${at(2)} two`);
    await until(() => log.texts().length === 2);
    const [container] = pod(0).containers;
    log.fleet.putPod(
      pod(0, {
        ready: false,
        containers: [
          { ...container, ready: false, state: 'terminated', exitCode: 3 },
        ],
      }),
    );
    first.end();
    await until(() => log.notices('state').length === 2);
    expect(log.notices('state')[1]).toEqual({
      type: 'state',
      source: 0,
      state: 'waiting',
      why: 'The container ended with exit code 3; its next start is waited for',
    });
    log.tap(nameOf(0), 1).write(`${at(2)} two`, `${at(3)} three`);
    log.fleet.putPod(
      pod(0, {
        containers: [{ ...container, startedAt: '2026-11-20T10:00:03Z' }],
      }),
    );
    await until(() => log.texts().length === 3);
    expect(log.texts()).toEqual(['one', 'two', 'three']);
    expect(log.requests.map(each => [each.tailLines, each.sinceTime])).toEqual([
      [100, undefined],
      [undefined, '2026-11-20T10:00:02Z'],
    ]);
    log.controller.abort();
  });

  it('opens a connection again that broke, and keeps the others meanwhile', async () => {
    const log = setUp([pod(0), pod(1)]);
    log.start();
    log.tap(nameOf(0)).write(`${at(1)} before`);
    await until(() => log.texts().length === 1);
    log.tap(nameOf(0)).end(new ServiceUnavailableError('Cluster x broke off'));
    log.tap(nameOf(0), 1).write(`${at(2)} after`);
    log.tap(nameOf(1)).write(`${at(3)} other`);
    await until(() => log.texts().length === 3);
    expect(log.texts()).toEqual(['before', 'other', 'after']);
    expect(log.notices('state')).toContainEqual({
      type: 'state',
      source: 0,
      state: 'waiting',
      why: 'Cluster x broke off',
    });
    log.controller.abort();
  });

  it('waits for a container that has not started, and says why one cannot be read', async () => {
    const log = setUp([pod(0)]);
    log.refusals.set(nameOf(0), new ConflictError('is waiting to start'));
    log.start();
    await until(() => log.notices('state').length === 1);
    expect(log.notices('state')[0]).toMatchObject({
      state: 'waiting',
      why: 'is waiting to start',
    });
    log.refusals.clear();
    log.tap(nameOf(0)).write(`${at(1)} up`);
    const [container] = pod(0).containers;
    log.fleet.putPod(
      pod(0, { containers: [{ ...container, startedAt: at(1) }] }),
    );
    await until(() => log.texts().length === 1);
    log.controller.abort();

    const other = setUp([pod(0), pod(1)], { how: { follow: false } });
    other.refusals.set(nameOf(0), new ServiceUnavailableError('not now'));
    other.tap(nameOf(1)).write(`${at(1)} fine`);
    other.tap(nameOf(1)).end();
    await other.start();
    expect(other.texts()).toEqual(['fine']);
    expect(other.notices('state')).toContainEqual({
      type: 'state',
      source: 0,
      state: 'failed',
      why: 'not now',
    });
  });

  it('reads ten pods, names the others, and takes one in when another has gone', async () => {
    const log = setUp(Array.from({ length: 12 }, (_, index) => pod(index)));
    log.start();
    await until(() => log.notices('left-out').length === 1);
    expect(log.notices('source')).toHaveLength(10);
    expect(log.notices('left-out')[0]).toEqual({
      type: 'left-out',
      pods: [nameOf(10), nameOf(11)],
      limit: 10,
    });
    log.fleet.removePod(pod(3).uid);
    log.tap(nameOf(3)).end();
    await until(() => log.notices('source').length === 11);
    await until(() => log.notices('left-out').length === 2);
    expect(log.notices('left-out')[1]).toMatchObject({ pods: [nameOf(11)] });
    log.controller.abort();
  });

  it('leaves nothing open when its reader goes', async () => {
    const log = setUp([pod(0), pod(1)]);
    const done = log.start();
    log.tap(nameOf(0)).write(`${at(1)} a`);
    await until(() => log.texts().length === 1);
    expect(log.slots.open).toBe(2);
    log.controller.abort();
    await done;
    await until(() => log.slots.open === 0);
    expect(log.requests.every(({ signal }) => signal.aborted)).toBe(true);
    expect(log.fleet.listenerCount).toBe(0);

    // The same where the loop over it is left.
    const other = setUp([pod(0)]);
    await other.iterator.next();
    await other.iterator.return!(undefined);
    await until(() => other.slots.open === 0);
    expect(other.fleet.listenerCount).toBe(0);
  });

  it('ends when it may not be read any more', async () => {
    const log = setUp([pod(0)]);
    const done = log.start();
    await until(() => log.notices('source').length === 1);
    log.world.isAllowed = false;
    log.fleet.putPod(pod(0));
    await done;
    expect(log.failure()?.name).toBe('NotAllowedError');
    await until(() => log.slots.open === 0);
  });
});
