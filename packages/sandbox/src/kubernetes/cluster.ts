import type { Behaviours } from '../world/behaviours';
import type { WorldClock } from '../world/clock';
import type { PullImage } from '../world/images';
import type { Ledger } from '../world/Ledger';
import type { ClusterFaults } from './ClusterFaults';
import type { ClusterUser } from './rbac/types';
import type { ClusterStore, KubernetesObject } from './types';

export interface ClusterOptions {
  name: string;
  /** `1.34.2` */
  version: string;
  /** Bearer token of the administrator, who may do everything. */
  token: string;
  /** Others by their tokens; what they may do stands in the cluster's Roles. */
  users?: Readonly<Record<string, ClusterUser>>;
  /** 0 takes any free port. */
  port: number;
  clock: WorldClock;
  /** The same seed gives the same names, uids and addresses. */
  seed: number;
  /** Database that the cluster's migrations change; clusters of one environment share theirs. */
  database: string;
  ledger: Ledger;
  /** The registries, as the nodes see them. */
  pullImage: PullImage;
  behaviours: Behaviours;
  /** Told of each request for a verb that the sandbox does not have. */
  unimplemented: { count(verb: string): void };
  /** Told of each request, as `list pods` or `get pods/log`, and whether the rules allow it. What a fault forbids is not among it. */
  audit?(user: string, what: string, isAllowed: boolean): void;
  /** File that keeps the cluster over a restart. Without it nothing is kept. */
  file?: string;
}

/** One cluster of the world, running. */
export interface SandboxCluster {
  readonly name: string;
  readonly version: string;
  /** `http://127.0.0.1:6443` */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** True if there was no file to continue from. */
  readonly isNew: boolean;
  readonly store: ClusterStore;
  readonly faults: ClusterFaults;
  /** Creates an object as it is, without the note of an apply. Throws ApiError. */
  add(object: KubernetesObject, options: { manager: string }): KubernetesObject;
  /** Writes what changed to the cluster's file, now rather than soon. */
  save(): void;
  /** Writes what changed, ends connections, stops. */
  close(): Promise<void>;
}
