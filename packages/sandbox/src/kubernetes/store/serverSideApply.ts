import { applyConflict } from '../ApiError';
import { deepEqual, Json } from '../json';
import { KubernetesObject } from '../types';
import { LAST_APPLIED, noteOf, withNote } from './applyManifest';
import {
  compareFields,
  dividedBy,
  FieldSet,
  fieldsIn,
  intersect,
  isEmpty,
  itemKey,
  itemOwnership,
  memberOwnership,
  ownable,
  Ownership,
  ownershipOf,
  pathsOf,
  subtract,
  unite,
} from './fieldSets';
import {
  FieldWrite,
  isEntryOf,
  ManagedFieldsEntry,
  managedFieldsEntry,
  managedFieldsOf,
} from './managedFields';

/** By this name `kubectl apply --server-side` takes over what its client side applied. */
const KUBECTL = 'kubectl';

export interface ServerSideApply extends FieldWrite {
  /** Take fields from others instead of refusing. */
  force: boolean;
}

/** The entry of a manager whose apply makes an object. */
export function appliedFirst(
  config: KubernetesObject,
  write: FieldWrite,
): ManagedFieldsEntry[] {
  const fields = fieldsIn(ownable(config), ownershipOf(config));
  return isEmpty(fields)
    ? []
    : [managedFieldsEntry('Apply', config, fields, write)];
}

/**
 * Server-side apply: what the manager applies wins, what it applied before and does no more goes unless somebody else owns it too, and what others
 * have written differently is a conflict.
 *
 * @param live - is not changed
 * @returns the object as it is to be stored, before defaults, and who owns what of it
 * @throws ApiError 409 that names each field and its manager
 */
export function applyFields(
  live: KubernetesObject,
  config: KubernetesObject,
  write: ServerSideApply,
): { object: KubernetesObject; managedFields: ManagedFieldsEntry[] } {
  const ownership = ownershipOf(live);
  const entries = knownEntries(live, ownership, write);
  const isMine = isEntryOf('Apply', write);
  const mine = entries.find(isMine);
  const others = entries.filter(entry => !isMine(entry));
  const applied = fieldsIn(ownable(config), ownership);
  const kept = others.reduce<FieldSet>(
    (all, entry) => unite(all, entry.fieldsV1),
    applied,
  );
  const merged = mergeValue(live, config, ownership) as KubernetesObject;
  let object = withoutFields(
    merged,
    mine?.fieldsV1 ?? {},
    kept,
    ownership,
  ) as KubernetesObject;
  const { changed, removed } = compareFields(live, object);
  if (!write.force) {
    refuseConflicts(
      others,
      changed,
      write.manager === KUBECTL ? fieldsOfClientSide(live) : {},
    );
  }
  if (write.manager === KUBECTL && live.metadata.annotations?.[LAST_APPLIED]) {
    object = withNote(object, noteOf(config));
  }
  const left = others.flatMap(entry => {
    const common = intersect(entry.fieldsV1, changed);
    const fieldsV1 = subtract(
      isEmpty(common) ? entry.fieldsV1 : without(entry.fieldsV1, common),
      removed,
    );
    return isEmpty(fieldsV1) ? [] : [{ ...entry, fieldsV1 }];
  });
  const isAsBefore =
    mine !== undefined &&
    isEmpty(changed) &&
    isEmpty(removed) &&
    deepEqual(mine.fieldsV1, applied);
  const entry = isAsBefore
    ? mine
    : managedFieldsEntry('Apply', config, applied, write);
  return {
    object,
    managedFields: inOrder(isEmpty(applied) ? left : [...left, entry]),
  };
}

/** Whoever wrote an object before anybody kept managedFields. */
function knownEntries(
  live: KubernetesObject,
  ownership: Ownership,
  { time }: FieldWrite,
): ManagedFieldsEntry[] {
  const entries = managedFieldsOf(live);
  if (entries.length > 0) {
    return entries;
  }
  const fields = fieldsIn(ownable(live), ownership);
  const write = { manager: 'before-first-apply', time };
  return [managedFieldsEntry('Update', live, fields, write)];
}

/** Fields that `kubectl apply` has set on the client side and nobody has changed since: kubectl may take them from itself. */
function fieldsOfClientSide(live: KubernetesObject): FieldSet {
  const note = live.metadata.annotations?.[LAST_APPLIED];
  if (!note) {
    return {};
  }
  const last = JSON.parse(note) as KubernetesObject;
  return subtract(
    fieldsIn(ownable(last), ownershipOf(live)),
    compareFields(live, last).changed,
  );
}

function refuseConflicts(
  others: readonly ManagedFieldsEntry[],
  changed: FieldSet,
  /** Where all conflicts are among these, none counts. */
  allowed: FieldSet,
): void {
  const disputed = others.map(entry => ({
    manager: printed(entry),
    fields: intersect(entry.fieldsV1, changed),
  }));
  if (disputed.every(({ fields }) => isEmpty(subtract(fields, allowed)))) {
    return;
  }
  const conflicts = disputed.flatMap(({ manager, fields }) =>
    pathsOf(fields).map(field => ({ manager, field })),
  );
  const [first] = conflicts;
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort();
  const message =
    conflicts.length === 1
      ? `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`
      : `Apply failed with ${conflicts.length} conflicts: ${managers
          .flatMap(manager => [
            `conflicts with ${manager}:`,
            ...conflicts
              .filter(conflict => conflict.manager === manager)
              .map(({ field }) => `- ${field}`),
          ])
          .join('\n')}`;
  throw applyConflict(
    message,
    conflicts.map(({ manager, field }) => ({
      message: `conflict with ${manager}`,
      field,
    })),
  );
}

function printed(entry: ManagedFieldsEntry): string {
  const name = `"${entry.manager}"${
    entry.subresource ? ` with subresource "${entry.subresource}"` : ''
  }`;
  return entry.operation === 'Update'
    ? `${name} using ${entry.apiVersion} at ${entry.time}`
    : name;
}

/** What applies stands before what updates. */
function inOrder(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  return [
    ...entries.filter(({ operation }) => operation === 'Apply'),
    ...entries.filter(({ operation }) => operation !== 'Apply'),
  ];
}

/** Takes exactly the fields of `taken` out of a set: a leaf of it does not take what lies under it. */
function without(set: FieldSet, taken: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [key, value] of Object.entries(set)) {
    if (!Object.hasOwn(taken, key)) {
      result[key] = value;
      continue;
    }
    const { '.': _, ...below } = value;
    const rest = without(isEmpty(taken[key]) ? below : value, taken[key]);
    if (!isEmpty(rest)) {
      result[key] = rest;
    }
  }
  return result;
}

function mergeValue(live: any, config: any, ownership: Ownership): unknown {
  const divided = dividedBy(config, ownership);
  if (!divided || divided !== dividedBy(live, ownership)) {
    return config;
  }
  if (divided === 'items') {
    return mergeItems(live, config, ownership);
  }
  const result: Json = { ...live };
  for (const [name, member] of Object.entries(config as Json)) {
    if (member !== undefined) {
      result[name] = mergeValue(
        live[name],
        member,
        memberOwnership(ownership, name),
      );
    }
  }
  return result;
}

/** In the order of what is applied; what only the live list has keeps its place between. */
function mergeItems(
  live: unknown[],
  config: unknown[],
  ownership: Ownership,
): unknown[] {
  const inner = itemOwnership(ownership);
  const keyOf = (item: unknown) => itemKey(item, ownership);
  const had = new Map(live.map(item => [keyOf(item), item]));
  const wanted = new Set(config.map(keyOf));
  const rest = [...live];
  const takeOthers = () => {
    const until = rest.findIndex(item => wanted.has(keyOf(item)));
    return rest.splice(0, until < 0 ? rest.length : until);
  };
  const result = takeOthers();
  for (const item of config) {
    const key = keyOf(item);
    result.push(mergeValue(had.get(key), item, inner));
    if (rest.length > 0 && keyOf(rest[0]) === key) {
      rest.shift();
      result.push(...takeOthers());
    }
  }
  return [...result, ...rest.filter(item => !wanted.has(keyOf(item)))];
}

/** A value without the fields of `last` that nobody keeps. */
function withoutFields(
  value: any,
  last: FieldSet,
  kept: FieldSet,
  ownership: Ownership,
): unknown {
  switch (dividedBy(value, ownership)) {
    case 'members': {
      const result: Json = { ...value };
      for (const [key, inner] of Object.entries(last)) {
        const name = key.slice(2);
        if (!key.startsWith('f:') || result[name] === undefined) {
          continue;
        }
        if (Object.hasOwn(kept, key)) {
          result[name] = withoutFields(
            result[name],
            inner,
            kept[key],
            memberOwnership(ownership, name),
          );
        } else {
          delete result[name];
        }
      }
      return result;
    }
    case 'items':
      return (value as unknown[]).flatMap(item => {
        const key = itemKey(item, ownership);
        if (!Object.hasOwn(last, key)) {
          return [item];
        }
        return Object.hasOwn(kept, key)
          ? [
              withoutFields(
                item,
                last[key],
                kept[key],
                itemOwnership(ownership),
              ),
            ]
          : [];
      });
    default:
      return value;
  }
}
