import { AsyncHook, createHook } from 'node:async_hooks';

/** Sockets, servers and timers, also those that do not keep the process alive. */
const COUNTED = new Set(['Timeout', 'TCPWRAP', 'TCPSERVERWRAP', 'PIPEWRAP']);
/** Servers and agents close a moment after they were told to; Node keeps the date of its answers for a second. */
const SETTLE_MS = 3_000;
const STACK_DEPTH = 30;
/** Limits on a single request, which nothing can take back, and the date that Node keeps for its answers. */
const OF_OTHERS = /AbortSignal\.timeout|utcDate/;
const OF_THE_RUNNER = /node_modules.jest|node:internal.test_runner/;

/**
 * Counts what a test has opened and not closed. Made before the test begins; everything that is opened from then on counts, whoever opens it in
 * this process.
 */
export class OpenHandles {
  readonly #open = new Map<number, { type: string; stack: string }>();
  readonly #hook: AsyncHook;

  static watch(): OpenHandles {
    return new OpenHandles();
  }

  private constructor() {
    this.#hook = createHook({
      init: (id, type) => {
        if (!COUNTED.has(type)) return;
        const stack = stackOf();
        if (isOurs(stack)) this.#open.set(id, { type, stack });
      },
      destroy: id => {
        this.#open.delete(id);
      },
    }).enable();
  }

  /** How many of each type are open. */
  count(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { type } of this.#open.values()) {
      counts[type] = (counts[type] ?? 0) + 1;
    }
    return counts;
  }

  /** @throws Error that tells where what is left was made, when it does not go within a few seconds */
  async expectNothingLeft(): Promise<void> {
    const end = Date.now() + SETTLE_MS;
    while (this.#open.size > 0 && Date.now() < end) {
      // Not with a timer, which would count.
      await new Promise<void>(resolve => setImmediate(resolve));
    }
    if (this.#open.size === 0) return;
    const left = Array.from(
      this.#open.values(),
      ({ type, stack }) => `${type}\n${stack}`,
    );
    // Reported once: the next test begins anew.
    this.#open.clear();
    throw new Error(`These were left open:\n${left.join('\n\n')}`);
  }

  stop(): void {
    this.#hook.disable();
    this.#open.clear();
  }
}

function stackOf(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_DEPTH;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  // Without the message and this file.
  return stack.split('\n').slice(3).join('\n');
}

function isOurs(stack: string): boolean {
  if (OF_OTHERS.test(stack)) return false;
  const first = stack.split('\n').find(line => !/node:|async_hooks/.test(line));
  return first === undefined || !OF_THE_RUNNER.test(first);
}
