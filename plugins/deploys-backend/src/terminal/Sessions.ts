import { Visitor } from './Door';
import { Session, SessionOptions } from './Session';
import { DEFAULT_SESSION_TIMINGS, SessionTimings } from './sessionTimings';

/** Each is a connection to a browser and one to an API server. */
const MAX_SESSIONS = 100;
const MAX_SESSIONS_OF_A_PERSON = 5;

/** The sessions that this replica has open. */
export class Sessions {
  readonly #options: SessionOptions;
  readonly #open = new Map<Session, Promise<void>>();
  #stopped = false;

  static create(
    options: Omit<SessionOptions, 'timings'> & {
      /** Replaced by tests. */
      timings?: Partial<SessionTimings>;
    },
  ): Sessions {
    const timings = { ...DEFAULT_SESSION_TIMINGS, ...options.timings };
    return new Sessions({ ...options, timings });
  }

  private constructor(options: SessionOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  readonly enter = (visitor: Visitor): void => {
    const session = new Session(this.#options, visitor);
    const refusal = this.#refusalOf(visitor);
    const run = session
      .run(refusal)
      .catch(error =>
        this.#options.logger.error('A session failed', {
          error: String(error),
        }),
      )
      .finally(() => this.#open.delete(session));
    this.#open.set(session, run);
  };

  /** Ends all, and waits until each has been written down. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const session of this.#open.keys()) session.end('shutdown');
    await Promise.all(this.#open.values());
  }

  #refusalOf(visitor: Visitor): string | undefined {
    const person = visitor.credentials.principal.userEntityRef;
    const own = Array.from(this.#open.keys()).filter(
      session => session.person === person,
    );
    if (this.#stopped) return 'The portal restarts; open it again in a moment';
    if (own.length >= MAX_SESSIONS_OF_A_PERSON) {
      return `You have ${own.length} sessions open; close one first`;
    }
    return this.#open.size >= MAX_SESSIONS
      ? 'Too many sessions are open; try again later'
      : undefined;
  }
}
