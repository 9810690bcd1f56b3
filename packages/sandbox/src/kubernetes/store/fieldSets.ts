import { deepEqual, isObject, Json } from '../json';
import {
  Field,
  FieldShape,
  fieldsOf,
  isAtomic,
  typeOfKind,
} from '../schema/model';
import { KubernetesObject } from '../types';

/** A set of fields as `fieldsV1` writes it: a member with nothing in it is in the set with all that lies under it. */
export type FieldSet = Json;

/** How a value is divided among owners. */
export type Ownership = Pick<
  Field,
  'shape' | 'mapKeys' | 'mergeSet' | 'atomic'
>;

const UNKNOWN: Ownership = { shape: { is: 'any' } };
const METADATA: Ownership = { shape: { is: 'object', type: 'ObjectMeta' } };

/** Metadata has owners by its members only. */
const NOT_OWNED = new Set(['apiVersion', 'kind', 'metadata']);
const NOT_OWNED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** Of an object of a built-in kind by its type, of a custom resource by what is there: maps by member, lists as a whole. */
export function ownershipOf(object: KubernetesObject): Ownership {
  const type = typeOfKind(object.apiVersion, object.kind);
  return type ? { shape: { is: 'object', type } } : UNKNOWN;
}

/** An object without what no manager owns. */
export function ownable(object: KubernetesObject | undefined): Json {
  if (!object) {
    return {};
  }
  const result: Json = {};
  for (const [key, value] of Object.entries(object)) {
    if (!NOT_OWNED.has(key)) {
      result[key] = value;
    }
  }
  const metadata = Object.entries(object.metadata).filter(
    ([key]) => !NOT_OWNED_METADATA.has(key),
  );
  return metadata.length > 0
    ? { metadata: Object.fromEntries(metadata), ...result }
    : result;
}

export function memberOwnership(outer: Ownership, name: string): Ownership {
  const { shape } = outer;
  if (shape.is === 'map') {
    return { shape: shape.of, atomic: isAtomic(shape.of) };
  }
  const field =
    shape.is === 'object' ? fieldsOf(shape.type)?.get(name) : undefined;
  return field ?? (name === 'metadata' ? METADATA : UNKNOWN);
}

export function itemOwnership({ shape }: Ownership): Ownership {
  const of: FieldShape = shape.is === 'list' ? shape.of : { is: 'any' };
  return { shape: of, atomic: isAtomic(of) };
}

/** Whether members, or items by their keys, have owners of their own. */
export function dividedBy(
  value: unknown,
  { shape, atomic, mapKeys, mergeSet }: Ownership,
): 'members' | 'items' | undefined {
  if (isObject(value) && !atomic && shape.is !== 'scalar') {
    return 'members';
  }
  return Array.isArray(value) && (mapKeys !== undefined || mergeSet)
    ? 'items'
    : undefined;
}

/** `k:{"name":"web"}` of an item of a list that is divided. */
export function itemKey(item: any, { mapKeys }: Ownership): string {
  if (!mapKeys) {
    return `v:${JSON.stringify(item)}`;
  }
  const keys = mapKeys
    // The one key that has a default in its type.
    .map(key => [key, item[key] ?? (key === 'protocol' ? 'TCP' : undefined)])
    .filter(([, value]) => value !== undefined);
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

/** All fields that a value sets: what who applies it owns. */
export function fieldsIn(value: unknown, ownership: Ownership): FieldSet {
  const result: FieldSet = {};
  switch (dividedBy(value, ownership)) {
    case 'members':
      for (const [name, member] of Object.entries(value as Json)) {
        if (member !== undefined) {
          result[`f:${name}`] = fieldsIn(
            member,
            memberOwnership(ownership, name),
          );
        }
      }
      break;
    case 'items':
      for (const item of value as unknown[]) {
        const inner = fieldsIn(item, itemOwnership(ownership));
        result[itemKey(item, ownership)] = isEmpty(inner)
          ? inner
          : { '.': {}, ...inner };
      }
      break;
    default:
  }
  return result;
}

/** What a write changed, added or took away. */
export interface FieldChanges {
  changed: FieldSet;
  removed: FieldSet;
}

/** What is different in two versions of an object. */
export function compareFields(
  before: KubernetesObject | undefined,
  after: KubernetesObject,
): FieldChanges {
  const changes: FieldChanges = { changed: {}, removed: {} };
  compareMembers(before ?? {}, after, ownershipOf(after), changes, NOT_OWNED);
  const inner: FieldChanges = { changed: {}, removed: {} };
  const old = before?.metadata ?? {};
  compareMembers(old, after.metadata, METADATA, inner, NOT_OWNED_METADATA);
  if (!isEmpty(inner.changed)) {
    changes.changed['f:metadata'] = inner.changed;
  }
  if (!isEmpty(inner.removed)) {
    changes.removed['f:metadata'] = inner.removed;
  }
  return changes;
}

function compareMembers(
  before: Json,
  after: Json,
  ownership: Ownership,
  changes: FieldChanges,
  ignored?: ReadonlySet<string>,
): void {
  const compare = (name: string) => {
    // Most members are the very same: nothing is looked up for them.
    if (before[name] !== after[name] && !ignored?.has(name)) {
      compareValues(
        `f:${name}`,
        before[name],
        after[name],
        memberOwnership(ownership, name),
        changes,
      );
    }
  };
  Object.keys(after).forEach(compare);
  for (const name of Object.keys(before)) {
    if (!(name in after)) {
      compare(name);
    }
  }
}

function compareValues(
  key: string,
  before: any,
  after: any,
  ownership: Ownership,
  { changed, removed }: FieldChanges,
): void {
  if (before === after || (before !== undefined && deepEqual(before, after))) {
    return;
  }
  if (after === undefined) {
    removed[key] = {};
    return;
  }
  const divided = dividedBy(after, ownership);
  if (!divided) {
    changed[key] = {};
    return;
  }
  const inner: FieldChanges = { changed: {}, removed: {} };
  const isNew = before === undefined;
  // The API server never lists the parts that every object has.
  const isPart = key === 'f:spec' || key === 'f:status';
  if (isNew && Object.keys(after).length > 0 && !isPart) {
    inner.changed['.'] = {};
  }
  if (divided === 'members') {
    compareMembers(isObject(before) ? before : {}, after, ownership, inner);
  } else {
    compareItems(Array.isArray(before) ? before : [], after, ownership, inner);
  }
  if (!isEmpty(inner.changed) || (isNew && Object.keys(after).length === 0)) {
    changed[key] = inner.changed;
  }
  if (!isEmpty(inner.removed)) {
    removed[key] = inner.removed;
  }
}

function compareItems(
  before: any[],
  after: any[],
  ownership: Ownership,
  changes: FieldChanges,
): void {
  const had = new Map(before.map(item => [itemKey(item, ownership), item]));
  const has = new Set<string>();
  const inner = itemOwnership(ownership);
  for (const item of after) {
    const key = itemKey(item, ownership);
    has.add(key);
    compareValues(key, had.get(key), item, inner, changes);
  }
  for (const key of had.keys()) {
    if (!has.has(key)) {
      changes.removed[key] = {};
    }
  }
}

export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

export function unite(a: FieldSet, b: FieldSet): FieldSet {
  const result = { ...a };
  for (const [key, value] of Object.entries(b)) {
    result[key] = isObject(result[key]) ? unite(result[key], value) : value;
  }
  return result;
}

/** What is in `a` and not in `b`; a leaf of `b` takes with it all that lies under it. */
export function subtract(a: FieldSet, b: FieldSet): FieldSet {
  let result: FieldSet | undefined;
  for (const [key, value] of Object.entries(b)) {
    if (!Object.hasOwn(a, key)) {
      continue;
    }
    result ??= { ...a };
    const rest = isEmpty(value) ? {} : subtract(a[key], value);
    if (isEmpty(value) || isEmpty(rest)) {
      delete result[key];
    } else {
      result[key] = rest;
    }
  }
  return result ?? a;
}

/** What is in both. */
export function intersect(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [key, value] of Object.entries(a)) {
    if (!Object.hasOwn(b, key)) {
      continue;
    }
    const common = intersect(value, b[key]);
    const isInBoth = [value, b[key]].every(
      each => isEmpty(each) || Object.hasOwn(each, '.'),
    );
    if (isInBoth || !isEmpty(common)) {
      result[key] = common;
    }
  }
  return result;
}

/** The fields of a set as Kubernetes writes them in messages: `.spec.template.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, path = ''): string[] {
  return Object.entries(set).flatMap(([key, inner]) => {
    if (key === '.') {
      return [path];
    }
    const here = `${path}${elementOf(key)}`;
    return isEmpty(inner) ? [here] : pathsOf(inner, here);
  });
}

function elementOf(key: string): string {
  const name = key.slice(2);
  if (key.startsWith('k:')) {
    const keys = Object.entries(JSON.parse(name)).map(
      ([each, value]) => `${each}=${JSON.stringify(value)}`,
    );
    return `[${keys.sort().join()}]`;
  }
  return key.startsWith('v:') ? `[=${name}]` : `.${name}`;
}
