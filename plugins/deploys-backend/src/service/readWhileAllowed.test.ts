import { mockCredentials } from '@backstage/backend-test-utils';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import { readWhileAllowed } from './readWhileAllowed';

const RECHECK_MS = 60_000;

describe('a log that is followed', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    const left = jest.getTimerCount();
    jest.useRealTimers();
    if (left > 0) throw new Error(`${left} timers were left`);
  });

  async function follow(
    check: () => Promise<void>,
    options: { expiresAt?: Date } = {},
  ) {
    const reader = new AbortController();
    let opened: AbortSignal | undefined;
    const { lines } = await readWhileAllowed({
      call: {
        credentials: { ...mockCredentials.user(), ...options },
        signal: reader.signal,
      },
      check,
      recheckMs: RECHECK_MS,
      open: async ({ signal }) => {
        opened = signal;
        return (async function* quiet() {
          yield 'one';
          await new Promise<void>(resolve => {
            signal.addEventListener('abort', () => resolve());
          });
        })();
      },
      linesOf: log => log,
    });
    const read: string[] = [];
    const end = (async () => {
      for await (const line of lines) read.push(line);
    })().then(
      () => 'its end',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    return { reader, read, end, signal: () => opened! };
  }

  const rounds = async (count: number) => {
    for (let round = 0; round < count; round += 1) {
      await jest.advanceTimersByTimeAsync(RECHECK_MS);
    }
  };

  it('goes on while it may be read, and leaves no timer when its reader goes', async () => {
    const check = jest.fn(async () => {});
    const log = await follow(check);
    await rounds(3);
    expect(check).toHaveBeenCalledTimes(3);
    expect(log.read).toEqual(['one']);
    expect(log.signal().aborted).toBe(false);
    log.reader.abort();
    await expect(log.end).resolves.toBe('its end');
  });

  it.each([
    ['the right', new NotAllowedError('Not any more'), 'NotAllowedError: Not'],
    ['the entity', new NotFoundError('No such thing'), 'NotAllowedError: No s'],
  ])('ends when %s is taken away, silent as it is', async (_, no, end) => {
    const check = jest.fn<Promise<void>, []>().mockRejectedValue(no);
    const log = await follow(check.mockResolvedValueOnce());
    await rounds(1);
    expect(log.signal().aborted).toBe(false);
    await rounds(1);
    await expect(log.end).resolves.toMatch(end);
  });

  it('ends when nobody can say twice in a row, not once', async () => {
    const down = new Error('connect ECONNREFUSED 10.0.0.1');
    const check = jest.fn<Promise<void>, []>().mockRejectedValue(down);
    check.mockRejectedValueOnce(down).mockResolvedValueOnce();
    const log = await follow(check);
    await rounds(3);
    expect(log.signal().aborted).toBe(false);
    await rounds(1);
    await expect(log.end).resolves.toBe(
      'NotAllowedError: Whether you may use this cannot be asked at the moment',
    );
  });

  it('ends when the question hangs, which is not asked again meanwhile', async () => {
    const check = jest.fn<Promise<void>, []>();
    check.mockReturnValue(new Promise(() => {}));
    const log = await follow(check);
    await rounds(2);
    expect(log.signal().aborted).toBe(false);
    await rounds(1);
    expect(check).toHaveBeenCalledTimes(1);
    expect(log.signal().aborted).toBe(true);
    await expect(log.end).resolves.toBe(
      'NotAllowedError: Whether you may use this cannot be asked at the moment',
    );
  });

  it('goes on when a late question is answered with yes', async () => {
    const check = jest.fn<Promise<void>, []>().mockResolvedValue();
    check.mockImplementationOnce(
      () => new Promise(resolve => setTimeout(resolve, 0.75 * RECHECK_MS)),
    );
    const log = await follow(check);
    await rounds(3);
    expect(check).toHaveBeenCalledTimes(3);
    expect(log.signal().aborted).toBe(false);
    log.reader.abort();
    await log.end;
  });

  it('ends with the sign-in of its reader', async () => {
    const log = await follow(async () => {}, {
      expiresAt: new Date(Date.now() + 1.5 * RECHECK_MS),
    });
    await rounds(2);
    await expect(log.end).resolves.toBe(
      'AuthenticationError: Your sign-in ended',
    );
  });

  it('leaves no timer where it could not be opened', async () => {
    const { signal } = new AbortController();
    await expect(
      readWhileAllowed({
        call: { credentials: mockCredentials.user(), signal },
        check: async () => {},
        open: async () => {
          throw new Error('No');
        },
        linesOf: () => [] as unknown as AsyncIterable<string>,
      }),
    ).rejects.toThrow('No');
  });
});
