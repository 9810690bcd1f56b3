import { forbidden } from '../ApiError';
import { Json } from '../json';
import { parseQuantity } from '../quantity';
import { resourceOfKind } from '../resources';
import { KubernetesObject } from '../types';
import { Storage } from './Storage';

const POD = resourceOfKind('v1', 'Pod')!;
const VERBS: ReadonlyArray<
  [
    'min' | 'max',
    'minimum' | 'maximum',
    (value: number, bound: number) => boolean,
  ]
> = [
  ['max', 'maximum', (value, bound) => value > bound],
  ['min', 'minimum', (value, bound) => value < bound],
];

/**
 * Gives a new pod's containers what the LimitRanges of its namespace preset, and throws 403 if one lies outside of what they allow.
 *
 * @param pod - a copy; it is changed
 */
export function applyLimitRanges(
  storage: Storage,
  pod: KubernetesObject,
): void {
  const items: Json[] = storage
    .list({ group: '', kind: 'LimitRange' })
    .filter(range => range.metadata.namespace === pod.metadata.namespace)
    .flatMap(range => range.spec.limits)
    .filter(item => item.type === 'Container');
  const containers: Json[] = [
    ...(pod.spec.initContainers ?? []),
    ...pod.spec.containers,
  ];
  const problems: string[] = [];
  for (const item of items) {
    for (const container of containers) {
      const resources = (container.resources ??= {});
      fill(resources, 'limits', item.default);
      fill(resources, 'requests', item.defaultRequest);
      problems.push(...problemsOf(resources, item));
    }
  }
  if (problems.length > 0) {
    throw forbidden(
      POD,
      pod.metadata.name,
      problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`,
    );
  }
}

function fill(
  resources: Json,
  kind: 'limits' | 'requests',
  preset: Record<string, string> | undefined,
): void {
  for (const [name, value] of Object.entries(preset ?? {})) {
    if (resources[kind]?.[name] === undefined) {
      resources[kind] = { ...resources[kind], [name]: value };
    }
  }
}

function problemsOf(resources: Json, item: Json): string[] {
  const problems: string[] = [];
  for (const [bound, word, isOutside] of VERBS) {
    for (const [name, limit] of Object.entries<string>(item[bound] ?? {})) {
      const kind = bound === 'max' ? 'limit' : 'request';
      const given = resources[`${kind}s`]?.[name];
      if (given === undefined) {
        problems.push(
          `${word} ${name} usage per Container is ${limit}.  No ${kind} is specified`,
        );
      } else if (isOutside(parseQuantity(given), parseQuantity(limit))) {
        problems.push(
          `${word} ${name} usage per Container is ${limit}, but ${kind} is ${given}`,
        );
      }
    }
  }
  return problems;
}
