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
  /** The one that was asked for least recently first. */
  readonly #known = new Map<string, Known>();

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** `read` gets a signal of its own: others wait for the same answer. */
  get(
    revision: string,
    signal: AbortSignal,
    read: (signal: AbortSignal) => Promise<RevisionMetadata>,
  ): Promise<RevisionMetadata> {
    // The beginning of a commit id may be that of another commit elsewhere.
    if (!FULL_COMMIT.test(revision)) return read(signal);
    const known = this.#find(revision) ?? this.#ask(read);
    this.#known.delete(revision);
    this.#known.set(revision, known);
    if (this.#known.size > MAX_COMMITS) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest);
    }
    return withSignal(known.answer, signal);
  }

  #find(revision: string): Known | undefined {
    const known = this.#known.get(revision);
    return known?.until !== undefined && known.until <= this.#now()
      ? undefined
      : known;
  }

  #ask(read: (signal: AbortSignal) => Promise<RevisionMetadata>): Known {
    const known: Known = { answer: read(AbortSignal.timeout(LONGEST_MS)) };
    // Argo CD would have to ask Git again, for each who opens the page.
    known.answer.catch(() => {
      known.until = this.#now() + FAILURE_KEPT_MS;
    });
    return known;
  }
}
