import { ManagedResource } from '@switchyard/fleet-node';

type JsonObject = NonNullable<ManagedResource['live']>;
type JsonValue = Exclude<JsonObject[string], undefined>;

/** Names of variables and fields whose values are most likely secret, though they should not stand in a manifest. */
const TELLTALE =
  /(passw(or)?d|passphrase|secret|token|credential|api[-_.]?key|access[-_.]?key|private[-_.]?key|auth[-_.]?key|\bdsn\b|database[-_]?url|connection[-_]?string|cookie|salt)/i;
/** An account within an address. */
const ACCOUNT_IN_ADDRESS = /\/\/[^/\s:@]+:[^/\s@]+@/;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A manifest and what it is compared with, without secret values. */
export interface MaskedManifests {
  live?: JsonObject;
  desired?: JsonObject;
  masked: number;
}

class Mask {
  readonly paths = new Set<string>();

  object(
    manifest: JsonObject,
    other: JsonObject | undefined,
    side: string,
  ): JsonObject {
    const isSecret = manifest.kind === 'Secret' || other?.kind === 'Secret';
    return this.#walk(withoutBookkeeping(manifest), other, {
      path: '',
      side,
      hideAll: false,
      isSecret,
    }) as JsonObject;
  }

  #walk(
    value: JsonValue | undefined,
    other: JsonValue | undefined,
    at: { path: string; side: string; hideAll: boolean; isSecret: boolean },
  ): JsonValue | undefined {
    if (Array.isArray(value)) {
      const others = Array.isArray(other) ? other : [];
      return value.map((item, index) =>
        this.#walk(item, partnerOf(item, index, others), {
          ...at,
          path: `${at.path}/${nameOf(item) ?? index}`,
        }),
      ) as JsonValue;
    }
    if (typeof value === 'object' && value !== null) {
      const others = asObject(other);
      // Of a variable, its name says what its value is.
      const isTelling =
        typeof value.name === 'string' &&
        'value' in value &&
        TELLTALE.test(value.name);
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => {
          const hideAll =
            at.hideAll ||
            (at.isSecret &&
              at.path === '' &&
              (key === 'data' || key === 'stringData')) ||
            (isTelling && key === 'value') ||
            (isLeaf(item) && isSecretField(key));
          return [
            key,
            this.#walk(item, others[key], {
              ...at,
              path: `${at.path}/${key}`,
              hideAll,
            }),
          ];
        }),
      ) as JsonObject;
    }
    const isHidden =
      at.hideAll ||
      (typeof value === 'string' && ACCOUNT_IN_ADDRESS.test(value));
    if (!isHidden || value === null || value === undefined || value === '')
      return value;
    this.paths.add(at.path);
    return other !== undefined && other !== value
      ? `•••••• hidden, differs${at.side}`
      : '•••••• hidden';
  }
}

/**
 * Hides values in a live manifest and the one that is wanted. Argo CD has masked data of Secrets already; here once more, for a server that does
 * not, together with what else looks like a secret. Of a value that differs it can be seen that it differs, and nothing else.
 */
export function maskManifests(options: {
  live?: JsonObject;
  desired?: JsonObject;
}): MaskedManifests {
  const mask = new Mask();
  const live = options.live && mask.object(options.live, options.desired, '');
  const desired =
    options.desired && mask.object(options.desired, options.live, ' (desired)');
  return {
    ...(live && { live }),
    ...(desired && { desired }),
    masked: mask.paths.size,
  };
}

/** What Kubernetes and kubectl note for themselves; the latter is the whole manifest once more, as text. */
function withoutBookkeeping(manifest: JsonObject): JsonObject {
  if (manifest.metadata === undefined) return manifest;
  const { managedFields, annotations, ...metadata } = asObject(
    manifest.metadata,
  );
  const { [LAST_APPLIED]: lastApplied, ...kept } = asObject(annotations);
  return {
    ...manifest,
    metadata: {
      ...metadata,
      ...(Object.keys(kept).length > 0 && { annotations: kept }),
    },
  };
}

/** `password: x`, but not `secretName: x` or `tokenExpirationSeconds: 3600`: those name, they do not tell. */
function isSecretField(key: string): boolean {
  return (
    TELLTALE.test(key) &&
    key !== 'secretKey' &&
    !/(name|names|ref|refs|path|seconds|class|type|mode|policy|kind|store)$/i.test(
      key,
    )
  );
}

function isLeaf(value: JsonValue | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function partnerOf(
  item: JsonValue,
  index: number,
  others: readonly JsonValue[],
): JsonValue | undefined {
  const name = nameOf(item);
  return name === undefined
    ? others[index]
    : others.find(other => nameOf(other) === name);
}

function nameOf(value: JsonValue): string | undefined {
  const name = asObject(value).name;
  return typeof name === 'string' ? name : undefined;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}
