/**
 * What changes Argo CD and objects of clusters. Apart from the main entry, because only effects may import it.
 *
 * @packageDocumentation
 */
export { createArgoCdWriter } from './createArgoCdWriter';
export type { ArgoCdWriter, SyncRequest } from '../argocd/types';
export { createKubernetesWriter } from './createKubernetesWriter';
export * from './KubernetesWriteError';
export type {
  KubernetesObjectName,
  KubernetesWriter,
  PatchedObject,
} from './types';
