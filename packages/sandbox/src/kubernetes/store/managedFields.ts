import { deepEqual, isObject, Json } from '../json';
import { FieldShape, fieldsOf, typeOfKind } from '../schema/model';
import { KubernetesObject } from '../types';

/** A set of fields as `fieldsV1` writes it. */
type FieldSet = Json;

/** What a write changed, and who wrote. */
export interface FieldWrite {
  manager: string;
  time: string;
  subresource?: string;
}

const NOT_OWNED = new Set(['apiVersion', 'kind']);
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

/** The managedFields of an object after a write: the writer owns what it changed, nobody owns what is gone. */
export function withManagedFields(
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  write: FieldWrite,
): KubernetesObject {
  const type = typeOfKind(after.apiVersion, after.kind);
  const shape: FieldShape = type ? { is: 'object', type } : { is: 'any' };
  const changed: FieldSet = {};
  const removed: FieldSet = {};
  compareObjects(owned(before), owned(after), shape, changed, removed);
  const earlier = (before?.metadata.managedFields ?? []) as Json[];
  if (isEmpty(changed) && isEmpty(removed)) {
    return {
      ...after,
      metadata: { ...after.metadata, managedFields: earlier },
    };
  }
  const entries: Json[] = [];
  let mine: Json | undefined;
  for (const entry of earlier) {
    const isMine =
      entry.manager === write.manager &&
      entry.operation === 'Update' &&
      entry.subresource === write.subresource;
    const fields = subtract(
      subtract(entry.fieldsV1, removed),
      isMine ? {} : changed,
    );
    if (isMine) {
      mine = entry;
    }
    if (isMine || !isEmpty(fields)) {
      entries.push(
        fields === entry.fieldsV1 ? entry : { ...entry, fieldsV1: fields },
      );
    }
  }
  const entry: Json = {
    manager: write.manager,
    operation: 'Update',
    apiVersion: after.apiVersion,
    time: write.time,
    fieldsType: 'FieldsV1',
    fieldsV1: unite(mine ? subtract(mine.fieldsV1, removed) : {}, changed),
    ...(write.subresource ? { subresource: write.subresource } : {}),
  };
  // Entries stand in the order of their last write.
  const others = entries.filter(
    each =>
      !(
        each.manager === write.manager &&
        each.operation === 'Update' &&
        each.subresource === write.subresource
      ),
  );
  const managedFields = isEmpty(entry.fieldsV1) ? others : [...others, entry];
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

function owned(object: KubernetesObject | undefined): Json {
  if (!object) {
    return {};
  }
  const result: Json = {};
  for (const [key, value] of Object.entries(object)) {
    if (!NOT_OWNED.has(key)) {
      result[key] = value;
    }
  }
  result.metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(
      ([key]) => !NOT_OWNED_METADATA.has(key),
    ),
  );
  return result;
}

function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

function shapeOf(
  shape: FieldShape,
  name: string,
): { shape: FieldShape; mapKeys?: string[]; set?: boolean } {
  if (shape.is === 'map') {
    return { shape: shape.of };
  }
  const field =
    shape.is === 'object' ? fieldsOf(shape.type)?.get(name) : undefined;
  return field
    ? { shape: field.shape, mapKeys: field.mapKeys, set: field.mergeSet }
    : { shape: { is: 'any' } };
}

function compareObjects(
  before: Json,
  after: Json,
  shape: FieldShape,
  changed: FieldSet,
  removed: FieldSet,
): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const inner = shapeOf(shape, key);
    compareValues(`f:${key}`, before[key], after[key], inner, changed, removed);
  }
}

function compareValues(
  key: string,
  before: any,
  after: any,
  inner: { shape: FieldShape; mapKeys?: string[]; set?: boolean },
  changed: FieldSet,
  removed: FieldSet,
): void {
  if (before === after || (before !== undefined && deepEqual(before, after))) {
    return;
  }
  if (after === undefined) {
    removed[key] = {};
    return;
  }
  const isMap =
    isObject(after) &&
    (inner.shape.is === 'object' || inner.shape.is === 'map');
  const isKeyed =
    Array.isArray(after) && (inner.mapKeys !== undefined || inner.set);
  if (!isMap && !isKeyed) {
    changed[key] = {};
    return;
  }
  const innerChanged: FieldSet =
    before === undefined &&
    Object.keys(after).length > 0 &&
    key !== 'f:metadata'
      ? { '.': {} }
      : {};
  const innerRemoved: FieldSet = {};
  if (isMap) {
    compareObjects(
      isObject(before) ? before : {},
      after,
      inner.shape,
      innerChanged,
      innerRemoved,
    );
  } else {
    compareLists(
      Array.isArray(before) ? before : [],
      after as any[],
      inner,
      innerChanged,
      innerRemoved,
    );
  }
  // `f:spec` of a new object has no '.' of its own: the API server never lists the parts that every object has.
  if (key === 'f:spec' || key === 'f:status') {
    delete innerChanged['.'];
  }
  if (
    !isEmpty(innerChanged) ||
    (before === undefined && Object.keys(after).length === 0)
  ) {
    changed[key] = innerChanged;
  }
  if (!isEmpty(innerRemoved)) {
    removed[key] = innerRemoved;
  }
}

function compareLists(
  before: any[],
  after: any[],
  inner: { shape: FieldShape; mapKeys?: string[] },
  changed: FieldSet,
  removed: FieldSet,
): void {
  const keyOf = (item: any) =>
    inner.mapKeys
      ? `k:${JSON.stringify(
          Object.fromEntries(
            inner.mapKeys
              .filter(key => item[key] !== undefined)
              .map(key => [key, item[key]]),
          ),
        )}`
      : `v:${JSON.stringify(item)}`;
  const shape: FieldShape =
    inner.shape.is === 'list' ? inner.shape.of : { is: 'any' };
  const had = new Map(before.map(item => [keyOf(item), item]));
  const has = new Set<string>();
  for (const item of after) {
    const key = keyOf(item);
    has.add(key);
    compareValues(key, had.get(key), item, { shape }, changed, removed);
  }
  for (const key of had.keys()) {
    if (!has.has(key)) {
      removed[key] = {};
    }
  }
}

function unite(a: FieldSet, b: FieldSet): FieldSet {
  const result = { ...a };
  for (const [key, value] of Object.entries(b)) {
    result[key] = isObject(result[key]) ? unite(result[key], value) : value;
  }
  return result;
}

/** What is in `a` and not in `b`; a leaf of `b` takes with it all that lies under it. */
function subtract(a: FieldSet, b: FieldSet): FieldSet {
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
