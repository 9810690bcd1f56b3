/** Something that Kubernetes said about a pod, or about what made it. @public */
export interface PodEvent {
  /** Normal or Warning. */
  type: string;
  reason: string;
  message: string;
  /** How often it was said. */
  count: number;
  firstAt: string;
  lastAt: string;
  about: { kind: string; name: string };
  /** Where it is about one container. */
  container?: string;
}

/**
 * Answer of `GET /v1/entities/:kind/:namespace/:name/pods/:cluster/:podNamespace/:pod/events`.
 *
 * @public
 */
export interface PodEvents {
  /** Of the pod, its ReplicaSet or Job, and its workload; newest last. Clusters keep events for an hour, as a rule. */
  items: PodEvent[];
  /** Whether events of the cluster can be read at all; 'none' is said only then. */
  readable: boolean;
}

/** What a container uses, asks for and may use. CPU in cores, memory in bytes; left out where it is not known or not set. @public */
export interface ContainerUsage {
  name: string;
  cpu?: number;
  memory?: number;
  cpuRequest?: number;
  cpuLimit?: number;
  memoryRequest?: number;
  memoryLimit?: number;
}

/** Whether the metrics of a namespace could be read. @public */
export interface MetricsPlace {
  cluster: string;
  namespace: string;
  /**
   * `none`: the cluster has no metrics API; `not-readable`: the portal may not read it; `unavailable`: it does not answer, what was measured shortly before
   * is shown.
   */
  state: 'read' | 'none' | 'not-readable' | 'unavailable';
  /** Ready to show. */
  why?: string;
  /** When the cluster was asked. */
  asOf?: string;
}

/**
 * Answer of `GET /v1/entities/:kind/:namespace/:name/metrics`: what the pods of an entity use.
 *
 * @public
 */
export interface PodsMetrics {
  places: MetricsPlace[];
  /** By uid of the pod. */
  pods: Record<string, ContainerUsage[]>;
}
