import { LiveClock, SteppedClock } from './clock';

const START = new Date('2026-11-20T12:00:00Z');

describe('SteppedClock', () => {
  it('carries out what falls due in order, at its own time', () => {
    const clock = SteppedClock.create({ start: START });
    const log: string[] = [];
    const note = (name: string) => log.push(`${name} ${clock.elapsed()}`);
    clock.schedule(300, () => note('c'));
    clock.schedule(100, () => {
      note('a');
      clock.schedule(100, () => note('b'));
    });
    const cancel = clock.schedule(150, () => note('never'));
    clock.schedule(100, () => note('a2'));
    cancel();
    clock.advance(250);
    expect(log).toEqual(['a 100', 'a2 100', 'b 200']);
    expect(clock.now()).toEqual(new Date('2026-11-20T12:00:00.250Z'));
    clock.advance(50);
    expect(log[3]).toBe('c 300');
  });
});

describe('LiveClock', () => {
  let clock: LiveClock;
  const errors: unknown[] = [];
  const create = (options: { speed: number; past?: Date }) =>
    (clock = LiveClock.create({
      ...options,
      onError: error => errors.push(error),
    }));
  const wait = (milliseconds: number) =>
    new Promise(resolve => setTimeout(resolve, milliseconds));

  /** Between two looks at the clock of the process, give or take its resolution. */
  const expectWallTime = () => {
    const earliest = Date.now() - 1;
    const shown = clock.now().getTime();
    expect(shown).toBeGreaterThanOrEqual(earliest);
    expect(shown).toBeLessThanOrEqual(Date.now() + 1);
  };

  afterEach(() => {
    clock.close();
    errors.length = 0;
  });

  it('runs so much faster, and writes the time on the wall', async () => {
    create({ speed: 100 });
    const before = performance.now();
    await new Promise<void>(resolve => clock.schedule(10_000, resolve));
    const took = performance.now() - before;
    expect(took).toBeGreaterThan(95);
    expectWallTime();
    expect(clock.since(new Date(Date.now() - 1_000))).toBeGreaterThan(99_000);
  });

  it('changes its speed for what is being waited for already', async () => {
    create({ speed: 1 });
    let rang = false;
    clock.schedule(60_000, () => (rang = true));
    await wait(20);
    expect(rang).toBe(false);
    clock.setSpeed(10_000);
    await wait(100);
    expect(rang).toBe(true);
    expect(() => clock.setSpeed(0)).toThrow(RangeError);
  });

  it('plays its past when told, then follows the wall', async () => {
    create({ speed: 20, past: new Date(Date.now() - 3_600_000) });
    const times: number[] = [];
    const tick = () => {
      times.push(clock.now().getTime());
      clock.schedule(600_000, tick);
    };
    clock.schedule(600_000, tick);
    await wait(30);
    expect(times).toEqual([]);
    clock.advance(1_200_000);
    expect(times).toHaveLength(2);
    expect(times[1] - times[0]).toBe(600_000);
    expect(clock.speed).toBe(1);
    clock.goLive();
    expect(times).toHaveLength(6);
    expect(clock.speed).toBe(20);
    expectWallTime();
    expect(() => clock.advance(1)).toThrow('cannot be advanced');
  });

  it('goes on when a callback throws', async () => {
    create({ speed: 1000 });
    let rang = false;
    clock.schedule(10, () => {
      throw new Error('first');
    });
    clock.schedule(20, () => (rang = true));
    await wait(50);
    expect(rang).toBe(true);
    expect(errors).toEqual([new Error('first')]);
  });

  it('is still after it was closed', async () => {
    create({ speed: 1000 });
    let rang = false;
    clock.schedule(20, () => (rang = true));
    clock.close();
    await wait(50);
    expect(rang).toBe(false);
  });
});
