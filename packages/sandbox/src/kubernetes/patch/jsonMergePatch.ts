import { clone, isObject } from '../json';

/** RFC 7386: members of the patch replace those of the value, null removes. Neither argument is changed. */
export function jsonMergePatch(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    return clone(patch);
  }
  const result = isObject(value) ? { ...value } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) {
      delete result[key];
    } else {
      result[key] = jsonMergePatch(result[key], change);
    }
  }
  return result;
}
