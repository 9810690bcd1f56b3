import { posix } from 'node:path';
import { KubernetesObject } from '../../kubernetes/types';
import { parseManifests, RenderError } from './manifests';

const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** What this renderer knows. Anything else in a kustomization fails, rather than being left out silently. */
const KNOWN_FIELDS = [
  'apiVersion',
  'kind',
  'metadata',
  'resources',
  'bases',
  'images',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'commonLabels',
  'labels',
  'commonAnnotations',
  'replicas',
];

interface Kustomization {
  resources?: string[];
  bases?: string[];
  images?: Array<{
    name: string;
    newName?: string;
    newTag?: string;
    digest?: string;
  }>;
  namespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  commonLabels?: Record<string, string>;
  labels?: Array<{
    pairs: Record<string, string>;
    includeSelectors?: boolean;
    includeTemplates?: boolean;
  }>;
  commonAnnotations?: Record<string, string>;
  replicas?: Array<{ name: string; count: number }>;
}

export function kustomizationIn(
  files: ReadonlyMap<string, Buffer>,
  folder: string,
): string | undefined {
  return FILE_NAMES.map(name => posix.join(folder, name)).find(path =>
    files.has(path),
  );
}

/**
 * Builds a folder as `kustomize build` does, for the fields in use here. Throws {@link RenderError}.
 *
 * @param overrides - images that the Application itself names, which Argo CD puts into the kustomization first (`kustomize edit set image`)
 */
export function buildKustomization(
  files: ReadonlyMap<string, Buffer>,
  folder: string,
  overrides: readonly string[] = [],
): KubernetesObject[] {
  const path = kustomizationIn(files, folder);
  if (!path) {
    throw new RenderError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${folder}'`,
    );
  }
  const [content] = parseManifests(path, files.get(path)!, {
    anyKind: true,
  }) as unknown as [Kustomization | undefined];
  const kustomization = withImages(content ?? {}, overrides);
  const unknown = Object.keys(kustomization).filter(
    field => !KNOWN_FIELDS.includes(field),
  );
  if (unknown.length > 0) {
    throw new RenderError(
      `invalid Kustomization: the sandbox does not know the field ${unknown.join(
        ', ',
      )}`,
    );
  }
  const objects = [
    ...(kustomization.resources ?? []),
    ...(kustomization.bases ?? []),
  ].flatMap(entry => {
    const place = posix.normalize(posix.join(folder, entry));
    const file = files.get(place);
    if (file) {
      return parseManifests(place, file);
    }
    if (kustomizationIn(files, place)) {
      return buildKustomization(files, place);
    }
    throw new RenderError(
      `accumulating resources: accumulation err='accumulating resources from '${entry}': open /tmp/${place}: no such file or directory'`,
    );
  });
  return objects.map(object => transform(object, kustomization));
}

function withImages(
  kustomization: Kustomization,
  overrides: readonly string[],
): Kustomization {
  if (overrides.length === 0) return kustomization;
  const set = overrides.map(override => {
    const [first, renamed] = override.split('=');
    const [, name, tag, digest] =
      /^(.*?)(?::([\w.{}-]*))?(?:@(sha256:[0-9a-f]*))?$/.exec(
        renamed ?? first,
      ) ?? [];
    return {
      name: renamed === undefined ? name : first,
      ...(renamed !== undefined && { newName: name }),
      ...(tag && { newTag: tag }),
      ...(digest && { digest }),
    };
  });
  const names = set.map(({ name }) => name);
  return {
    ...kustomization,
    images: [
      ...(kustomization.images ?? []).filter(
        ({ name }) => !names.includes(name),
      ),
      ...set,
    ],
  };
}

function transform(
  object: KubernetesObject,
  kustomization: Kustomization,
): KubernetesObject {
  const result = structuredClone(object);
  if (kustomization.namespace) {
    result.metadata.namespace = kustomization.namespace;
  }
  result.metadata.name = `${kustomization.namePrefix ?? ''}${
    result.metadata.name
  }${kustomization.nameSuffix ?? ''}`;
  for (const [pairs, everywhere] of labelSets(kustomization)) {
    addLabels(result, pairs, everywhere);
  }
  if (kustomization.commonAnnotations) {
    result.metadata.annotations = {
      ...result.metadata.annotations,
      ...kustomization.commonAnnotations,
    };
  }
  for (const { name, count } of kustomization.replicas ?? []) {
    if (
      name === object.metadata.name &&
      result.spec &&
      'replicas' in result.spec
    ) {
      result.spec.replicas = count;
    }
  }
  if (kustomization.images) {
    setImages(result, kustomization.images);
  }
  return result;
}

function labelSets(
  kustomization: Kustomization,
): Array<[pairs: Record<string, string>, everywhere: boolean]> {
  return [
    ...(kustomization.commonLabels
      ? [
          [kustomization.commonLabels, true] as [
            Record<string, string>,
            boolean,
          ],
        ]
      : []),
    ...(kustomization.labels ?? []).map(
      ({ pairs, includeSelectors }): [Record<string, string>, boolean] => [
        pairs,
        includeSelectors ?? false,
      ],
    ),
  ];
}

/** Common labels also go into templates and selectors; a Job's selector is made by Kubernetes and stays. */
function addLabels(
  object: KubernetesObject,
  pairs: Record<string, string>,
  everywhere: boolean,
): void {
  object.metadata.labels = { ...object.metadata.labels, ...pairs };
  if (!everywhere) {
    return;
  }
  if (object.spec?.template) {
    object.spec.template.metadata = { ...object.spec.template.metadata };
    object.spec.template.metadata.labels = {
      ...object.spec.template.metadata.labels,
      ...pairs,
    };
  }
  if (object.spec?.selector?.matchLabels) {
    object.spec.selector.matchLabels = {
      ...object.spec.selector.matchLabels,
      ...pairs,
    };
  } else if (object.kind === 'Service' && object.spec?.selector) {
    object.spec.selector = { ...object.spec.selector, ...pairs };
  }
}

/** Sets the image of every container, wherever containers are in the object. */
function setImages(
  value: unknown,
  images: NonNullable<Kustomization['images']>,
): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      setImages(item, images);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, child] of Object.entries(value as Record<string, any>)) {
    if (
      (key === 'containers' || key === 'initContainers') &&
      Array.isArray(child)
    ) {
      for (const container of child) {
        container.image = newImage(String(container.image), images);
      }
    } else {
      setImages(child, images);
    }
  }
}

function newImage(
  image: string,
  images: NonNullable<Kustomization['images']>,
): string {
  const [, name, tag, digest] =
    /^(.*?)(:[\w.{}-]*)?(@sha256:[0-9a-f]*)?$/.exec(image) ?? [];
  const entry = images.find(candidate => candidate.name === name);
  if (!entry) {
    return image;
  }
  const wanted = entry.newName ?? name;
  if (entry.digest) {
    return `${wanted}@${entry.digest}`;
  }
  return entry.newTag
    ? `${wanted}:${entry.newTag}`
    : `${wanted}${tag ?? ''}${digest ?? ''}`;
}
