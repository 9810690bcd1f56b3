import { deepEqual, Json } from '../json';

export const HASH_LABEL = 'pod-template-hash';
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Hash of a pod template as names of ReplicaSets carry it. */
export function templateHash(template: Json, collisions = 0): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${canonical(template)}${collisions || ''}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return [...String(hash)]
    .map(digit => ALPHABET[digit.charCodeAt(0) % ALPHABET.length])
    .join('');
}

/** Same template, the hash label aside. */
export function sameTemplate(a: Json, b: Json): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: Json): Json {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

function canonical(value: any): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join()}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return `{${Object.keys(value)
      .sort()
      .map(key => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join()}}`;
  }
  return JSON.stringify(value);
}
