import { DueQueue } from './DueQueue';

describe('DueQueue', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('does each thing once, when it is due', () => {
    const done: string[] = [];
    const queue = new DueQueue<string>({ work: key => done.push(key) });
    queue.add('late', 100);
    queue.add('early', 10);
    queue.add('early', 50);
    queue.add('late', 40);
    jest.advanceTimersByTime(30);
    expect(done).toEqual(['early']);
    jest.advanceTimersByTime(1000);
    expect(done).toEqual(['early', 'late']);
  });

  it('lets others have the event loop when much is due at once', () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const done: number[] = [];
    const queue = new DueQueue<number>({
      work: key => {
        done.push(key);
        now += 2;
      },
    });
    for (let key = 0; key < 10; key++) queue.add(key, 10);
    jest.advanceTimersByTime(10);
    expect(done).toEqual([0, 1, 2]);
    jest.advanceTimersByTime(10);
    expect(done).toHaveLength(10);
  });

  it('forgets what was removed, and all of it at the end', () => {
    const done: string[] = [];
    const queue = new DueQueue<string>({ work: key => done.push(key) });
    queue.add('removed', 10);
    queue.add('stopped', 20);
    queue.remove('removed');
    jest.advanceTimersByTime(15);
    queue.stop();
    jest.advanceTimersByTime(1000);
    expect(done).toEqual([]);
  });
});
