/** Leaves of an Application that `fields` of a list may name. Anything else is dropped without a word. */
const LIST_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.annotations',
  'metadata.labels',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
  'spec',
  'spec.destination',
  'spec.project',
  'spec.source',
  'spec.sources',
  'spec.sourceHydrator',
  'spec.syncPolicy',
  'status.sourceHydrator',
  'status.summary',
  'status.sync.status',
  'status.sync.revision',
  'status.health',
  'status.resources',
  'status.operationState.startedAt',
  'status.operationState.finishedAt',
  'status.operationState.phase',
  'status.operationState.operation.sync',
  'operation.sync',
] as const;

/** Where a list finds what it calls otherwise. */
const FOUND_AT: Readonly<Record<string, string>> = {
  'status.operationState.operation.sync': 'status.operationState.syncResult',
};

/** What a request's `fields` parameter asks for. */
export interface FieldSelection {
  names: ReadonlySet<string>;
  /** The names are those that are not wanted. */
  exclude: boolean;
}

/** Undefined when all fields are wanted. */
export function parseFields(
  parameter: string | null,
): FieldSelection | undefined {
  if (!parameter) {
    return undefined;
  }
  const exclude = parameter.startsWith('-');
  return {
    names: new Set((exclude ? parameter.slice(1) : parameter).split(',')),
    exclude,
  };
}

/** Whether a whole path is wanted. */
export function isWanted(selection: FieldSelection, path: string): boolean {
  return selection.names.has(path) !== selection.exclude;
}

/** The wanted leaves of an Application in a list, out of those that lists know. */
export function pickFromList(
  application: object,
  selection: FieldSelection,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const field of LIST_FIELDS) {
    const path = field.split('.');
    const value = isWanted(selection, `items.${field}`)
      ? valueAt(application, (FOUND_AT[field] ?? field).split('.'))
      : undefined;
    if (value !== undefined) {
      setAt(picked, path, value);
    }
  }
  return picked;
}

/** The wanted parts of an event of a stream: unlike lists, streams take any path. */
export function pickFromEvent(
  event: object,
  { names, exclude }: FieldSelection,
): Record<string, unknown> {
  if (exclude) {
    const rest = structuredClone(event) as Record<string, unknown>;
    for (const name of names) {
      const path = name.split('.');
      const parent = valueAt(rest, path.slice(0, -1)) as
        | Record<string, unknown>
        | undefined;
      delete parent?.[path[path.length - 1]];
    }
    return rest;
  }
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const path = name.split('.');
    const value = valueAt(event, path);
    if (value !== undefined) {
      setAt(picked, path, value);
    }
  }
  return picked;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      (current as Record<string, unknown> | undefined | null)?.[key],
    value,
  );
}

function setAt(
  target: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
): void {
  let current = target;
  for (const key of path.slice(0, -1)) {
    current = (current[key] ??= {}) as Record<string, unknown>;
  }
  const last = path[path.length - 1];
  const before = current[last];
  const merges =
    typeof before === 'object' &&
    before !== null &&
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value);
  current[last] = merges ? { ...before, ...value } : value;
}
