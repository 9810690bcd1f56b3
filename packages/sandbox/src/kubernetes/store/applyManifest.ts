import { identityOf } from '../identity';
import { clone, deepEqual, Json } from '../json';
import { threeWayMerge } from '../patch/strategicMerge';
import { decode } from '../schema/decode';
import { typeOfKind } from '../schema/model';
import { KubernetesObject } from '../types';
import { Registry, WriteOptions } from './Registry';

/** Where `kubectl apply` keeps the manifest of the last time. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Client-side apply, as kubectl and Argo CD do it: creates the object, or merges into the live one what the manifest sets and removes what the last
 * manifest set and this one does not.
 */
export function applyManifest(
  registry: Registry,
  manifest: KubernetesObject,
  options: WriteOptions,
): { object: KubernetesObject; changed: boolean } {
  const wanted = withLastApplied(typed(manifest));
  const live = registry.get(identityOf(wanted));
  if (!live) {
    return { object: registry.create(wanted, options), changed: true };
  }
  const merged = merge(wanted, live);
  if (deepEqual(withoutServerFields(merged), withoutServerFields(live))) {
    return { object: live, changed: false };
  }
  const object = registry.update(merged, options);
  return { object, changed: object !== live };
}

/** Whether applying would change the live object, apart from the note of what was applied. */
export function differsFromLive(
  registry: Registry,
  manifest: KubernetesObject,
): boolean {
  const live = registry.get(identityOf(manifest));
  return (
    !live ||
    !deepEqual(
      withoutNote(previewOfApply(registry, manifest)),
      withoutNote(live),
    )
  );
}

/** What applying would make of the live object, or of nothing; the note of what was applied stays as it is. */
export function previewOfApply(
  registry: Registry,
  manifest: KubernetesObject,
): KubernetesObject {
  const wanted = typed(manifest);
  // kubectl's note always names annotations, so a manifest without any must too, or the merge would take away those of others.
  wanted.metadata.annotations ??= {};
  const live = registry.get(identityOf(wanted));
  return live
    ? registry.update(merge(wanted, live), { manager: 'diff', dryRun: true })
    : wanted;
}

function merge(
  wanted: KubernetesObject,
  live: KubernetesObject,
): KubernetesObject {
  const note = live.metadata.annotations?.[LAST_APPLIED];
  const last: Json = note ? JSON.parse(note) : {};
  const merged = threeWayMerge({
    last: { ...last, metadata: withoutNoteIn(last.metadata ?? {}) },
    manifest: wanted,
    live,
    type: typeOfKind(live.apiVersion, live.kind),
  }) as KubernetesObject;
  return merged;
}

function typed(manifest: KubernetesObject): KubernetesObject {
  const type = typeOfKind(manifest.apiVersion, manifest.kind);
  const object = type ? decode(manifest, type).object : clone(manifest);
  delete object.status;
  return object;
}

function withLastApplied(manifest: KubernetesObject): KubernetesObject {
  return withNote(manifest, noteOf(manifest));
}

/** What `kubectl apply` keeps of a manifest. */
export function noteOf(manifest: KubernetesObject): string {
  const { [LAST_APPLIED]: _, ...annotations } =
    manifest.metadata.annotations ?? {};
  const plain = {
    ...manifest,
    metadata: { ...manifest.metadata, annotations },
  };
  return `${JSON.stringify(sorted(plain))}\n`;
}

export function withNote(
  object: KubernetesObject,
  note: string,
): KubernetesObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, [LAST_APPLIED]: note },
    },
  };
}

/** Go writes the members of a map in order. */
function sorted(value: any): any {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, sorted(value[key])]),
  );
}

function withoutNoteIn(metadata: Json): Json {
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  return { ...metadata, annotations };
}

function withoutServerFields(object: KubernetesObject): Json {
  const {
    managedFields: _,
    resourceVersion: __,
    ...metadata
  } = object.metadata;
  return { ...object, metadata };
}

function withoutNote(object: KubernetesObject): Json {
  const { metadata, ...rest } = object;
  const {
    managedFields: _,
    resourceVersion: __,
    generation: ___,
    ...others
  } = metadata;
  return { ...rest, metadata: withoutNoteIn(others), status: undefined };
}
