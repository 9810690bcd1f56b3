import { toError } from '@backstage/errors';

/** How often the rights of somebody are asked anew who reads or works for long. */
export const RECHECK_MS = 5 * 60_000;
/** A question that is not answered by then counts as one that could not be. */
const ANSWER_WITHIN_MS = 30_000;
/** Questions that could not be answered, one after the other, before that counts as no. */
const MAX_FAILED_CHECKS = 2;

/** The right to something that lasts: a log that is followed, a session. It is asked for again while that goes on. */
export class StandingRight {
  readonly #check: () => Promise<void>;
  readonly #onLost: (why: string) => void;
  #failedChecks = 0;
  /** A question that has no answer yet. */
  #open?: Promise<void>;
  #asking?: Promise<void>;

  static create(options: {
    /** Throws NotAllowedError or NotFoundError for a no; anything else means that nobody could say. */
    check(): Promise<void>;
    onLost(why: string): void;
  }): StandingRight {
    return new StandingRight(options);
  }

  private constructor(options: {
    check(): Promise<void>;
    onLost(why: string): void;
  }) {
    this.#check = options.check;
    this.#onLost = options.onLost;
  }

  /** Never rejects. While a question is open no other is asked: it is given more time, and counts again when that passes. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      this.#open ??= this.#check().finally(() => {
        this.#open = undefined;
      });
      await within(ANSWER_WITHIN_MS, this.#open);
      this.#failedChecks = 0;
    } catch (error) {
      const { name, message } = toError(error);
      if (name === 'NotAllowedError' || name === 'NotFoundError') {
        this.#onLost(message);
        return;
      }
      this.#failedChecks += 1;
      if (this.#failedChecks >= MAX_FAILED_CHECKS) {
        this.#onLost('Whether you may use this cannot be asked at the moment');
      }
    }
  }
}

async function within(ms: number, answer: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('No answer')), ms);
    timer.unref();
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
