import { Believed } from './Believed';

describe('Believed', () => {
  let believed: Believed<string>;
  const look = jest.fn(async () => 'first');
  const refuse = async () => {
    throw new Error('may not');
  };

  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-20T12:00:00Z') });
    look.mockClear();
    believed = new Believed();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks once for whoever asks again and again', async () => {
    for (let second = 0; second < 10; second++) {
      expect(await believed.find('dana', look)).toBe('first');
      jest.advanceTimersByTime(1000);
    }
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('asks for each key', async () => {
    await believed.find('dana', look);
    await expect(believed.find('omar', refuse)).rejects.toThrow('may not');
    expect(await believed.find('pia', async () => 'other')).toBe('other');
    expect(await believed.find('dana', refuse)).toBe('first');
  });

  it('believes nothing for longer than fifteen seconds', async () => {
    await believed.find('dana', look);
    jest.advanceTimersByTime(15_000);
    await expect(believed.find('dana', refuse)).rejects.toThrow('may not');
  });

  it('finds out ahead for who goes on asking, once, and lets nobody wait for it', async () => {
    await believed.find('dana', look);
    jest.advanceTimersByTime(10_000);
    let answer = (_: string) => {};
    const slow = jest.fn(
      () =>
        new Promise<string>(resolve => {
          answer = resolve;
        }),
    );
    expect(await believed.find('dana', slow)).toBe('first');
    expect(await believed.find('dana', slow)).toBe('first');
    expect(slow).toHaveBeenCalledTimes(1);
    answer('second');
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await believed.find('dana', slow)).toBe('second');
    // It counts from when it was asked, not from when it was answered.
    expect(slow).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(5_000);
    await believed.find('dana', slow);
    expect(slow).toHaveBeenCalledTimes(2);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('believes no more what was taken away when it finds out ahead', async () => {
    await believed.find('dana', look);
    jest.advanceTimersByTime(10_000);
    expect(await believed.find('dana', refuse)).toBe('first');
    await expect(believed.find('dana', refuse)).rejects.toThrow('may not');
  });

  it('believes no refusal', async () => {
    await Promise.allSettled([
      believed.find('dana', refuse),
      believed.find('dana', refuse),
    ]);
    expect(await believed.find('dana', look)).toBe('first');
  });

  it('remembers a thousand at most', async () => {
    await believed.find('dana', look);
    for (let count = 0; count < 1000; count++) {
      await believed.find(`n-${count}`, look);
    }
    look.mockClear();
    await believed.find('dana', look);
    expect(look).toHaveBeenCalledTimes(1);
  });
});
