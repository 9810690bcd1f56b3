/** Streams that one replica keeps open: each is a connection to an API server. */
const MAX_OPEN_LOGS = 200;

/** Counts the logs that a replica has open. */
export class LogSlots {
  static readonly REFUSAL =
    'Too many logs are being read; close one or try again later';
  #open = 0;

  get open(): number {
    return this.#open;
  }

  /** The way to give the place back, once; undefined where there is none left. */
  take(): (() => void) | undefined {
    if (this.#open >= MAX_OPEN_LOGS) return undefined;
    this.#open += 1;
    let isGivenBack = false;
    return () => {
      if (!isGivenBack) this.#open -= 1;
      isGivenBack = true;
    };
  }
}
