import { posix } from 'node:path';
import { KubernetesObject } from '../../kubernetes/types';
import { keyOf, TRACKING_ANNOTATION, trackingId } from '../types';
import { buildKustomization, kustomizationIn } from './kustomize';
import { parseManifests, RenderError } from './manifests';

export interface Rendered {
  sourceType: 'Directory' | 'Kustomize';
  /** With namespace and tracking annotation, as they are applied. */
  objects: KubernetesObject[];
}

const CLUSTER_SCOPED = [
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
];

/**
 * Manifests of an Application's folder. A folder with a kustomization is built, else the YAML and JSON files in it (not below it) are read.
 *
 * @param options - `files`: all files of the repository at one commit. Throws {@link RenderError}.
 */
export function renderSource(options: {
  files: ReadonlyMap<string, Buffer>;
  path: string;
  application: string;
  namespace: string;
}): Rendered {
  const folder = posix.normalize(options.path);
  if (folder.startsWith('..') || folder.startsWith('/')) {
    throw new RenderError(`${options.path}: app path outside root`);
  }
  if (![...options.files.keys()].some(path => path.startsWith(`${folder}/`))) {
    throw new RenderError(`${options.path}: app path does not exist`);
  }
  const isKustomize = kustomizationIn(options.files, folder) !== undefined;
  const objects = isKustomize
    ? buildKustomization(options.files, folder)
    : readDirectory(options.files, folder);
  return {
    sourceType: isKustomize ? 'Kustomize' : 'Directory',
    objects: objects.map(object => placed(object, options)),
  };
}

function readDirectory(
  files: ReadonlyMap<string, Buffer>,
  folder: string,
): KubernetesObject[] {
  const paths = [...files.keys()]
    .filter(
      path => posix.dirname(path) === folder && /\.(ya?ml|json)$/.test(path),
    )
    .sort();
  return paths.flatMap(path => parseManifests(path, files.get(path)!));
}

function placed(
  object: KubernetesObject,
  options: { application: string; namespace: string },
): KubernetesObject {
  const namespace = CLUSTER_SCOPED.includes(object.kind)
    ? undefined
    : object.metadata.namespace ?? options.namespace;
  const { namespace: _, ...metadata } = object.metadata;
  const result: KubernetesObject = {
    ...object,
    metadata: {
      ...metadata,
      ...(namespace ? { namespace } : {}),
    } as KubernetesObject['metadata'],
  };
  result.metadata.annotations = {
    ...metadata.annotations,
    [TRACKING_ANNOTATION]: trackingId(options.application, keyOf(result)),
  };
  return result;
}
