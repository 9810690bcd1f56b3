import { posix } from 'node:path';
import { KubernetesObject } from '../../kubernetes/types';
import {
  ApplicationSource,
  keyOf,
  SourceType,
  TRACKING_ANNOTATION,
  trackingId,
} from '../types';
import { buildChart } from './helm';
import { buildKustomization, kustomizationIn } from './kustomize';
import { parseManifests, RenderError } from './manifests';

export interface Rendered {
  sourceType: SourceType;
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
 * Manifests of an Application's folder. One with a Chart.yaml is built as a chart, one with a kustomization is built, of any other the YAML and JSON files
 * in it (not below it) are read.
 *
 * @param options - `files`: all files of the repository at one commit. Throws {@link RenderError}.
 */
export function renderSource(options: {
  files: ReadonlyMap<string, Buffer>;
  path: string;
  /** How the source wants to be built; not needed for a plain folder. */
  source?: ApplicationSource;
  /** Files of the sources that have a `ref`, by that. */
  references?: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
  application: string;
  /** Name of the Helm release, where it is not the Application's. */
  release?: string;
  namespace: string;
}): Rendered {
  const folder = posix.normalize(options.path);
  if (folder.startsWith('..') || folder.startsWith('/')) {
    throw new RenderError(`${options.path}: app path outside root`);
  }
  if (![...options.files.keys()].some(path => path.startsWith(`${folder}/`))) {
    throw new RenderError(`${options.path}: app path does not exist`);
  }
  const sourceType = sourceTypeOf(options.files, folder);
  const objects = {
    Helm: () =>
      buildChart({
        files: options.files,
        folder,
        source: options.source ?? { repoURL: '' },
        references: options.references ?? new Map(),
        release: options.release ?? options.application,
        namespace: options.namespace,
      }),
    Kustomize: () =>
      buildKustomization(
        options.files,
        folder,
        options.source?.kustomize?.images,
      ),
    Directory: () => readDirectory(options.files, folder),
  }[sourceType]();
  return {
    sourceType,
    objects: objects.map(object => placed(object, options)),
  };
}

function sourceTypeOf(
  files: ReadonlyMap<string, Buffer>,
  folder: string,
): SourceType {
  if (files.has(`${folder}/Chart.yaml`)) {
    return 'Helm';
  }
  return kustomizationIn(files, folder) === undefined
    ? 'Directory'
    : 'Kustomize';
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
