import { parseEntityRef } from '@backstage/catalog-model';

const FULL_REF = /^[a-z][a-z0-9-]*:[^\s/:]+\/[^\s/:]+$/i;

/** Whether a text is a full entity ref, and not a phrase for people. */
export function isEntityRef(text: string): boolean {
  return FULL_REF.test(text);
}

/** The name that people use: 'omar' for `user:default/omar`; a phrase stays as it is. */
export function shortName(ref: string): string {
  return isEntityRef(ref) ? parseEntityRef(ref).name : ref;
}

/** 'omar, storefront-owners or inge'. */
export function orList(refs: readonly string[]): string {
  const names = refs.map(shortName);
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`;
}
