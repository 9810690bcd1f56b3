import { ApplicationRow, JobRow, PodRow, WorkloadRow } from '../rows';

/**
 * Something about an entity's annotations that a person has to put right, ready to show.
 *
 * @public
 */
export interface MappingProblem {
  /** For example `argocd/app-name`. */
  what: string;
  why: string;
  /** What would be right, to copy. */
  example?: string;
}

/** An image as a container names it. @public */
export interface TargetImage {
  container: string;
  image: string;
  tag?: string;
  digest?: string;
}

/** @public */
export interface TargetVersion {
  /** The tag without the service's prefix, or the shortened digest. Undefined where nothing runs or several images are equal candidates. */
  version?: string;
  /** The images that count, as they are written; several where none is the version. */
  images: TargetImage[];
}

/**
 * Whether a target agrees to be acted on, and read in depth, by an entity.
 *
 * @public
 */
export interface TargetConsent {
  given: boolean;
  by?: 'annotation' | 'binding';
  /** What gives it, or what would have to be added where. Ready to show. */
  why: string;
}

/** Why a pod is not ready. @public */
export interface PodProblem {
  code:
    | 'unschedulable'
    | 'volume'
    | 'image-pull'
    | 'config'
    | 'crash'
    | 'out-of-memory'
    | 'probe'
    | 'init'
    | 'starting'
    | 'failed'
    | 'node'
    | 'terminating'
    | 'not-ready';
  /** One sentence that begins with the word of Kubernetes. */
  text: string;
  /** What the registry, the container or the scheduler said, at length. */
  detail?: string;
  container?: string;
  /** True for what ends by itself in normal life: starting, terminating. */
  passing: boolean;
}

/** @public */
export interface TargetPod {
  row: PodRow;
  /** It belongs to an older template than its workload wants. */
  old: boolean;
  /** Of the container that is the version, else undefined. */
  image?: TargetImage;
  /** As people say it, of that image. */
  version?: string;
  problem?: PodProblem;
}

/**
 * A workload of an entity with its pods. Where the fleet does not know the owner of pods, the ReplicaSet or the pod stands for it.
 *
 * @public
 */
export interface TargetWorkload {
  row: WorkloadRow | JobRow | PodRow;
  consent: TargetConsent;
  /** For example 'ProgressDeadlineExceeded: …'. */
  problem?: string;
  pods: TargetPod[];
}

/** Where Argo CD's destination is in the fleet. @public */
export type ClusterJoin =
  | { joined: true; cluster: string; by: 'url' | 'name' | 'alias' }
  /** `destination` is Argo CD's word for it. */
  | { joined: false; destination: string; why: string };

/**
 * An entity in one environment, cluster and namespace, by one Application or without any.
 *
 * @public
 */
export interface TargetDeployment {
  /** Stable over time. */
  id: string;
  environment: string;
  /** Of the fleet; undefined where the destination cannot be joined. */
  cluster?: string;
  unjoined?: Extract<ClusterJoin, { joined: false }>;
  namespace?: string;
  application?: ApplicationRow;
  /** Of the Application; without one, of the workloads: given if all of them agree. */
  consent: TargetConsent;
  /** What is wanted: of the workloads' templates; of the Application's images where the fleet sees no workload. */
  version: TargetVersion;
  workloads: TargetWorkload[];
  /** Jobs that ended well, the newest first, with their pods: nothing that runs, yet what they said may be asked for. */
  endedJobs: TargetWorkload[];
}

/** @public */
export interface EntityDeployments {
  /** By environment in the order of the config, cluster, namespace and name. */
  deployments: TargetDeployment[];
  problems: MappingProblem[];
}
