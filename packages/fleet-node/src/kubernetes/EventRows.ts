import { EventRow } from '../rows';

/** As long as API servers keep events by themselves. */
const MAX_AGE_MS = 60 * 60 * 1000;
const MAX_PER_OBJECT = 20;
const MAX_PER_CLUSTER = 20_000;

/**
 * The events of one cluster that matter, bounded in number and age: a cluster in trouble makes thousands a minute.
 *
 * @internal
 */
export class EventRows {
  /** In order of arrival, so that the oldest are found first. */
  readonly #byUid = new Map<string, EventRow>();
  readonly #byAbout = new Map<string, Set<string>>();
  readonly #now: () => number;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  get size(): number {
    return this.#byUid.size;
  }

  /** False when the event is too old to be kept. */
  put(row: EventRow): boolean {
    if (this.#isTooOld(row)) return false;
    this.remove(row.uid);
    this.#byUid.set(row.uid, row);
    const about = row.about.uid ?? '';
    let uids = this.#byAbout.get(about);
    if (!uids) {
      uids = new Set();
      this.#byAbout.set(about, uids);
    }
    uids.add(row.uid);
    if (uids.size > MAX_PER_OBJECT) this.remove(first(uids)!);
    this.#dropOldest();
    return true;
  }

  remove(uid: string): EventRow | undefined {
    const row = this.#byUid.get(uid);
    if (!row) return undefined;
    this.#byUid.delete(uid);
    const about = row.about.uid ?? '';
    const uids = this.#byAbout.get(about);
    uids?.delete(uid);
    if (uids?.size === 0) this.#byAbout.delete(about);
    return row;
  }

  row(uid: string): EventRow | undefined {
    return this.#byUid.get(uid);
  }

  uids(): Iterable<string> {
    return this.#byUid.keys();
  }

  /** Newest last. */
  about(uid: string): EventRow[] {
    const rows = Array.from(
      this.#byAbout.get(uid) ?? [],
      each => this.#byUid.get(each)!,
    );
    return rows
      .filter(row => !this.#isTooOld(row))
      .sort((a, b) => Date.parse(a.lastAt) - Date.parse(b.lastAt));
  }

  #dropOldest() {
    for (const [uid, row] of this.#byUid) {
      if (this.#byUid.size <= MAX_PER_CLUSTER && !this.#isTooOld(row)) return;
      this.remove(uid);
    }
  }

  #isTooOld(row: EventRow): boolean {
    return this.#now() - Date.parse(row.lastAt) > MAX_AGE_MS;
  }
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
