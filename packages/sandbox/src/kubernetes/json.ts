/** A JSON object whose members are not known. */
export type Json = { [key: string]: any };

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Same value; the order of members does not count, a member that is undefined counts as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => deepEqual(item, b[index]))
    );
  }
  if (!isObject(a) || !isObject(b)) {
    return false;
  }
  for (const key of Object.keys(a)) {
    if (!deepEqual(a[key], b[key])) {
      return false;
    }
  }
  for (const key of Object.keys(b)) {
    if (b[key] !== undefined && a[key] === undefined) {
      return false;
    }
  }
  return true;
}

/** A copy that may be changed. Members that are undefined are dropped, as JSON would. */
export function clone<T>(value: T): T {
  if (Array.isArray(value)) {
    return value.map(clone) as T;
  }
  if (isObject(value)) {
    const copy: Json = {};
    for (const key of Object.keys(value)) {
      if (value[key] !== undefined) {
        copy[key] = clone(value[key]);
      }
    }
    return copy as T;
  }
  return value;
}

/**
 * A value without members that are undefined. What it shares with `before` is taken as it is, so that a change of a few members of a large object
 * costs no more than these. Neither argument is changed.
 */
export function tidied<T>(value: T, before: unknown): T {
  if (value === before || typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    const old: unknown[] = Array.isArray(before) ? before : [];
    return value.map((item, index) => tidied(item, old[index])) as T;
  }
  const old: Json = isObject(before) ? before : {};
  const result: Json = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) {
      result[key] = tidied(member, old[key]);
    }
  }
  return result as T;
}

const texts = new WeakMap<object, string>();

/** JSON of an object that is never changed, written once however many readers and watchers it has. */
export function textOf(object: object): string {
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}
