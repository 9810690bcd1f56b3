import { JsonObject } from '@backstage/types';
import { ObjectOrigin, ObjectRow } from '../rows';
import { ObjectQuery } from '../types';
import { Dictionaries } from './Dictionaries';
import { internString } from './intern';
import { MultiIndex } from './MultiIndex';
import { SharedPart, StoredRow, joinRow } from './rowParts';
import { HeldPart, SharedParts } from './SharedParts';
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

type Labels = ObjectRow['labels'];

/**
 * An object as it is put into a store.
 *
 * @internal
 */
export interface StoredObject {
  uid: string;
  name: string;
  resourceVersion: string;
  /** JSON of what its row shares with others; empty, as everything below, for one that is held in this version already. */
  shared: string;
  /** JSON of its row's own part, and behind it the compressed object where it is held. */
  bytes: Uint8Array;
  ownLength: number;
  dictionary: number;
  /** Finds it in `rowsByKey`. */
  key?: string;
}

/**
 * An object in one of its versions.
 *
 * @internal
 */
export function versionKey(of: {
  uid: string;
  resourceVersion?: string;
}): string {
  return `${of.uid} ${of.resourceVersion}`;
}

/** One per object, and there are hundreds of thousands: what is in the slot costs the collector of memory nothing. */
class Entry {
  readonly uid: string;
  name: string;
  resourceVersion: string;
  held: HeldPart;
  slot: Slot;
  ownLength: number;
  dictionary: number;
  key: string | undefined;

  constructor(object: StoredObject, held: HeldPart, slot: Slot) {
    this.uid = object.uid;
    this.name = object.name;
    this.resourceVersion = object.resourceVersion;
    this.held = held;
    this.slot = slot;
    this.ownLength = object.ownLength;
    this.dictionary = object.dictionary;
    this.key = object.key && internString(object.key);
  }

  get part(): SharedPart {
    return this.held.part;
  }
}

/**
 * What all stores share: memory, dictionaries, and what rows have in common.
 *
 * @internal
 */
export class StoreMemory {
  readonly arena = new SlotArena();
  readonly dictionaries = new Dictionaries();
  readonly parts = new SharedParts();
}

/**
 * The objects of one kind in one cluster: rows with indexes, and the objects compressed. Rows are made when they are asked for.
 *
 * @internal
 */
export class KindStore<TRow extends StoredRow> {
  readonly #cluster: string;
  readonly #entries = new Map<string, Entry>();
  readonly #index = new MultiIndex<Entry>();
  /** Equal labels are one object: pods are found by it, and it by each of its labels, instead of each pod by each of them. */
  readonly #byLabels = new MultiIndex<Entry, Labels>();
  readonly #labels = new MultiIndex<Labels>();
  readonly #memory: StoreMemory;
  readonly #complete: (row: TRow) => void;

  /** @param options.complete - adds to a row what is known from elsewhere */
  constructor(options: {
    cluster: string;
    memory: StoreMemory;
    complete?: (row: TRow) => void;
  }) {
    this.#cluster = options.cluster;
    this.#memory = options.memory;
    this.#complete = options.complete ?? (() => {});
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Answers whether the row says the same as before: nothing is another but the version of the object. */
  put(object: StoredObject): { same: boolean } {
    const held = this.#memory.parts.take(object.shared);
    const entry = this.#entries.get(object.uid);
    if (!entry) {
      this.#add(new Entry(object, held, this.#memory.arena.put(object.bytes)));
      return { same: false };
    }
    const same =
      entry.held === held &&
      entry.name === object.name &&
      this.#own(entry).equals(object.bytes.subarray(0, object.ownLength));
    this.#refile(entry, held, object.key && internString(object.key));
    entry.name = object.name;
    entry.resourceVersion = object.resourceVersion;
    entry.slot = this.#memory.arena.replace(entry.slot, object.bytes);
    entry.ownLength = object.ownLength;
    entry.dictionary = object.dictionary;
    return { same };
  }

  remove(uid: string): TRow | undefined {
    const entry = this.#entries.get(uid);
    if (!entry) return undefined;
    const row = this.#row(entry);
    this.#entries.delete(uid);
    for (const key of keysOf(entry.part, entry.key)) {
      this.#index.remove(key, entry);
    }
    this.#removeLabels(entry.part.labels, entry);
    this.#memory.parts.release(entry.held);
    this.#memory.arena.free(entry.slot);
    return row;
  }

  row(uid: string): TRow | undefined {
    const entry = this.#entries.get(uid);
    return entry && this.#row(entry);
  }

  /** The `resourceVersion` in which the object is held. */
  version(uid: string): string | undefined {
    return this.#entries.get(uid)?.resourceVersion;
  }

  /** Of all objects, as `versionKey` names them. */
  versionKeys(): string[] {
    return Array.from(this.#entries.values(), versionKey);
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
    return Array.from(this.#index.entries(key), entry => this.#row(entry));
  }

  query(query: ObjectQuery): TRow[] {
    if (query.cluster !== undefined && query.cluster !== this.#cluster) {
      return [];
    }
    const rows: TRow[] = [];
    for (const entry of this.#candidates(query)) {
      if (matches(entry, query)) rows.push(this.#row(entry));
    }
    return rows;
  }

  #candidates(query: ObjectQuery): Iterable<Entry> {
    if (query.uid !== undefined) {
      const entry = this.#entries.get(query.uid);
      return entry ? [entry] : [];
    }
    let best: Iterable<Entry> = this.#entries.values();
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

  *#labelled(key: string): Iterable<Entry> {
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

  #addLabels(labels: Labels, entry: Entry) {
    if (this.#byLabels.count(labels) === 0) {
      for (const key of labelKeys(labels)) this.#labels.add(key, labels);
    }
    this.#byLabels.add(labels, entry);
  }

  #removeLabels(labels: Labels, entry: Entry) {
    this.#byLabels.remove(labels, entry);
    if (this.#byLabels.count(labels) > 0) return;
    for (const key of labelKeys(labels)) this.#labels.remove(key, labels);
  }

  #add(entry: Entry) {
    this.#entries.set(entry.uid, entry);
    for (const key of keysOf(entry.part, entry.key)) {
      this.#index.add(key, entry);
    }
    this.#addLabels(entry.part.labels, entry);
  }

  /** Most changes are of what nobody finds an object by. */
  #refile(entry: Entry, held: HeldPart, key: string | undefined) {
    // Taken for this entry before; of one and the same it was counted twice.
    this.#memory.parts.release(entry.held);
    if (entry.held === held && entry.key === key) return;
    const { labels } = entry.part;
    if (labels !== held.part.labels) {
      this.#removeLabels(labels, entry);
      this.#addLabels(held.part.labels, entry);
    }
    const before = keysOf(entry.part, entry.key);
    const after = keysOf(held.part, key);
    for (const each of before) {
      if (!after.includes(each)) this.#index.remove(each, entry);
    }
    for (const each of after) {
      if (!before.includes(each)) this.#index.add(each, entry);
    }
    entry.key = key;
    entry.held = held;
  }

  #row(entry: Entry): TRow {
    const { uid, name, resourceVersion } = entry;
    const row = joinRow<TRow>(
      { cluster: this.#cluster, uid, name, resourceVersion },
      entry.part,
      this.#own(entry).toString('utf8'),
    );
    this.#complete(row);
    return row;
  }

  #own({ slot, ownLength }: Entry): Buffer {
    return this.#memory.arena.get(slot).subarray(0, ownLength);
  }

  #decode(uid: string): [JsonObject, ObjectOrigin] | undefined {
    const entry = this.#entries.get(uid);
    if (!entry) return undefined;
    const bytes = this.#memory.arena.get(entry.slot).subarray(entry.ownLength);
    if (bytes.length === 0) return undefined;
    return this.#memory.dictionaries.decode({
      bytes,
      dictionary: entry.dictionary,
    }) as [JsonObject, ObjectOrigin];
  }
}

function keysOf(part: SharedPart, key: string | undefined): string[] {
  const keys = indexedKeys(part);
  if (part.owner) keys.push(ownerKey(part.owner.uid));
  if (key !== undefined) keys.push(key);
  return keys;
}

function ownerKey(uid: string): string {
  return `owner\n${uid}`;
}

function indexedKeys(of: ObjectQuery | SharedPart): string[] {
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

function matches(entry: Entry, query: ObjectQuery): boolean {
  const { part } = entry;
  return (
    (query.namespace === undefined || part.namespace === query.namespace) &&
    (query.name === undefined || entry.name === query.name) &&
    (query.uid === undefined || entry.uid === query.uid) &&
    (query.ownerUid === undefined || part.owner?.uid === query.ownerUid) &&
    (query.image === undefined ||
      part.containers?.some(({ image }) => image === query.image) === true) &&
    Object.entries(query.labels ?? {}).every(
      ([name, value]) => part.labels[name] === value,
    )
  );
}
