import { Backoff } from '../http/backoff';
import { ClusterCredential, CredentialCache } from './CredentialCache';

const MINUTE = 60_000;

describe('CredentialCache', () => {
  let now: number;
  let asked: number;
  let next: () => Promise<ClusterCredential>;
  let cache: CredentialCache;

  beforeEach(() => {
    now = Date.parse('2026-11-21T08:00:00Z');
    asked = 0;
    next = async () => ({ token: `token-${asked}` });
    cache = new CredentialCache({
      ask: () => {
        asked += 1;
        return next();
      },
      maxAgeMs: 5 * MINUTE,
      backoff: new Backoff({ baseMs: 1_000, maxMs: 30_000, random: () => 1 }),
      now: () => now,
    });
  });

  const ending = (minutes: number) => async () => ({
    token: `token-${asked}`,
    expiresAt: new Date(now + minutes * MINUTE),
  });
  const token = async () => (await cache.get()).token;
  /** What was asked for in the background has come. */
  const settled = () => new Promise(resolve => setImmediate(resolve));

  it('asks once however many wait', async () => {
    const all = await Promise.all([token(), token(), token()]);
    expect(all).toEqual(['token-1', 'token-1', 'token-1']);
    expect(asked).toBe(1);
  });

  it('renews before the end, with nobody waiting, and goes on with the old one where it cannot', async () => {
    next = ending(15);
    await token();
    now += 14 * MINUTE;
    next = async () => {
      throw new Error('The cloud is down');
    };
    await expect(token()).resolves.toBe('token-1');
    await settled();
    await expect(token()).resolves.toBe('token-1');
    expect(asked).toBe(2);
    expect(cache.failure).toEqual(new Error('The cloud is down'));

    next = ending(15);
    now += 5_000;
    await expect(token()).resolves.toBe('token-1');
    await settled();
    await expect(token()).resolves.toBe('token-3');
    expect(cache.failure).toBeUndefined();
  });

  it('gives no credential that has ended', async () => {
    next = ending(15);
    await token();
    next = async () => {
      throw new Error('The cloud is down');
    };
    now += 16 * MINUTE;
    await expect(token()).rejects.toThrow('The cloud is down');
  });

  it('asks anew after a while where the end is not known', async () => {
    await token();
    now += 5 * MINUTE;
    await token();
    await settled();
    await expect(token()).resolves.toBe('token-2');
  });

  it.each([
    ['ahead', -10],
    ['far ahead', -600],
  ])(
    'uses what has ended when it comes, where our clock is %s',
    async (_, minutes) => {
      next = ending(minutes);
      await token();
      now += MINUTE;
      await expect(token()).resolves.toBe('token-1');
      expect(asked).toBe(1);
    },
  );

  it('asks for another at once when one that was taken is refused, once for all', async () => {
    const first = await cache.get();
    cache.accept(first);
    cache.reject(first);
    const second = await cache.get();
    // Somebody who was refused with the first comes late.
    cache.reject(first);
    await expect(cache.get()).resolves.toBe(second);
    expect(asked).toBe(2);
  });

  it('asks less and less often for what is refused from the start', async () => {
    const asks: number[] = [];
    for (let second = 0; second < 120; second += 1) {
      const before = asked;
      cache.reject(await cache.get());
      if (asked > before) asks.push(second);
      now += 1_000;
    }
    expect(asks).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  });

  it('asks less and less often for what cannot be had', async () => {
    next = async () => {
      throw new Error('No');
    };
    const asks: number[] = [];
    for (let second = 0; second < 120; second += 1) {
      const before = asked;
      await expect(token()).rejects.toThrow('No');
      if (asked > before) asks.push(second);
      now += 1_000;
    }
    expect(asks).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  });
});
