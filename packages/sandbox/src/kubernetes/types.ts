/** Any Kubernetes object, as JSON. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: Array<{
      apiVersion: string;
      kind: string;
      name: string;
      uid: string;
      controller?: boolean;
    }>;
    [key: string]: unknown;
  };
  spec?: any;
  status?: any;
  [key: string]: any;
}

export interface ObjectIdentity {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

export type StoreEvent = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
};

/**
 * One cluster of the world, as its own controllers, the HTTP API and Argo CD's controller see it. Objects handed out must not be changed.
 */
export interface ClusterStore {
  readonly name: string;
  readonly version: string;
  /** False while the fault 'cluster down' is on: Argo CD gets a connection refused then. */
  readonly reachable: boolean;
  get(identity: ObjectIdentity): KubernetesObject | undefined;
  list(query: {
    apiVersion: string;
    kind: string;
    namespace?: string;
    labels?: Record<string, string>;
  }): KubernetesObject[];
  /**
   * Three-way apply as `kubectl apply` does it: creates, or merges what the manifest sets and removes what it no longer sets. With `serverSide` the
   * manager owns what it applies, and takes it from others.
   */
  apply(
    manifest: KubernetesObject,
    options: { manager: string; serverSide?: boolean },
  ): { object: KubernetesObject; changed: boolean };
  /** Whether apply would change the live object: Argo CD's OutOfSync. */
  differs(manifest: KubernetesObject): boolean;
  /** The live object as it would be after an apply, without the note of it; nothing is changed. */
  preview(manifest: KubernetesObject): KubernetesObject;
  /** Changes a live object and its status, as a patch of both does. */
  edit(
    identity: ObjectIdentity,
    change: (draft: KubernetesObject) => void,
    options: { manager: string },
  ): KubernetesObject;
  delete(identity: ObjectIdentity): boolean;
  /** Called after each change. Returns the way to stop. */
  watch(listener: (event: StoreEvent) => void): () => void;
}
