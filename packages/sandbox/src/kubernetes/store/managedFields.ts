import { Json } from '../json';
import { KubernetesObject } from '../types';
import { compareFields, FieldSet, isEmpty, subtract, unite } from './fieldSets';

/** Who wrote, and when. */
export interface FieldWrite {
  manager: string;
  time: string;
  subresource?: string;
}

/** An entry of managedFields. */
export interface ManagedFieldsEntry extends Json {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsV1: FieldSet;
  subresource?: string;
}

export function managedFieldsOf(
  object: KubernetesObject | undefined,
): ManagedFieldsEntry[] {
  return (object?.metadata.managedFields ?? []) as ManagedFieldsEntry[];
}

export function managedFieldsEntry(
  operation: 'Apply' | 'Update',
  object: KubernetesObject,
  fieldsV1: FieldSet,
  { manager, time, subresource }: FieldWrite,
): ManagedFieldsEntry {
  return {
    manager,
    operation,
    apiVersion: object.apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource ? { subresource } : {}),
  };
}

/** An object with these owners. */
export function ownedBy(
  object: KubernetesObject,
  managedFields: ManagedFieldsEntry[],
): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: (managedFields.length > 0
      ? { ...metadata, managedFields }
      : metadata) as KubernetesObject['metadata'],
  };
}

/** Whether an entry is that of the writer. */
export function isEntryOf(
  operation: 'Apply' | 'Update',
  { manager, subresource }: FieldWrite,
): (entry: ManagedFieldsEntry) => boolean {
  return entry =>
    entry.manager === manager &&
    entry.operation === operation &&
    entry.subresource === subresource;
}

/** The managedFields of an object after an update: the writer owns what it changed, nobody owns what is gone. */
export function withManagedFields(
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  write: FieldWrite,
): KubernetesObject {
  const { changed, removed } = compareFields(before, after);
  const earlier = managedFieldsOf(before);
  if (isEmpty(changed) && isEmpty(removed)) {
    return ownedBy(after, earlier);
  }
  const isMine = isEntryOf('Update', write);
  const mine = earlier.find(isMine);
  const others = earlier.flatMap(entry => {
    if (isMine(entry)) {
      return [];
    }
    const fieldsV1 = subtract(subtract(entry.fieldsV1, removed), changed);
    if (isEmpty(fieldsV1)) {
      return [];
    }
    return [fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1 }];
  });
  const fields = unite(mine ? subtract(mine.fieldsV1, removed) : {}, changed);
  // Entries stand in the order of their last write.
  return ownedBy(
    after,
    isEmpty(fields)
      ? others
      : [...others, managedFieldsEntry('Update', after, fields, write)],
  );
}
