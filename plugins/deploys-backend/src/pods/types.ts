import { CompoundEntityRef, Entity } from '@backstage/catalog-model';
import {
  PodEvents,
  PodsMetrics,
} from '@switchyard/backstage-plugin-deploys-common';
import { CallOptions, LogOptions, LogsPlace } from '../service/types';

/** A workload of an entity. */
export interface WorkloadRequest {
  entityRef: CompoundEntityRef;
  cluster: string;
  namespace: string;
  /** Kind and name; a pod without an owner stands for itself. */
  workload: { kind: string; name: string };
}

/** The logs of a workload as one: of all its pods or of some, of one container or of all. */
export interface MergedLogRequest extends WorkloadRequest, LogOptions {
  /** Empty for all. */
  pods: string[];
  container?: string;
}

/** What is answered about the pods of an entity beside its state. Entities are loaded with the caller's credentials. */
export interface PodService {
  /**
   * Records of a merged log, each a line of JSON. It ends with the signal.
   *
   * @throws NotFoundError when the workload is none of the entity's; NotAllowedError
   */
  openMergedLog(
    request: MergedLogRequest,
    options: CallOptions,
  ): Promise<AsyncIterable<string>>;
  /** @throws NotFoundError when the pod is none of the entity's; NotAllowedError */
  listEvents(
    request: {
      entityRef: CompoundEntityRef;
      cluster: string;
      namespace: string;
      pod: string;
    },
    options: CallOptions,
  ): Promise<PodEvents>;
  /** @throws NotFoundError when the catalog has no such entity for this caller */
  readMetrics(
    request: { entityRef: CompoundEntityRef },
    options: CallOptions,
  ): Promise<PodsMetrics>;
}

/** Where a workload of an entity runs that agrees to it. */
export interface FoundWorkload extends LogsPlace {
  entity: Entity;
}

/** {@link PodService} before permissions are asked. */
export interface UncheckedPodService
  extends Pick<PodService, 'listEvents' | 'readMetrics'> {
  /** @throws NotFoundError, ServiceUnavailableError */
  loadEntity(
    entityRef: CompoundEntityRef,
    options: CallOptions,
  ): Promise<Entity>;
  /**
   * `check` is asked as soon as it is known where the workload runs, and throws what the caller is to get.
   *
   * @throws NotFoundError when the workload or a pod is none of the entity's; NotAllowedError without consent
   */
  findWorkload(
    request: MergedLogRequest,
    options: CallOptions & { check(entity: Entity, place: LogsPlace): void },
  ): Promise<FoundWorkload>;
  /**
   * Looks at the workload anew, by the entity that `found` has now. One that is gone for a moment, as when it is made anew, is nothing.
   *
   * @throws NotAllowedError when consent was taken back, or the workload is there and none of the entity's any more
   */
  requireWorkload(found: FoundWorkload, request: WorkloadRequest): void;
  /**
   * The entity of `found` may be replaced while it is read: what the log has to do with it is looked at with every change.
   *
   * @throws TooManyRequestsError, ServiceUnavailableError
   */
  openMergedLog(
    found: FoundWorkload,
    request: MergedLogRequest,
    options: CallOptions,
  ): Promise<AsyncIterable<string>>;
}
