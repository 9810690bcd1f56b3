import { ObjectRow } from '../rows';

/**
 * Whether two rows of an object say the same: nothing is another but the version of the object. Parts of rows that are equal are mostly one
 * object in memory, which makes this cheap.
 *
 * @internal
 */
export function isSameRow(a: ObjectRow, b: ObjectRow): boolean {
  return isSameRecord(a, b, 'resourceVersion');
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  return isSameRecord(a, b);
}

/** Arrays too. What a row does not say is left out of it or undefined. */
function isSameRecord(a: object, b: object, except?: string): boolean {
  for (const key in a) {
    if (key !== except && !isSame((a as any)[key], (b as any)[key])) {
      return false;
    }
  }
  for (const key in b) {
    if ((a as any)[key] === undefined && (b as any)[key] !== undefined) {
      return false;
    }
  }
  return true;
}
