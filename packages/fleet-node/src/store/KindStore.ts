import { JsonObject } from '@backstage/types';
import { ObjectOrigin, ObjectRow } from '../rows';
import { ObjectQuery } from '../types';
import { MultiIndex } from './MultiIndex';
import { ObjectCodec } from './ObjectCodec';
import { Slot, SlotArena } from './SlotArena';

/** Labels that find what `uid` or the owner finds too: an index over them only costs memory. */
const UNINDEXED_LABELS = new Set([
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'controller-revision-hash',
  'controller-uid',
  'pod-template-hash',
  'statefulset.kubernetes.io/pod-name',
]);

/** All rows but those of events name images. */
type StoredRow = ObjectRow & { containers?: Array<{ image: string }> };

type Labels = ObjectRow['labels'];

class Entry<TRow extends StoredRow> {
  row: TRow;
  slot?: Slot;
  dictionary = 0;

  constructor(row: TRow) {
    this.row = row;
  }
}

/**
 * The objects of one kind in one cluster: rows with indexes, and the objects compressed.
 *
 * @internal
 */
export class KindStore<TRow extends StoredRow> {
  readonly #entries = new Map<string, Entry<TRow>>();
  readonly #index = new MultiIndex<Entry<TRow>>();
  /** Equal labels are mostly one object: pods are found by it, and it by each of its labels, instead of each pod by each of them. */
  readonly #byLabels = new MultiIndex<Entry<TRow>, Labels>();
  readonly #labels = new MultiIndex<Labels>();
  readonly #arena: SlotArena;
  readonly #codec: ObjectCodec;
  readonly #extraKeys: (row: TRow) => string[];

  /** @param options.extraKeys - more index keys of a row, for `rowsByKey`; they must depend on nothing but the row */
  constructor(options: {
    arena: SlotArena;
    codec: ObjectCodec;
    extraKeys?: (row: TRow) => string[];
  }) {
    this.#arena = options.arena;
    this.#codec = options.codec;
    this.#extraKeys = options.extraKeys ?? (() => []);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param stored - what `object` and `origin` shall answer; left out where only the row is kept */
  put(row: TRow, stored?: { object: unknown; origin: ObjectOrigin }): void {
    let entry = this.#entries.get(row.uid);
    if (entry) {
      this.#replaceRow(entry, row);
    } else {
      entry = new Entry(row);
      this.#entries.set(row.uid, entry);
      for (const key of this.#keys(row)) this.#index.add(key, entry);
      this.#addLabels(row.labels, entry);
    }
    if (!stored) return;
    const encoded = this.#codec.encode([stored.object, stored.origin]);
    if (entry.slot) this.#arena.free(entry.slot);
    entry.slot = this.#arena.put(encoded.bytes);
    entry.dictionary = encoded.dictionary;
  }

  /** Changes what was derived from elsewhere in a row; its object stays. */
  replaceRow(row: TRow): void {
    const entry = this.#entries.get(row.uid);
    if (entry) this.#replaceRow(entry, row);
  }

  remove(uid: string): TRow | undefined {
    const entry = this.#entries.get(uid);
    if (!entry) return undefined;
    this.#entries.delete(uid);
    for (const key of this.#keys(entry.row)) this.#index.remove(key, entry);
    this.#removeLabels(entry.row.labels, entry);
    if (entry.slot) this.#arena.free(entry.slot);
    return entry.row;
  }

  row(uid: string): TRow | undefined {
    return this.#entries.get(uid)?.row;
  }

  uids(): Iterable<string> {
    return this.#entries.keys();
  }

  object(uid: string): JsonObject | undefined {
    return this.#decode(uid)?.[0];
  }

  origin(uid: string): ObjectOrigin | undefined {
    return this.#decode(uid)?.[1];
  }

  rowsByKey(key: string): TRow[] {
    return Array.from(this.#index.entries(key), entry => entry.row);
  }

  query(query: ObjectQuery): TRow[] {
    const rows: TRow[] = [];
    for (const { row } of this.#candidates(query)) {
      if (matches(row, query)) rows.push(row);
    }
    return rows;
  }

  #candidates(query: ObjectQuery): Iterable<Entry<TRow>> {
    if (query.uid !== undefined) {
      const entry = this.#entries.get(query.uid);
      return entry ? [entry] : [];
    }
    let best: Iterable<Entry<TRow>> = this.#entries.values();
    let bestCount = Infinity;
    for (const key of indexedKeys(query)) {
      const count = this.#index.count(key);
      if (count < bestCount) {
        best = this.#index.entries(key);
        bestCount = count;
      }
    }
    for (const key of labelKeys(query.labels ?? {})) {
      const count = this.#countLabelled(key, bestCount);
      if (count < bestCount) {
        best = this.#labelled(key);
        bestCount = count;
      }
    }
    return best;
  }

  *#labelled(key: string): Iterable<Entry<TRow>> {
    for (const labels of this.#labels.entries(key)) {
      yield* this.#byLabels.entries(labels);
    }
  }

  /** @param enough - where to stop counting */
  #countLabelled(key: string, enough: number): number {
    let count = 0;
    for (const labels of this.#labels.entries(key)) {
      count += this.#byLabels.count(labels);
      if (count >= enough) break;
    }
    return count;
  }

  #addLabels(labels: Labels, entry: Entry<TRow>) {
    if (this.#byLabels.count(labels) === 0) {
      for (const key of labelKeys(labels)) this.#labels.add(key, labels);
    }
    this.#byLabels.add(labels, entry);
  }

  #removeLabels(labels: Labels, entry: Entry<TRow>) {
    this.#byLabels.remove(labels, entry);
    if (this.#byLabels.count(labels) > 0) return;
    for (const key of labelKeys(labels)) this.#labels.remove(key, labels);
  }

  #replaceRow(entry: Entry<TRow>, row: TRow) {
    const known = entry.row;
    entry.row = row;
    if (known.labels !== row.labels) {
      this.#removeLabels(known.labels, entry);
      this.#addLabels(row.labels, entry);
    }
    if (this.#isFoundAlike(known, row)) return;
    const before = this.#keys(known);
    const after = this.#keys(row);
    for (const key of before) {
      if (!after.includes(key)) this.#index.remove(key, entry);
    }
    for (const key of after) {
      if (!before.includes(key)) this.#index.add(key, entry);
    }
  }

  /** Most changes are of what nobody finds an object by: then its keys need not be made. What is equal here is mostly one object. */
  #isFoundAlike(a: TRow, b: TRow): boolean {
    return (
      a.namespace === b.namespace &&
      a.owner?.uid === b.owner?.uid &&
      isSameList(this.#extraKeys(a), this.#extraKeys(b))
    );
  }

  #keys(row: TRow): string[] {
    const keys = [...indexedKeys(row), ...this.#extraKeys(row)];
    if (row.owner) keys.push(ownerKey(row.owner.uid));
    return keys;
  }

  #decode(uid: string): [JsonObject, ObjectOrigin] | undefined {
    const entry = this.#entries.get(uid);
    if (!entry?.slot) return undefined;
    return this.#codec.decode({
      bytes: this.#arena.get(entry.slot),
      dictionary: entry.dictionary,
    }) as [JsonObject, ObjectOrigin];
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

function ownerKey(uid: string): string {
  return `owner\n${uid}`;
}

function indexedKeys(of: ObjectQuery | StoredRow): string[] {
  const keys: string[] = [];
  if (of.namespace !== undefined) keys.push(`namespace\n${of.namespace}`);
  if ('ownerUid' in of && of.ownerUid !== undefined) {
    keys.push(ownerKey(of.ownerUid));
  }
  return keys;
}

function labelKeys(labels: Labels): string[] {
  return Object.entries(labels)
    .filter(([name]) => !UNINDEXED_LABELS.has(name))
    .map(([name, value]) => `${name}\n${value}`);
}

function matches(row: StoredRow, query: ObjectQuery): boolean {
  return (
    (query.cluster === undefined || row.cluster === query.cluster) &&
    (query.namespace === undefined || row.namespace === query.namespace) &&
    (query.name === undefined || row.name === query.name) &&
    (query.uid === undefined || row.uid === query.uid) &&
    (query.ownerUid === undefined || row.owner?.uid === query.ownerUid) &&
    (query.image === undefined ||
      row.containers?.some(({ image }) => image === query.image) === true) &&
    Object.entries(query.labels ?? {}).every(
      ([name, value]) => row.labels[name] === value,
    )
  );
}
