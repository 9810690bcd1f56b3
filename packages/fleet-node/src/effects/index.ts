/**
 * What changes Argo CD. Apart from the main entry, because only effects may import it.
 *
 * @packageDocumentation
 */
export { createArgoCdWriter } from './createArgoCdWriter';
export type { ArgoCdWriter, SyncRequest } from '../argocd/types';
