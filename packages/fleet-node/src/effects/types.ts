import { JsonObject } from '@backstage/types';
import { ResourceName } from '../types';

/** An object of a cluster, as its address names it. @public */
export interface KubernetesObjectName {
  cluster: string;
  /** Its kind, as addresses write it. */
  resource: ResourceName;
  namespace: string;
  name: string;
}

/** What the API server says of an object after a change. @public */
export interface PatchedObject {
  uid: string;
  resourceVersion: string;
  /** Counts changes of the spec. */
  generation: number;
}

/**
 * Changes objects of the fleet's clusters, with the fleet's credentials; made by `createKubernetesWriter({ fleet })` of `@switchyard/fleet-node/effects`.
 * Only effects may hold one, right after `beforeEffect`. Never repeats a request by itself, except after a 401, which has certainly done nothing.
 *
 * @public
 */
export interface KubernetesWriter {
  /**
   * Merges a patch (RFC 7386) into an object that is as the caller knows it: the API server refuses it where the object has changed since.
   *
   * @param patch - `resourceVersion` is the one that the patch rests on
   * @throws KubernetesWriteError
   */
  patch(
    name: KubernetesObjectName,
    patch: {
      resourceVersion: string;
      change: JsonObject;
      subresource?: 'status';
    },
    options: { signal: AbortSignal },
  ): Promise<PatchedObject>;
}
