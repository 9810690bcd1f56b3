import { JsonValue } from '@backstage/types';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { createHash } from 'node:crypto';

/**
 * Hash of what a plan intends: kind, version, target and intent, and those of the runs that it asks for. Not of what the world looked like when it was made, so that a run that was
 * ahead may change the 'before' without making the plan another.
 */
export function hashPlan(
  plan: Pick<
    RunPlan,
    'kind' | 'version' | 'entityRef' | 'environment' | 'intent' | 'children'
  >,
): string {
  const { kind, version, entityRef, environment, intent } = plan;
  const children = plan.children?.map(child => [
    child.id,
    hashPlan(child.plan),
  ]);
  return hashJson({
    kind,
    version,
    entityRef,
    environment,
    intent,
    ...(children && { children }),
  });
}

/** SHA-256, in hex, of the value with the keys of its objects in order. */
export function hashJson(value: JsonValue): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** JSON with the keys of all objects sorted and without those that are undefined. */
export function canonicalJson(value: JsonValue | undefined): string {
  if (Array.isArray(value))
    return `[${value.map(each => canonicalJson(each ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.keys(value)
      .sort()
      .filter(key => value[key] !== undefined)
      .map(key => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
    return `{${entries.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
