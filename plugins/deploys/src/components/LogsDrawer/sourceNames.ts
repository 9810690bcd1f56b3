import { LogSource } from '@switchyard/backstage-plugin-deploys-common';

/**
 * What the sources of a merged log are called in little space: what tells their pods apart, and the container where a pod has several.
 */
export function sourceNames(
  sources: readonly LogSource[],
): ReadonlyMap<number, string> {
  const pods = [...new Set(sources.map(({ pod }) => pod))];
  const prefix = commonPrefix(pods);
  const containers = new Set(sources.map(({ container }) => container));
  return new Map(
    sources.map(({ source, pod, container }) => {
      const name = pods.length > 1 ? pod.slice(prefix.length) : '';
      const parts = [name, containers.size > 1 || !name ? container : ''];
      return [source, parts.filter(Boolean).join(' ')];
    }),
  );
}

/** Whole words only: `orders-6d4cf-` of orders-6d4cf-x1 and orders-6d4cf-x2. */
function commonPrefix(names: readonly string[]): string {
  if (names.length < 2) return '';
  const [first] = names;
  const isShared = (length: number) =>
    names.every(name => name[length] === first[length]);
  let length = 0;
  while (length < first.length && isShared(length)) length += 1;
  return first.slice(0, first.lastIndexOf('-', length - 1) + 1);
}
