import { Attributes, PolicyRule } from './types';

/** Whether a rule lets somebody do it. */
export function allows(rule: PolicyRule, wanted: Attributes): boolean {
  if (!matches(rule.verbs, wanted.verb)) {
    return false;
  }
  if ('path' in wanted) {
    return (rule.nonResourceURLs ?? []).some(
      url =>
        url === wanted.path ||
        (url.endsWith('*') && wanted.path.startsWith(url.slice(0, -1))),
    );
  }
  const { group, resource, subresource, name } = wanted;
  const { apiGroups = [], resources = [], resourceNames = [] } = rule;
  return (
    matches(apiGroups, group) &&
    (matches(
      resources,
      subresource ? `${resource}/${subresource}` : resource,
    ) ||
      (subresource !== undefined && resources.includes(`*/${subresource}`))) &&
    (resourceNames.length === 0 ||
      (name !== undefined && resourceNames.includes(name)))
  );
}

function matches(given: readonly string[], wanted: string): boolean {
  return given.includes('*') || given.includes(wanted);
}
