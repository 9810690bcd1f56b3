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
        now += 1;
      },
    });
    for (let key = 0; key < 5; key++) queue.add(key, 10);
    jest.advanceTimersByTime(10);
    expect(done).toEqual([0, 1]);
    jest.advanceTimersByTime(1000);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  it('rests in proportion to what it worked, whatever is added meanwhile, and makes one of many', () => {
    let worked = 0;
    let share = 0.5;
    jest.spyOn(performance, 'now').mockImplementation(() => worked);
    const done: string[] = [];
    const queue = new DueQueue<string>({
      work: key => {
        done.push(key);
        worked += 10;
      },
      share: () => share,
    });
    queue.add('pods', 0);
    jest.advanceTimersByTime(1);
    expect(done).toEqual(['pods']);
    for (let change = 0; change < 8; change++) {
      queue.add('pods', 0);
      jest.advanceTimersByTime(1);
    }
    expect(done).toEqual(['pods']);
    share = 0.1;
    jest.advanceTimersByTime(4);
    expect(done).toEqual(['pods', 'pods']);
    queue.add('pods', 0);
    jest.advanceTimersByTime(80);
    expect(done).toHaveLength(2);
    jest.advanceTimersByTime(20);
    expect(done).toHaveLength(3);
  });

  it('gives those that come again their turn after the others', () => {
    const done: string[] = [];
    const queue: DueQueue<string> = new DueQueue<string>({
      work: key => {
        done.push(key);
        if (done.length < 5) queue.add(key, 0);
      },
    });
    queue.add('first', 0);
    queue.add('second', 0);
    jest.advanceTimersByTime(100);
    expect(done.slice(0, 4)).toEqual(['first', 'second', 'first', 'second']);
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
