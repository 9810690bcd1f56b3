/**
 * The world's time. Things that take time in life take `1 / speed` of it here: a three minute start takes nine seconds at speed 20. What is written
 * into objects is nevertheless the time on the wall, so that ages and orders on screens are true.
 */
export interface WorldClock {
  /** The time that is written into objects. */
  now(): Date;
  /** World milliseconds since the clock was made; they pass `speed` times as fast as those on the wall. */
  elapsed(): number;
  /** World milliseconds that passed since a time that was written into an object. */
  since(time: Date | string): number;
  /** Calls back after world milliseconds. Returns the way to call it off. */
  schedule(delayMs: number, callback: () => void): () => void;
  readonly speed: number;
}

interface Timer {
  due: number;
  order: number;
  callback: () => void;
}

/** Timers by due time, first in first out where equal. */
class Timers {
  readonly #timers: Timer[] = [];
  #order = 0;

  add(due: number, callback: () => void): Timer {
    const timer = { due, order: (this.#order += 1), callback };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timers[middle].due <= due) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    this.#timers.splice(low, 0, timer);
    return timer;
  }

  remove(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) {
      this.#timers.splice(index, 1);
    }
  }

  next(): Timer | undefined {
    return this.#timers[0];
  }

  take(): Timer | undefined {
    return this.#timers.shift();
  }

  clear(): void {
    this.#timers.length = 0;
  }
}

/**
 * A clock whose time passes only when told. Tests use it, and so does the world's past: days of it are played in milliseconds.
 */
export class SteppedClock implements WorldClock {
  readonly speed = 1;
  readonly #timers = new Timers();
  readonly #start: number;
  #elapsed = 0;

  static create(options: { start: Date }): SteppedClock {
    return new SteppedClock(options.start.getTime());
  }

  private constructor(start: number) {
    this.#start = start;
  }

  now(): Date {
    return new Date(this.#start + this.#elapsed);
  }

  elapsed(): number {
    return this.#elapsed;
  }

  since(time: Date | string): number {
    return this.now().getTime() - new Date(time).getTime();
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = this.#timers.add(
      this.#elapsed + Math.max(0, delayMs),
      callback,
    );
    return () => this.#timers.remove(timer);
  }

  /** Lets time pass and carries out, in order, all that falls due in it. */
  advance(milliseconds: number): void {
    const end = this.#elapsed + milliseconds;
    for (
      let next = this.#timers.next();
      next && next.due <= end;
      next = this.#timers.next()
    ) {
      this.#timers.take();
      this.#elapsed = Math.max(this.#elapsed, next.due);
      next.callback();
    }
    this.#elapsed = end;
  }

  /** Advances until nothing is waited for, at most by `limitMs`. */
  settle(limitMs: number): void {
    const end = this.#elapsed + limitMs;
    for (
      let next = this.#timers.next();
      next && next.due <= end;
      next = this.#timers.next()
    ) {
      this.advance(next.due - this.#elapsed);
    }
  }
}

/**
 * The clock of a running sandbox. It can begin in the past: until {@link LiveClock.goLive} time passes only when told, so that a world has a history;
 * from then on it follows the wall.
 */
export class LiveClock implements WorldClock {
  readonly #timers = new Timers();
  readonly #onError: (error: unknown) => void;
  #speed: number;
  /** Where world time stood at `#wallAt`. */
  #elapsedAt = 0;
  #wallAt = performance.now();
  /** Time on the wall while the past is played; undefined once live. */
  #past: number | undefined;
  #alarm: NodeJS.Timeout | undefined;
  #alarmDue = Infinity;
  #closed = false;

  static create(options: {
    speed: number;
    /** Begin in the past, at this time. */
    past?: Date;
    /** Told when a timer's callback throws; the clock goes on. */
    onError(error: unknown): void;
  }): LiveClock {
    return new LiveClock(options);
  }

  private constructor(options: {
    speed: number;
    past?: Date;
    onError(error: unknown): void;
  }) {
    this.#speed = checkedSpeed(options.speed);
    this.#past = options.past?.getTime();
    this.#onError = options.onError;
  }

  get speed(): number {
    return this.#past === undefined ? this.#speed : 1;
  }

  now(): Date {
    return new Date(this.#past ?? Date.now());
  }

  elapsed(): number {
    return this.#past === undefined
      ? this.#elapsedAt + (performance.now() - this.#wallAt) * this.#speed
      : this.#elapsedAt;
  }

  since(time: Date | string): number {
    return (this.now().getTime() - new Date(time).getTime()) * this.speed;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = this.#timers.add(
      this.elapsed() + Math.max(0, delayMs),
      callback,
    );
    this.#setAlarm();
    return () => this.#timers.remove(timer);
  }

  /** How fast time runs from now on; what is being waited for comes sooner or later accordingly. */
  setSpeed(speed: number): void {
    checkedSpeed(speed);
    this.#elapsedAt = this.elapsed();
    this.#wallAt = performance.now();
    this.#speed = speed;
    this.#alarmDue = Infinity;
    this.#setAlarm();
  }

  /** Plays part of the past. Only before {@link LiveClock.goLive}. */
  advance(milliseconds: number): void {
    if (this.#past === undefined) {
      throw new Error('Time that is live cannot be advanced');
    }
    const end = this.#elapsedAt + milliseconds;
    for (
      let next = this.#timers.next();
      next && next.due <= end;
      next = this.#timers.next()
    ) {
      this.#timers.take();
      this.#moveTo(Math.max(this.#elapsedAt, next.due));
      this.#call(next);
    }
    this.#moveTo(end);
  }

  /** Plays what is left of the past, then follows the wall. */
  goLive(): void {
    if (this.#past !== undefined) {
      this.advance(Math.max(0, Date.now() - this.#past));
      this.#past = undefined;
      this.#wallAt = performance.now();
    }
    this.#setAlarm();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#alarm);
    this.#timers.clear();
  }

  #moveTo(elapsed: number): void {
    this.#past = this.#past! + (elapsed - this.#elapsedAt);
    this.#elapsedAt = elapsed;
  }

  /** One timer of the process for all of the world's, so that a quiet world costs nothing. */
  #setAlarm(): void {
    const next = this.#timers.next();
    if (
      this.#closed ||
      this.#past !== undefined ||
      !next ||
      next.due >= this.#alarmDue
    ) {
      return;
    }
    clearTimeout(this.#alarm);
    this.#alarmDue = next.due;
    const wait = Math.max(0, (next.due - this.elapsed()) / this.#speed);
    // Beyond 2^31 - 1 ms Node would fire at once.
    this.#alarm = setTimeout(() => this.#ring(), Math.min(wait, 2_000_000_000));
  }

  #ring(): void {
    this.#alarmDue = Infinity;
    const end = this.elapsed();
    for (
      let next = this.#timers.next();
      next && next.due <= end && !this.#closed;
      next = this.#timers.next()
    ) {
      this.#timers.take();
      this.#call(next);
    }
    this.#setAlarm();
  }

  #call(timer: Timer): void {
    try {
      timer.callback();
    } catch (error) {
      this.#onError(error);
    }
  }
}

function checkedSpeed(speed: number): number {
  if (!Number.isFinite(speed) || speed <= 0 || speed > 10_000) {
    throw new RangeError(
      `Speed must be a number above 0 and at most 10000, not ${speed}`,
    );
  }
  return speed;
}
