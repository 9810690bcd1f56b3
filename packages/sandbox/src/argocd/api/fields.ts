/** Leaves of an Application that `fields` may name. Anything else is dropped without a word. */
const APPLICATION_FIELDS = [
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

/** What a request's `fields` parameter asks for. */
export interface FieldSelection {
  /** Applies to an object whose Applications lie under a prefix: `items.` for lists, `result.application.` for streams. */
  isWanted(path: string): boolean;
}

/** Undefined when all fields are wanted. */
export function parseFields(
  parameter: string | null,
): FieldSelection | undefined {
  if (!parameter) {
    return undefined;
  }
  const exclude = parameter.startsWith('-');
  const names = new Set((exclude ? parameter.slice(1) : parameter).split(','));
  return { isWanted: path => names.has(path) !== exclude };
}

/** The wanted leaves of an Application. */
export function pickApplication(
  application: object,
  prefix: string,
  selection: FieldSelection,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const field of APPLICATION_FIELDS) {
    const path = field.split('.');
    const value = selection.isWanted(prefix + field)
      ? valueAt(application, path)
      : undefined;
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
