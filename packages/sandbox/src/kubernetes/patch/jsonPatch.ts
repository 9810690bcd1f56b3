import { ApiError, badRequest } from '../ApiError';
import { clone, deepEqual, isObject, Json } from '../json';

function rejected(message: string): ApiError {
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `the server rejected our request due to an error in our request: ${message}`,
    details: { causes: [{ message }] },
  });
}

/** RFC 6902. The value is not changed. Throws 422 when an operation does not fit the value or a test fails. */
export function jsonPatch(value: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    );
  }
  // One member holds the whole document, so that the empty pointer needs no case of its own.
  const root: Json = { document: clone(value) };
  for (const operation of operations) {
    apply(root, operation);
  }
  return root.document;
}

function apply(root: Json, operation: Json): void {
  const { op, path, from } = operation;
  if (op === 'add') {
    insert(root, path, clone(operation.value));
  } else if (op === 'remove') {
    take(root, path);
  } else if (op === 'replace') {
    read(root, path);
    take(root, path);
    insert(root, path, clone(operation.value));
  } else if (op === 'move') {
    insert(root, path, take(root, from));
  } else if (op === 'copy') {
    insert(root, path, clone(read(root, from)));
  } else if (op === 'test') {
    if (!deepEqual(read(root, path), operation.value ?? undefined)) {
      throw rejected(`testing value ${path} failed`);
    }
  } else {
    throw rejected(`unexpected kind: ${op}`);
  }
}

function stepsOf(pointer: unknown): string[] {
  if (
    typeof pointer !== 'string' ||
    (pointer !== '' && !pointer.startsWith('/'))
  ) {
    throw rejected(`invalid pointer: ${String(pointer)}`);
  }
  return [
    'document',
    ...pointer
      .split('/')
      .slice(1)
      .map(step => step.replace(/~1/g, '/').replace(/~0/g, '~')),
  ];
}

function missing(pointer: string): ApiError {
  return rejected(`the path ${pointer} does not exist: missing value`);
}

function parentOf(
  root: Json,
  pointer: string,
): { parent: Json | unknown[]; last: string } {
  const steps = stepsOf(pointer);
  let parent: unknown = root;
  for (const step of steps.slice(0, -1)) {
    if (Array.isArray(parent)) {
      parent = parent[Number(step)];
    } else {
      parent = isObject(parent) ? parent[step] : undefined;
    }
  }
  if (!Array.isArray(parent) && !isObject(parent)) {
    throw missing(pointer);
  }
  return { parent, last: steps[steps.length - 1] };
}

function indexIn(step: string, pointer: string, limit: number): number {
  if (!/^\d+$/.test(step) || Number(step) > limit) {
    throw missing(pointer);
  }
  return Number(step);
}

function read(root: Json, pointer: string): unknown {
  const { parent, last } = parentOf(root, pointer);
  const value = Array.isArray(parent)
    ? parent[indexIn(last, pointer, parent.length - 1)]
    : parent[last];
  if (value === undefined) {
    throw missing(pointer);
  }
  return value;
}

function take(root: Json, pointer: string): unknown {
  const value = read(root, pointer);
  const { parent, last } = parentOf(root, pointer);
  if (Array.isArray(parent)) {
    parent.splice(Number(last), 1);
  } else {
    delete parent[last];
  }
  return value;
}

function insert(root: Json, pointer: string, value: unknown): void {
  const { parent, last } = parentOf(root, pointer);
  if (!Array.isArray(parent)) {
    parent[last] = value;
  } else if (last === '-') {
    parent.push(value);
  } else {
    parent.splice(indexIn(last, pointer, parent.length), 0, value);
  }
}
