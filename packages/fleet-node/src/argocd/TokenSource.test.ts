import { TokenSource } from './TokenSource';

const account = { username: 'portal', password: 'secret' };

function jwtUntil(endsAt: number): string {
  const payload = Buffer.from(JSON.stringify({ exp: endsAt / 1000 }));
  return `h.${payload.toString('base64url')}.${endsAt}`;
}

describe('the session of an account', () => {
  let now: number;
  let logIns: number;
  let fails: Error | undefined;
  let hangs: boolean;
  let tokens: TokenSource;

  beforeEach(() => {
    now = 0;
    logIns = 0;
    fails = undefined;
    hangs = false;
    tokens = new TokenSource({
      account,
      logIn: async () => {
        logIns += 1;
        if (fails) throw fails;
        if (hangs) await new Promise(() => {});
        return jwtUntil(now + 3_600_000);
      },
      isRefusal: error => (error as Error).message === 'refused',
      refusedLoginMs: 75_000,
      now: () => now,
    });
  });

  it('is one for however many ask, and renewed five minutes before its end', async () => {
    const ask = () =>
      Promise.all(Array.from({ length: 100 }, () => tokens.get()));
    const first = new Set(await ask());
    expect(first.size).toBe(1);
    now = 3_300_000 - 1;
    expect(new Set(await ask())).toEqual(first);
    expect(logIns).toBe(1);
    now += 1;
    expect(new Set(await ask())).toEqual(first);
    const second = new Set(await ask());
    expect(second.size).toBe(1);
    expect(second).not.toEqual(first);
    expect(logIns).toBe(2);
  });

  it('is there for all while the log-in for the next one hangs', async () => {
    const first = await tokens.get();
    now = 3_300_000;
    hangs = true;
    await expect(tokens.get()).resolves.toBe(first);
    await expect(tokens.get()).resolves.toBe(first);
    expect(logIns).toBe(2);
  });

  it.each(['connection refused', 'refused'])(
    'goes on until its end when renewing fails: %s',
    async message => {
      const first = await tokens.get();
      now = 3_300_000;
      fails = new Error(message);
      await expect(tokens.get()).resolves.toBe(first);
      await expect(tokens.get()).resolves.toBe(first);
      expect(logIns).toBe(2);
      now = 3_600_000;
      await expect(tokens.get()).rejects.toThrow(message);
      fails = undefined;
      now += 75_000;
      await expect(tokens.get()).resolves.not.toBe(first);
    },
  );

  it('is left when Argo CD does not take it any more', async () => {
    const first = await tokens.get();
    now += 1_000;
    expect(tokens.reject(first)).toBe(true);
    fails = new Error('refused');
    await expect(tokens.get()).rejects.toThrow('refused');
    await expect(tokens.get()).rejects.toThrow('refused');
    expect(logIns).toBe(2);
  });
});
