import { aDeploysState, BellSignals } from '../__testUtils__';
import { EntityDeploysQuery } from './EntityDeploysQuery';

const CHANNEL = 'deploys:entity:x1';

function setHidden(hidden: boolean) {
  Object.defineProperty(document, 'hidden', {
    configurable: true,
    get: () => hidden,
  });
  document.dispatchEvent(new Event('visibilitychange'));
}

/** A query that somebody listens to, and the reads that it makes. */
function start(options: { signals?: BellSignals; progressing?: boolean } = {}) {
  const { signals, progressing } = options;
  const source = {
    state: aDeploysState({
      summary: { tone: progressing ? 'progressing' : 'ok', text: '' },
    }),
    error: undefined as Error | undefined,
    reads: 0,
  };
  const query = new EntityDeploysQuery({
    signals,
    load: async () => {
      source.reads += 1;
      if (source.error) throw source.error;
      return source.state;
    },
  });
  const stop = query.subscribe(() => {});
  return { source, query, stop };
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('EntityDeploysQuery', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
    setHidden(false);
  });

  it('reads once for all who listen, and stops with the last of them', async () => {
    const { source, query, stop } = start();
    const stopOther = query.subscribe(() => {});
    await pass(0);
    expect(source.reads).toBe(1);
    expect(query.snapshot.value).toBe(source.state);
    stop();
    stopOther();
    await pass(600_000);
    expect(source.reads).toBe(1);
  });

  it('polls slowly where there are no signals, and faster while something is under way', async () => {
    const idle = start();
    const busy = start({ progressing: true });
    await pass(60_000);
    expect(idle.source.reads).toBe(3);
    expect(busy.source.reads).toBe(13);
    idle.stop();
    busy.stop();
  });

  it('hardly reads where there are signals until one rings, and many rings make one read', async () => {
    const signals = new BellSignals();
    const { source, stop } = start({ signals });
    await pass(2_000);
    // Once more for what changed while the subscription was being set up.
    expect(source.reads).toBe(2);
    await pass(50_000);
    expect(source.reads).toBe(2);
    signals.ring(CHANNEL, { hash: 'd1' });
    await pass(1_000);
    expect(source.reads).toBe(2);
    source.state = aDeploysState({ hash: 'd3' });
    for (let ring = 0; ring < 20; ring += 1)
      signals.ring(CHANNEL, { hash: 'd2' });
    await pass(1_000);
    expect(source.reads).toBeLessThanOrEqual(4);
    stop();
  });

  it('catches up after a connection that was lost in silence', async () => {
    const { source, query, stop } = start({ signals: new BellSignals() });
    await pass(2_000);
    source.state = aDeploysState({ hash: 'd2' });
    await pass(60_000);
    expect(query.snapshot.value?.hash).toBe('d2');
    window.dispatchEvent(new Event('online'));
    source.state = aDeploysState({ hash: 'd3' });
    await pass(0);
    window.dispatchEvent(new Event('online'));
    await pass(0);
    expect(query.snapshot.value?.hash).toBe('d3');
    stop();
  });

  it('does nothing while the tab is hidden, and reads on return', async () => {
    const signals = new BellSignals();
    const { source, stop } = start({ signals });
    await pass(2_000);
    const before = source.reads;
    setHidden(true);
    signals.ring(CHANNEL, { hash: 'd2' });
    await pass(600_000);
    expect(source.reads).toBe(before);
    setHidden(false);
    await pass(0);
    expect(source.reads).toBe(before + 1);
    stop();
  });

  it('tries again after a failure, less and less often, but never after a refusal', async () => {
    const { source, query, stop } = start();
    await pass(0);
    source.error = Object.assign(new Error('overloaded'), { statusCode: 503 });
    await pass(30_000);
    expect(query.snapshot.error?.message).toBe('overloaded');
    expect(query.snapshot.value).toBeDefined();
    await pass(2_000);
    expect(source.reads).toBe(3);
    await pass(3_900);
    expect(source.reads).toBe(3);
    await pass(100);
    expect(source.reads).toBe(4);
    source.error = Object.assign(new Error('not allowed'), { statusCode: 403 });
    await pass(8_000);
    expect(query.snapshot.error?.message).toBe('not allowed');
    const refused = source.reads;
    await pass(600_000);
    expect(source.reads).toBe(refused);
    stop();
  });

  it('believes an older answer that stays: the cluster was restored', async () => {
    const { source, query, stop } = start({ signals: new BellSignals() });
    await pass(2_000);
    source.state = aDeploysState({
      hash: 'restored',
      versions: { 'cluster:prod-blue/Pod': '5' },
    });
    query.refresh();
    await pass(5_000);
    expect(query.snapshot.value?.hash).not.toBe('restored');
    await pass(10_000);
    expect(query.snapshot.value?.hash).toBe('restored');
    stop();
  });
});
