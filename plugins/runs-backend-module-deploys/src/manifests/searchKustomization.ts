import { normalizeImageRepository } from '@switchyard/backstage-plugin-deploys-node';
import { BoundedFiles } from './BoundedFiles';
import {
  findContainers,
  isBulk,
  isRecord,
  ManifestContainer,
} from './containers';
import { ImageEntry } from './imageEntries';
import {
  FoundPlace,
  placesInKustomization,
  placesInManifest,
} from './imagePlaces';
import { isFlaw, ParsedYaml, parseYaml } from './parseYaml';
import { isInside, repositoryPath } from './repositoryPath';
import { conclude, describeFlaw, describeWanted, failed } from './conclude';
import { ImageSearch, ManifestProblem, WantedImage } from './types';

export const KUSTOMIZATION_NAMES = [
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
];

/** A kustomization with everything in the repository that it leads to. What was parsed is not kept: it is many times the size of the text. */
interface Tree {
  file: string;
  /** Entries of its `images:` from which the image results. */
  entries: ReturnType<typeof placesInKustomization>;
  /** A patch that is written into it speaks of images: what that sets is not seen here. */
  hasInlinePatch: boolean;
  /** Kustomizations that it takes in. */
  children: Tree[];
  manifests: Manifest[];
  /** Files that change what the others say. */
  patches: Manifest[];
}

interface Manifest {
  containers: ManifestContainer[];
  places: ReturnType<typeof placesInManifest>;
}

interface Walk {
  files: BoundedFiles;
  wanted: WantedImage;
  problems: ManifestProblem[];
}

/**
 * Finds the image in a kustomization: its own `images:` decide, else those of the kustomizations it takes in, else the manifests. Files outside of the
 * Application's folder are never changed: others may use them too.
 *
 * @internal
 */
export async function searchKustomization(options: {
  files: BoundedFiles;
  folder: string;
  file: string;
  wanted: WantedImage;
}): Promise<ImageSearch> {
  const { files, folder, file, wanted } = options;
  const problems: ManifestProblem[] = [];
  const tree = await readTree({ files, wanted, problems }, file, []);
  if (!tree || problems.length > 0) return { found: false, problems };
  const hit = decide(tree);
  if (!hit) {
    return failed({
      what: 'The image is in no file',
      why: `Neither images: nor a workload of ${file} names ${describeWanted(
        wanted,
      )}; check switchyard/image of the component and the Application's path`,
      ref: file,
    });
  }
  const inline = hit.entriesDecide ? undefined : findInlinePatch(tree);
  if (inline) {
    return failed({
      what: 'A patch may set the image',
      why: `${inline.file} holds a patch that speaks of images, which would win over the manifests; name the image under images: instead`,
      ref: inline.file,
    });
  }
  const outside = hit.found.find(({ place }) => !isInside(place.file, folder));
  if (outside) {
    return failed({
      what: 'The image is set outside of the path',
      why: `${outside.place.file} names it, which others may use too; add an entry for it to images: in ${file}`,
      ref: outside.place.file,
    });
  }
  return conclude(hit.found, hit.containers);
}

interface Hit {
  found: FoundPlace[];
  /** What gets the image. */
  containers: ManifestContainer[];
  /** The outermost kustomization's own images: name it. */
  entriesDecide?: boolean;
}

// The outermost kustomization that names the image decides: what it sets replaces what those within it set. In one, images: comes after patches, and these
// after the manifests.
function decide(tree: Tree): Hit | undefined {
  const { entries } = tree;
  if (entries.length > 0)
    return {
      found: entries,
      containers: replacedBy(entries, tree),
      entriesDecide: true,
    };
  const inPatches = tree.patches.flatMap(({ places }) => places);
  if (inPatches.length > 0)
    return {
      found: inPatches,
      containers: inPatches.map(({ container }) => container),
    };
  const inManifests = tree.manifests.flatMap(({ places }) => places);
  const hits = tree.children.flatMap(child => decide(child) ?? []);
  const found = [...inManifests, ...hits.flatMap(hit => hit.found)];
  if (found.length === 0) return undefined;
  return {
    found,
    containers: [
      ...inManifests.map(({ container }) => container),
      ...hits.flatMap(hit => hit.containers),
    ],
  };
}

// Containers that images: gives another image, with the whole image that they have by it now.
function replacedBy(
  entries: ReadonlyArray<{ entry: ImageEntry }>,
  tree: Tree,
): ManifestContainer[] {
  const byName = new Map(
    entries.map(({ entry }) => [normalizeImageRepository(entry.name), entry]),
  );
  return allContainers(tree).flatMap(container => {
    const entry = byName.get(normalizeImageRepository(container.image));
    if (!entry) return [];
    const { newName = entry.name, newTag, digest } = entry;
    const image = `${newName}${newTag ? `:${newTag}` : ''}${
      digest ? `@${digest}` : ''
    }`;
    return [{ ...container, image }];
  });
}

function allContainers(tree: Tree): ManifestContainer[] {
  return [
    ...tree.manifests.flatMap(({ containers }) => containers),
    ...tree.children.flatMap(allContainers),
  ];
}

async function readTree(
  walk: Walk,
  file: string,
  onTheWay: readonly string[],
): Promise<Tree | undefined> {
  const parsed = await readParsed(walk, file);
  if (!parsed) return undefined;
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')));
  const [value] = parsed.values;
  const tree: Tree = {
    file,
    entries: placesInKustomization(file, parsed, walk.wanted),
    hasInlinePatch: hasInlinePatch(value),
    children: [],
    manifests: [],
    patches: [],
  };
  for (const { target, isPatch } of localTargets(value)) {
    const path = repositoryPath(folder, target);
    // A path out of the repository, or round in a circle, is kustomize's to judge.
    if (path === undefined || onTheWay.includes(path)) continue;
    const listed = isPatch
      ? undefined
      : await walk.files.list(path, { recursive: false });
    if (listed) {
      const name = KUSTOMIZATION_NAMES.find(candidate =>
        listed.some(entry => entry.path === repositoryPath(path, candidate)),
      );
      const child =
        name &&
        (await readTree(walk, repositoryPath(path, name)!, [
          ...onTheWay,
          path,
        ]));
      if (child) tree.children.push(child);
    } else {
      const manifest = await readManifest(walk, path);
      if (manifest) (isPatch ? tree.patches : tree.manifests).push(manifest);
    }
  }
  return tree;
}

async function readManifest(
  walk: Walk,
  file: string,
): Promise<Manifest | undefined> {
  const parsed = await readParsed(walk, file, isBulk);
  return (
    parsed && {
      containers: findContainers(parsed),
      places: placesInManifest(file, parsed, walk.wanted),
    }
  );
}

async function readParsed(
  { files, problems }: Walk,
  file: string,
  isIrrelevant: (text: string) => boolean = () => false,
): Promise<ParsedYaml | undefined> {
  const text = await files.read(file);
  if (text === undefined) {
    problems.push({
      what: 'A file is not there',
      why: `The kustomization names ${file}, which the repository does not have`,
      ref: file,
    });
    return undefined;
  }
  if (isIrrelevant(text)) return undefined;
  const parsed = parseYaml(text);
  if (!isFlaw(parsed)) return parsed;
  problems.push(describeFlaw(file, parsed));
  return undefined;
}

// What a kustomization takes in from the repository.
function localTargets(
  value: unknown,
): Array<{ target: string; isPatch: boolean }> {
  if (!isRecord(value)) return [];
  const list = (key: string): unknown[] => {
    const items = value[key];
    return Array.isArray(items) ? items : [];
  };
  const patches = [
    ...list('patchesStrategicMerge'),
    ...list('patches').map(patch => (isRecord(patch) ? patch.path : undefined)),
  ];
  const resources = ['resources', 'bases', 'components'].flatMap(list);
  return [
    ...resources.map(target => ({ target, isPatch: false })),
    ...patches.map(target => ({ target, isPatch: true })),
  ].filter(
    (item): item is { target: string; isPatch: boolean } =>
      typeof item.target === 'string' && isLocal(item.target),
  );
}

function hasInlinePatch(value: unknown): boolean {
  const patches = isRecord(value)
    ? [value.patches, value.patchesStrategicMerge, value.patchesJson6902].flat()
    : [];
  const texts = patches.map(patch => (isRecord(patch) ? patch.patch : patch));
  return texts.some(
    text =>
      typeof text === 'string' && /[\n\r]/.test(text) && /\bimage\b/.test(text),
  );
}

function findInlinePatch(tree: Tree): Tree | undefined {
  return tree.hasInlinePatch
    ? tree
    : tree.children.map(findInlinePatch).find(found => found !== undefined);
}

function isLocal(target: string): boolean {
  return (
    target !== '' &&
    !/[\n\r]/.test(target) &&
    !target.includes('://') &&
    !/^(git@|github\.com[/:])/.test(target) &&
    !target.includes('?ref=')
  );
}
