import { normalizeImageRepository } from '@switchyard/backstage-plugin-deploys-node';
import { isRecord } from './containers';
import { isWanted } from './imagePlaces';
import { WantedImage } from './types';
import { textOfValue, ValuePath, ValueRole } from './valuePlaces';

/** Values of one file, or of the Application itself, that are laid over those before. */
export interface ValueLayer<TOrigin> {
  origin: TOrigin;
  values: unknown;
}

/** A value of the whole chart, with where it comes from. */
type Node<TOrigin> =
  | { map: Map<string, Node<TOrigin>> }
  | { list: Node<TOrigin>[]; origin: TOrigin }
  | { value: unknown; origin: TOrigin };

/** A value that says which image runs. */
export interface FoundValue<TOrigin> {
  role: ValueRole;
  path: ValuePath;
  text: string;
  origin: TOrigin;
}

/** An image without any tag: the chart itself decides then, mostly by its appVersion. */
export interface UntaggedImage {
  path: ValuePath;
}

const REPOSITORY_KEYS = [
  'repository',
  'imageRepository',
  'image',
  'imageName',
  'name',
];
const REGISTRY_KEYS = ['registry', 'imageRegistry'];
const TAG_KEYS = ['tag', 'imageTag'];
const DIGEST_KEYS = ['digest', 'imageDigest'];

/**
 * The values of a chart as Helm puts them together: maps are merged, lists and texts replaced, and `null` takes a value away.
 */
export class HelmValues<TOrigin> {
  #root: Node<TOrigin> = { map: new Map() };

  static create<TOrigin>(): HelmValues<TOrigin> {
    return new HelmValues();
  }

  private constructor() {}

  add({ origin, values }: ValueLayer<TOrigin>): void {
    if (isRecord(values))
      this.#root = merge(this.#root, nodeOf(values, origin));
  }

  /** As `--set` does: one value, also one of a list. */
  set(path: ValuePath, text: string, origin: TOrigin): void {
    this.#root = setIn(this.#root, path, { value: text, origin });
  }

  /** The values that name the wanted image. */
  findImages(wanted: WantedImage): {
    found: FoundValue<TOrigin>[];
    untagged: UntaggedImage[];
  } {
    const found: FoundValue<TOrigin>[] = [];
    const untagged: UntaggedImage[] = [];
    const registry = this.#textAt(['global', 'imageRegistry']);
    walk(this.#root, [], (map, path) => {
      for (const [key, node] of map) {
        const text = 'value' in node ? textOfValue(node.value) : undefined;
        if (text !== undefined && 'origin' in node && /image$/i.test(key)) {
          if (namesVersion(text) && isWanted(text, wanted))
            found.push({
              role: 'image',
              path: [...path, key],
              text,
              origin: node.origin,
            });
        }
      }
      const repository = repositoryOf(map, registry);
      if (repository !== wanted.repository) return;
      const tags = leaves(map, path, TAG_KEYS, 'tag');
      const digests = leaves(map, path, DIGEST_KEYS, 'digest');
      const isOther =
        wanted.tagPrefix !== '' &&
        !tags.some(({ text }) => text.startsWith(wanted.tagPrefix));
      if (isOther) return;
      if (tags.length + digests.length === 0) untagged.push({ path });
      found.push(...tags, ...digests);
    });
    return { found, untagged };
  }

  /** Tags that stand without a repository, as in charts that know their own. */
  findLoneTags(tags: ReadonlySet<string>): FoundValue<TOrigin>[] {
    const found: FoundValue<TOrigin>[] = [];
    walk(this.#root, [], (map, path) => {
      if (repositoryOf(map, undefined) !== undefined) return;
      found.push(
        ...leaves(
          map,
          path,
          [...map.keys()].filter(key => /^tag$|Tag$/.test(key)),
          'tag',
        ).filter(({ text }) => tags.has(text.split('@')[0])),
      );
    });
    return found;
  }

  /** What stands at a path that somebody has named, with a digest beside it. */
  findAt(path: ValuePath, wanted: WantedImage): FoundValue<TOrigin>[] {
    const node = nodeAt(this.#root, path);
    const text = node && 'value' in node ? textOfValue(node.value) : undefined;
    if (text === undefined || !node || !('origin' in node)) return [];
    const isWhole = normalizeImageRepository(text) === wanted.repository;
    const parent = nodeAt(this.#root, path.slice(0, -1));
    return [
      {
        role: isWhole ? 'image' : 'tag',
        path,
        text,
        origin: node.origin,
      },
      ...(parent && 'map' in parent
        ? leaves(parent.map, path.slice(0, -1), DIGEST_KEYS, 'digest')
        : []),
    ];
  }

  #textAt(path: ValuePath): string | undefined {
    const node = nodeAt(this.#root, path);
    return node && 'value' in node ? textOfValue(node.value) : undefined;
  }
}

function nodeOf<TOrigin>(value: unknown, origin: TOrigin): Node<TOrigin> {
  if (Array.isArray(value))
    return { list: value.map(item => nodeOf(item, origin)), origin };
  if (!isRecord(value)) return { value, origin };
  return {
    map: new Map(
      Object.entries(value).map(([key, inner]) => [key, nodeOf(inner, origin)]),
    ),
  };
}

function merge<TOrigin>(
  into: Node<TOrigin>,
  from: Node<TOrigin>,
): Node<TOrigin> {
  if (!('map' in into) || !('map' in from)) return from;
  const map = new Map(into.map);
  for (const [key, node] of from.map) {
    const known = map.get(key);
    if ('value' in node && node.value === null) map.delete(key);
    else map.set(key, known ? merge(known, node) : node);
  }
  return { map };
}

function setIn<TOrigin>(
  node: Node<TOrigin> | undefined,
  path: ValuePath,
  leaf: { value: string; origin: TOrigin },
): Node<TOrigin> {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  if (typeof key === 'number') {
    const list = node && 'list' in node ? [...node.list] : [];
    list[key] = setIn(list[key], rest, leaf);
    return {
      list: Array.from(list, item => item ?? leaf),
      origin: leaf.origin,
    };
  }
  const map = new Map(node && 'map' in node ? node.map : []);
  map.set(key, setIn(map.get(key), rest, leaf));
  return { map };
}

function nodeAt<TOrigin>(
  root: Node<TOrigin>,
  path: ValuePath,
): Node<TOrigin> | undefined {
  return path.reduce<Node<TOrigin> | undefined>((node, key) => {
    if (!node) return undefined;
    if (typeof key === 'number')
      return 'list' in node ? node.list[key] : undefined;
    return 'map' in node ? node.map.get(key) : undefined;
  }, root);
}

function walk<TOrigin>(
  node: Node<TOrigin>,
  path: ValuePath,
  visit: (map: Map<string, Node<TOrigin>>, path: ValuePath) => void,
): void {
  if ('map' in node) {
    visit(node.map, path);
    for (const [key, inner] of node.map) walk(inner, [...path, key], visit);
  } else if ('list' in node) {
    node.list.forEach((inner, index) => walk(inner, [...path, index], visit));
  }
}

function leaves<TOrigin>(
  map: Map<string, Node<TOrigin>>,
  path: ValuePath,
  keys: readonly string[],
  role: ValueRole,
): FoundValue<TOrigin>[] {
  return keys.flatMap(key => {
    const node = map.get(key);
    const text = node && 'value' in node ? textOfValue(node.value) : undefined;
    return text !== undefined && node && 'origin' in node
      ? [{ role, path: [...path, key], text, origin: node.origin }]
      : [];
  });
}

// `repository` with or without a registry beside it. A name that holds a version itself is no repository.
function repositoryOf<TOrigin>(
  map: Map<string, Node<TOrigin>>,
  globalRegistry: string | undefined,
): string | undefined {
  const text = (keys: readonly string[]) =>
    keys
      .map(key => map.get(key))
      .map(node =>
        node && 'value' in node ? textOfValue(node.value) : undefined,
      )
      .find(value => value !== undefined);
  const hasVersion = [...TAG_KEYS, ...DIGEST_KEYS].some(key => map.has(key));
  // `name` alone is the name of anything.
  const repository = text(
    hasVersion ? REPOSITORY_KEYS : REPOSITORY_KEYS.slice(0, 2),
  );
  if (repository === undefined || namesVersion(repository)) return undefined;
  const registry = globalRegistry ?? text(REGISTRY_KEYS);
  return normalizeImageRepository(
    registry === undefined
      ? repository
      : `${registry.replace(/\/+$/, '')}/${repository}`,
  );
}

function namesVersion(image: string): boolean {
  return image.includes('@') || /:[^/]*$/.test(image);
}
