import { isDeepStrictEqual } from 'node:util';
import { ApplicationRow } from '../rows';
import { MultiIndex } from '../store/MultiIndex';
import { ApplicationQuery } from '../types';

const ENTITY_ANNOTATIONS = ['backstage.io/entity-ref', 'switchyard/entity-ref'];

interface Entry {
  row: ApplicationRow;
}

/**
 * The Applications of one Argo CD instance as rows, with indexes.
 *
 * @internal
 */
export class Applications {
  readonly #entries = new Map<string, Entry>();
  readonly #index = new MultiIndex<Entry>();

  get size(): number {
    return this.#entries.size;
  }

  get(name: { namespace: string; name: string }): ApplicationRow | undefined {
    return this.#entries.get(keyOf(name))?.row;
  }

  rows(): ApplicationRow[] {
    return Array.from(this.#entries.values(), ({ row }) => row);
  }

  /** False when nothing but the time of observation is new. */
  put(row: ApplicationRow): boolean {
    const key = keyOf(row);
    const known = this.#entries.get(key);
    if (!known) {
      const entry = { row };
      this.#entries.set(key, entry);
      for (const each of indexKeys(row)) this.#index.add(each, entry);
      return true;
    }
    const before = known.row;
    for (const each of indexKeys(before)) this.#index.remove(each, known);
    known.row = row;
    for (const each of indexKeys(row)) this.#index.add(each, known);
    return !isDeepStrictEqual(
      { ...before, observedAt: '' },
      { ...row, observedAt: '' },
    );
  }

  remove(name: {
    namespace: string;
    name: string;
  }): ApplicationRow | undefined {
    const key = keyOf(name);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    for (const each of indexKeys(entry.row)) this.#index.remove(each, entry);
    return entry.row;
  }

  query(query: ApplicationQuery): ApplicationRow[] {
    const rows: ApplicationRow[] = [];
    for (const { row } of this.#candidates(query)) {
      if (matches(row, query)) rows.push(row);
    }
    return rows;
  }

  #candidates(query: ApplicationQuery): Iterable<Entry> {
    const { namespace, name } = query;
    if (namespace !== undefined && name !== undefined) {
      const entry = this.#entries.get(keyOf({ namespace, name }));
      return entry ? [entry] : [];
    }
    const keys = queryKeys(query);
    if (keys.length === 0) return this.#entries.values();
    const [best] = keys.sort(
      (a, b) => this.#index.count(a) - this.#index.count(b),
    );
    return this.#index.entries(best);
  }
}

/** @internal */
export function keyOf(name: { namespace: string; name: string }): string {
  return `${name.namespace}/${name.name}`;
}

function labelKey(name: string, value: string): string {
  return `label\n${name}\n${value}`;
}

function indexKeys(row: ApplicationRow): string[] {
  return [
    `name\n${row.name}`,
    `project\n${row.project}`,
    ...Object.entries(row.labels).map(([name, value]) => labelKey(name, value)),
    ...entityRefs(row).map(ref => `entity\n${ref}`),
  ];
}

function queryKeys(query: ApplicationQuery): string[] {
  return [
    ...(query.name === undefined ? [] : [`name\n${query.name}`]),
    ...(query.project === undefined ? [] : [`project\n${query.project}`]),
    ...Object.entries(query.labels ?? {}).map(([name, value]) =>
      labelKey(name, value),
    ),
    ...(query.entityRef === undefined ? [] : [`entity\n${query.entityRef}`]),
  ];
}

function entityRefs(row: ApplicationRow): string[] {
  return ENTITY_ANNOTATIONS.flatMap(name => row.annotations[name] ?? []);
}

function matches(row: ApplicationRow, query: ApplicationQuery): boolean {
  return (
    (query.instance === undefined || row.instance === query.instance) &&
    (query.namespace === undefined || row.namespace === query.namespace) &&
    (query.name === undefined || row.name === query.name) &&
    (query.project === undefined || row.project === query.project) &&
    (query.entityRef === undefined ||
      entityRefs(row).includes(query.entityRef)) &&
    Object.entries(query.labels ?? {}).every(
      ([name, value]) => row.labels[name] === value,
    )
  );
}
