import { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import { TooManyRequestsError } from '../service/TooManyRequestsError';

/** Streams that one replica keeps open: each is a connection to an API server. */
const MAX_OPEN_LOGS = 200;
/** Two workloads with all that is read of one. */
const MAX_OPEN_LOGS_OF_A_PERSON = 60;

/** Counts the logs that a replica has open, each container by itself. */
export class LogSlots {
  readonly #ofReaders = new Map<string, number>();
  #open = 0;

  get open(): number {
    return this.#open;
  }

  /**
   * Takes a place. Answers the way to give it back, once.
   *
   * @throws TooManyRequestsError when this person has too many open, ServiceUnavailableError when all together have
   */
  take(credentials: BackstageCredentials): () => void {
    const reader = readerOf(credentials);
    const own = this.#ofReaders.get(reader) ?? 0;
    if (own >= MAX_OPEN_LOGS_OF_A_PERSON) {
      throw new TooManyRequestsError(
        `You are reading the logs of ${own} containers; close one first`,
      );
    }
    if (this.#open >= MAX_OPEN_LOGS) {
      throw new ServiceUnavailableError(
        'Too many logs are being read; try again later',
      );
    }
    this.#open += 1;
    this.#ofReaders.set(reader, own + 1);
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      this.#open -= 1;
      const left = this.#ofReaders.get(reader)! - 1;
      if (left === 0) this.#ofReaders.delete(reader);
      else this.#ofReaders.set(reader, left);
    };
  }
}

function readerOf({ principal }: BackstageCredentials): string {
  const { userEntityRef, subject } = principal as {
    userEntityRef?: string;
    subject?: string;
  };
  return userEntityRef ?? subject ?? '';
}
