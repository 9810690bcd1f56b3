import { BellSignals } from '../__testUtils__/BellSignals';
import { LiveQuery } from './LiveQuery';

interface Value {
  channel: string;
  hash: string;
  busy?: boolean;
}

function setUp(options: { signals?: BellSignals; answers?: Value[] } = {}) {
  const answers = options.answers ?? [
    { channel: 'c', hash: '1' },
    { channel: 'c', hash: '2' },
    { channel: 'c', hash: '3' },
    { channel: 'c', hash: '4' },
  ];
  const load = jest.fn(async (): Promise<Value> => {
    const answer =
      answers[Math.min(load.mock.calls.length, answers.length) - 1];
    return answer;
  });
  const query = new LiveQuery<Value>(
    {
      load,
      describe: value => value,
      isBusy: value => value.busy ?? false,
    },
    options.signals,
  );
  return { query, load };
}

function setHidden(hidden: boolean) {
  jest.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
  document.dispatchEvent(new Event('visibilitychange'));
}

const settle = () => jest.advanceTimersByTimeAsync(0);

describe('LiveQuery', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('makes one request however many listen', async () => {
    const { query, load } = setUp();
    const first = jest.fn();
    const second = jest.fn();
    query.subscribe(first);
    query.subscribe(second);
    await settle();
    expect(load).toHaveBeenCalledTimes(1);
    expect(first).toHaveBeenCalled();
    expect(second).toHaveBeenCalled();
    expect(query.snapshot).toEqual({
      value: { channel: 'c', hash: '1' },
      loading: false,
      checkedAt: Date.now(),
    });
  });

  it('reads again on a signal, unless it has that state already', async () => {
    const signals = new BellSignals();
    const { query, load } = setUp({ signals });
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(1_000);
    signals.ring('c', { hash: '1' });
    await jest.advanceTimersByTimeAsync(500);
    expect(load).toHaveBeenCalledTimes(1);
    signals.ring('c', { hash: '2' });
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
    expect(query.snapshot.value?.hash).toBe('2');
  });

  it('asks again soon when a replica answers that has not come as far as what rang', async () => {
    const signals = new BellSignals();
    const old = { channel: 'c', hash: '1' };
    const { query, load } = setUp({
      signals,
      answers: [old, old, old, old, { channel: 'c', hash: '2' }],
    });
    query.subscribe(jest.fn());
    // The look after the subscription is over.
    await jest.advanceTimersByTimeAsync(5_000);
    expect(load).toHaveBeenCalledTimes(2);
    signals.ring('c', { hash: '2' });
    await jest.advanceTimersByTimeAsync(2_000);
    expect(query.snapshot.value?.hash).toBe('2');
    expect(load).toHaveBeenCalledTimes(5);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(load).toHaveBeenCalledTimes(5);
  });

  it('does not ask for ever for what was taken back', async () => {
    const signals = new BellSignals();
    const { query, load } = setUp({
      signals,
      answers: [{ channel: 'c', hash: '1' }],
    });
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(5_000);
    load.mockClear();
    signals.ring('c', { hash: '2' });
    await jest.advanceTimersByTimeAsync(20_000);
    expect(load).toHaveBeenCalledTimes(5);
  });

  it('answers a storm of signals with few reads, the last of them after the last signal', async () => {
    const signals = new BellSignals();
    let hash = 0;
    const load = jest.fn(async () => ({ channel: 'c', hash: String(hash) }));
    const query = new LiveQuery<Value>(
      { load, describe: value => value, isBusy: () => true },
      signals,
    );
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(1_000);
    for (hash = 1; hash <= 20; hash += 1) {
      signals.ring('c', { hash: String(hash) });
      await jest.advanceTimersByTimeAsync(50);
    }
    hash = 20;
    await jest.advanceTimersByTimeAsync(300);
    expect(query.snapshot.value?.hash).toBe('20');
    expect(load.mock.calls.length).toBeLessThanOrEqual(7);
  });

  it('looks once more after it has subscribed, for what rang meanwhile', async () => {
    const signals = new BellSignals();
    const { query, load } = setUp({ signals });
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(2_100);
    expect(load).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('polls where there are no signals, faster while something is under way', async () => {
    const { query, load } = setUp({
      answers: [
        { channel: 'c', hash: '1', busy: true },
        { channel: 'c', hash: '2', busy: false },
      ],
    });
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(5_100);
    expect(load).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(load).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(10_100);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('does nothing while the tab is hidden, and catches up when it returns', async () => {
    const signals = new BellSignals();
    const { query, load } = setUp({ signals });
    query.subscribe(jest.fn());
    await settle();
    setHidden(true);
    signals.ring('c', { hash: '2' });
    await jest.advanceTimersByTimeAsync(600_000);
    expect(load).toHaveBeenCalledTimes(1);
    setHidden(false);
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
    expect(query.snapshot.value?.hash).toBe('2');
  });

  it('catches up when the network returns', async () => {
    const { query, load } = setUp({ signals: new BellSignals() });
    query.subscribe(jest.fn());
    await settle();
    window.dispatchEvent(new Event('online'));
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('catches up after a connection that was lost in silence', async () => {
    const { query, load } = setUp({ signals: new BellSignals() });
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(2_100);
    expect(load).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(3);
    expect(query.snapshot.value?.hash).toBe('3');
  });

  it('keeps the last value through a failure, and tries again with backoff', async () => {
    let broken = false;
    const load = jest.fn(async () => {
      if (broken) throw Object.assign(new Error('down'), { statusCode: 503 });
      return { channel: 'c', hash: '1' };
    });
    const query = new LiveQuery<Value>({
      load,
      describe: value => value,
      isBusy: () => false,
    });
    query.subscribe(jest.fn());
    await settle();
    const { checkedAt } = query.snapshot;
    await jest.advanceTimersByTimeAsync(1_000);
    broken = true;
    await query.refresh();
    expect(query.snapshot.value?.hash).toBe('1');
    expect(query.snapshot.checkedAt).toBe(checkedAt);
    expect(query.snapshot.error?.message).toBe('down');
    await jest.advanceTimersByTimeAsync(2_100);
    expect(load).toHaveBeenCalledTimes(3);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(load).toHaveBeenCalledTimes(3);
    broken = false;
    await jest.advanceTimersByTimeAsync(1_500);
    expect(query.snapshot.error).toBeUndefined();
  });

  describe('with a backend of several replicas', () => {
    interface Counted {
      channel: string;
      version: number;
    }
    function start(signals?: BellSignals) {
      const source = { version: 5, reads: 0, anew: [] as boolean[] };
      const query = new LiveQuery<Counted>(
        {
          load: async ({ anew }) => {
            source.reads += 1;
            source.anew.push(anew);
            return { channel: 'c', version: source.version };
          },
          describe: ({ channel }) => ({ channel }),
          isBusy: () => false,
          merge: (known, answer) =>
            answer.version < known.version
              ? { value: known, behind: true }
              : { value: answer, behind: false },
        },
        signals,
      );
      query.subscribe(jest.fn());
      return { source, query };
    }

    it('never shows an older answer, and asks another replica soon', async () => {
      const { source, query } = start();
      await settle();
      source.version = 4;
      await query.refresh();
      expect(query.snapshot.value?.version).toBe(5);
      const { reads } = source;
      source.version = 6;
      await jest.advanceTimersByTimeAsync(800);
      expect(query.snapshot.value?.version).toBe(6);
      expect(source.reads).toBe(reads + 1);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(source.reads).toBe(reads + 1);
    });

    it('asks anew after an older answer, until one is not', async () => {
      const { source, query } = start();
      await settle();
      source.version = 4;
      await query.refresh();
      await query.refresh();
      source.version = 5;
      await query.refresh();
      await query.refresh();
      expect(source.anew).toEqual([false, false, true, true, false]);
    });

    it('believes an older answer that stays: the cluster was restored', async () => {
      const { source, query } = start(new BellSignals());
      await jest.advanceTimersByTimeAsync(2_100);
      source.version = 1;
      await query.refresh();
      const { reads } = source;
      await jest.advanceTimersByTimeAsync(55_000);
      expect(query.snapshot.value?.version).toBe(5);
      // Soon at first, then seldom.
      expect(source.reads - reads).toBeLessThan(25);
      await jest.advanceTimersByTimeAsync(15_000);
      expect(query.snapshot.value?.version).toBe(1);
    });
  });

  it('never asks again by itself after a refusal', async () => {
    const load = jest.fn(async () => {
      throw Object.assign(new Error('no'), { statusCode: 403 });
    });
    const query = new LiveQuery<Value>({
      load,
      describe: value => value,
      isBusy: () => false,
    });
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(600_000);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('stops when nobody listens any more, and starts from the last value', async () => {
    const signals = new BellSignals();
    const { query, load } = setUp({ signals });
    const unsubscribe = query.subscribe(jest.fn());
    await settle();
    expect(signals.listeners('c')).toBe(1);
    unsubscribe();
    expect(signals.listeners('c')).toBe(0);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(load).toHaveBeenCalledTimes(1);

    query.subscribe(jest.fn());
    expect(query.snapshot.loading).toBe(false);
    expect(query.snapshot.value?.hash).toBe('1');
    await settle();
    expect(query.snapshot.value?.hash).toBe('2');
  });

  it('reads again when the value has changed by itself', async () => {
    const load = jest.fn(async () => ({ channel: 'c', hash: '1' }));
    const end = new Date(Date.now() + 10_000).toISOString();
    const query = new LiveQuery<Value>(
      {
        load,
        describe: value => ({ ...value, changesAt: [end] }),
        isBusy: () => false,
      },
      new BellSignals(),
    );
    query.subscribe(jest.fn());
    await jest.advanceTimersByTimeAsync(10_300);
    expect(load).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(300);
    expect(load).toHaveBeenCalledTimes(3);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('never leaves the answer older than the question', async () => {
    const answers: Array<(value: Value) => void> = [];
    const query = new LiveQuery<Value>({
      load: () => new Promise(resolve => answers.push(resolve)),
      describe: value => value,
      isBusy: () => false,
    });
    query.subscribe(jest.fn());
    const asked = query.refresh();
    answers[0]({ channel: 'c', hash: 'old' });
    await settle();
    expect(answers).toHaveLength(2);
    answers[1]({ channel: 'c', hash: 'new' });
    await asked;
    expect(query.snapshot.value?.hash).toBe('new');
  });
});
