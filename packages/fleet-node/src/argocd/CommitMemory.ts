import { withSignal } from '../http/withSignal';
import { RevisionMetadata } from './types';

const MAX_COMMITS = 2_000;
const FAILURE_KEPT_MS = 60_000;
const LONGEST_MS = 60_000;
const FULL_COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;

interface Known {
  answer: Promise<RevisionMetadata>;
  /** Of a failure: when it is to be forgotten. */
  until?: number;
}

/**
 * Who made a commit and why. It does not change, so one question is enough for all who ever ask.
 *
 * @internal
 */
export class CommitMemory {
  readonly #now: () => number;
  /** By commit; what is asked for, or cannot be read, by the Application too. The one that was asked for least recently first. */
  readonly #known = new Map<string, Known>();

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /**
   * `read` gets a signal of its own: others wait for the same answer.
   *
   * @param asked.through - the Application that is asked. A commit is the same in all that have it; that it cannot be read is so for this one, and
   *   says its name
   */
  get(
    asked: { revision: string; through: string },
    signal: AbortSignal,
    read: (signal: AbortSignal) => Promise<RevisionMetadata>,
  ): Promise<RevisionMetadata> {
    const { revision, through } = asked;
    // The beginning of a commit id may be that of another commit elsewhere.
    if (!FULL_COMMIT.test(revision)) return read(signal);
    const own = `${revision} ${through}`;
    const key = this.#known.has(revision) ? revision : own;
    const known = this.#find(key) ?? this.#ask(revision, own, read);
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > MAX_COMMITS) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest);
    }
    return withSignal(known.answer, signal);
  }

  #find(key: string): Known | undefined {
    const known = this.#known.get(key);
    return known?.until !== undefined && known.until <= this.#now()
      ? undefined
      : known;
  }

  #ask(
    revision: string,
    own: string,
    read: (signal: AbortSignal) => Promise<RevisionMetadata>,
  ): Known {
    const known: Known = { answer: read(AbortSignal.timeout(LONGEST_MS)) };
    known.answer.then(
      () => {
        if (this.#known.get(own) !== known) return;
        this.#known.delete(own);
        this.#known.set(revision, known);
      },
      () => {
        // Argo CD would have to ask Git again, for each who opens the page.
        known.until = this.#now() + FAILURE_KEPT_MS;
      },
    );
    return known;
  }
}
