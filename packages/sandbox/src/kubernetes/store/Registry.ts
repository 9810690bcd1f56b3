import { Random } from '../../world/Random';
import { WorldClock } from '../../world/clock';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  notFound,
  qualified,
  unimplemented,
} from '../ApiError';
import { clone, deepEqual, Json, tidied } from '../json';
import { resourceOfKind, ResourceType, storageOf } from '../resources';
import { ResourceTypes } from '../ResourceTypes';
import { timestamp } from '../time';
import { KubernetesObject, ObjectIdentity } from '../types';
import { admit, qosClassOf } from './admission';
import { setDefaults } from './defaults';
import {
  ManagedFieldsEntry,
  managedFieldsOf,
  ownedBy,
  withManagedFields,
} from './managedFields';
import {
  DeleteOptions,
  finalizersOnDelete,
  graceOf,
  isFinished,
} from './deletion';
import { applyLimitRanges } from './limitRanges';
import { checkQuotas } from './quota';
import { appliedFirst, applyFields } from './serverSideApply';
import { Storage } from './Storage';
import { validate } from './validate';

export interface WriteOptions {
  /** Name under which managedFields has the writer. */
  manager: string;
  /** Do everything but store. */
  dryRun?: boolean;
  subresource?: string;
  /** Who owns what from now on; worked out from what the write changes when absent. */
  managedFields?: ManagedFieldsEntry[];
}

export interface RegistryOptions {
  storage: Storage;
  clock: WorldClock;
  random: Random;
  /** `34` of Kubernetes 1.34. */
  minorVersion: number;
}

/** The rules by which objects are made, changed and deleted, whoever asks: the HTTP API, the controllers, Argo CD. */
export class Registry {
  readonly storage: Storage;
  readonly types: ResourceTypes;
  readonly #clock: WorldClock;
  readonly #random: Random;
  readonly #minorVersion: number;

  static create(options: RegistryOptions): Registry {
    return new Registry(options);
  }

  private constructor(options: RegistryOptions) {
    this.storage = options.storage;
    this.types = ResourceTypes.create({ storage: options.storage });
    this.#clock = options.clock;
    this.#random = options.random;
    this.#minorVersion = options.minorVersion;
  }

  get(identity: ObjectIdentity): KubernetesObject | undefined {
    const resource = this.types.ofKind(identity.apiVersion, identity.kind);
    return (
      resource &&
      this.storage.get(storageOf(resource), identity.namespace, identity.name)
    );
  }

  /** Throws ApiError: 404 for a namespace that is not there, 409 for a name that is taken, 422 for what is not valid. */
  create(given: KubernetesObject, options: WriteOptions): KubernetesObject {
    const resource = this.#writable(given, 'create');
    const object = clone(given);
    object.metadata ??= { name: '' };
    const { metadata } = object;
    if (!metadata.name && typeof metadata.generateName === 'string') {
      metadata.name = `${metadata.generateName.slice(
        0,
        58,
      )}${this.#random.suffix()}`;
    }
    this.#checkNamespace(resource, object);
    const now = timestamp(this.#clock.now());
    metadata.uid = this.#random.uuid();
    metadata.creationTimestamp = now;
    delete metadata.deletionTimestamp;
    delete metadata.resourceVersion;
    delete metadata.selfLink;
    delete metadata.managedFields;
    if (this.#countsGenerations(resource)) {
      metadata.generation = 1;
    }
    if (resource.hasStatus && resource.kind !== 'Node') {
      delete object.status;
    }
    setDefaults(object);
    if (resource.kind === 'Pod') {
      applyLimitRanges(this.storage, object);
    }
    this.#setFirstStatus(object);
    validate(resource, object);
    if (this.storage.get(resource, metadata.namespace, metadata.name)) {
      throw alreadyExists(resource, metadata.name);
    }
    if (resource.kind === 'Pod') {
      checkQuotas(this.storage, object);
    }
    admit(object, {
      suffix: () => this.#random.suffix(),
      serviceAddress: () =>
        `10.96.${Math.floor(this.#random.fraction() * 250)}.${
          2 + Math.floor(this.#random.fraction() * 250)
        }`,
    });
    const owned = options.managedFields
      ? ownedBy(object, options.managedFields)
      : withManagedFields(undefined, object, {
          manager: options.manager,
          time: now,
        });
    return options.dryRun ? owned : this.storage.put(resource, owned);
  }

  /**
   * Replaces an object, or its status. A `resourceVersion` in the object must be the live one. An update that changes nothing stores nothing.
   */
  update(given: KubernetesObject, options: WriteOptions): KubernetesObject {
    const resource = this.#writable(given, 'update');
    const { namespace, name, uid, resourceVersion } = given.metadata;
    const before = this.storage.get(resource, namespace, name);
    if (!before) {
      throw notFound(resource, name);
    }
    if (uid && uid !== before.metadata.uid) {
      throw conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
      );
    }
    if (
      resourceVersion &&
      resourceVersion !== before.metadata.resourceVersion
    ) {
      throw conflict(resource, name);
    }
    const object = clone(given);
    if (options.subresource === 'status') {
      return this.replace(
        before,
        { ...before, status: object.status },
        options,
      );
    }
    const { metadata } = object;
    const fixed = before.metadata;
    object.metadata = {
      ...metadata,
      uid: fixed.uid,
      creationTimestamp: fixed.creationTimestamp,
      generation: fixed.generation,
      deletionTimestamp: fixed.deletionTimestamp,
      deletionGracePeriodSeconds: fixed.deletionGracePeriodSeconds,
      generateName: fixed.generateName,
    };
    if (resource.hasStatus) {
      object.status = before.status;
    }
    setDefaults(object);
    if (resource.kind === 'Service' && object.spec.type !== 'ExternalName') {
      object.spec.clusterIP ??= before.spec.clusterIP;
      object.spec.clusterIPs ??= before.spec.clusterIPs;
    }
    validate(resource, object, before);
    return this.#replace(
      before,
      object,
      options,
      givenManagers(given) ?? managedFieldsOf(before),
    );
  }

  /**
   * Server-side apply: makes the object, or merges into the live one what its manager applies.
   *
   * @throws ApiError 409 where others have written it differently, unless forced
   */
  apply(
    given: KubernetesObject,
    options: WriteOptions & { force: boolean },
  ): { object: KubernetesObject; isNew: boolean } {
    const resource = this.#writable(given, 'apply');
    const { namespace, name, uid } = given.metadata;
    const { force, ...writing } = options;
    const write = { ...writing, time: timestamp(this.#clock.now()) };
    const live = this.storage.get(resource, namespace, name);
    if (!live) {
      if (options.subresource) {
        throw notFound(resource, name);
      }
      if (uid) {
        throw conflict(
          resource,
          name,
          `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
        );
      }
      const managedFields = appliedFirst(given, write);
      return {
        object: this.create(given, { ...writing, managedFields }),
        isNew: true,
      };
    }
    const { object, managedFields } = applyFields(live, given, {
      ...write,
      force,
    });
    return {
      object: this.update(object, { ...writing, managedFields }),
      isNew: false,
    };
  }

  /**
   * Stores a change to a live object without asking whether it is allowed: what only the server's own parts do, as binding a pod to a node.
   */
  replace(
    before: KubernetesObject,
    after: KubernetesObject,
    options: WriteOptions,
  ): KubernetesObject {
    return this.#replace(before, after, options, managedFieldsOf(before));
  }

  /** Stores another status of a live object, as {@link Registry.replace} does. */
  replaceStatus(
    live: KubernetesObject,
    status: Json,
    manager: string,
  ): KubernetesObject {
    return this.replace(
      live,
      { ...live, status },
      { manager, subresource: 'status' },
    );
  }

  #replace(
    before: KubernetesObject,
    after: KubernetesObject,
    options: WriteOptions,
    /** Who owned what before this write. */
    earlier: ManagedFieldsEntry[],
  ): KubernetesObject {
    const resource = this.#writable(before, 'update');
    const bare = ownedBy(after, options.managedFields ?? earlier);
    bare.metadata.resourceVersion = before.metadata.resourceVersion;
    const next = tidied(bare, before);
    if (deepEqual(before, next)) {
      return before;
    }
    if (
      this.#countsGenerations(resource) &&
      !deepEqual(before.spec, next.spec)
    ) {
      next.metadata.generation = (before.metadata.generation ?? 0) + 1;
    }
    const owned = options.managedFields
      ? next
      : withManagedFields(ownedBy(before, earlier), next, {
          manager: options.manager,
          time: timestamp(this.#clock.now()),
          subresource: options.subresource,
        });
    if (options.dryRun) {
      return owned;
    }
    return isFinished(owned)
      ? this.storage.remove(resource, owned)
      : this.storage.put(resource, owned);
  }

  /** Reads, changes and writes an object in one go. Undefined when it is not there or `change` answers undefined. */
  modify(
    identity: ObjectIdentity,
    options: WriteOptions,
    change: (object: KubernetesObject) => KubernetesObject | undefined,
  ): KubernetesObject | undefined {
    const before = this.get(identity);
    const after = before && change(before);
    return before && after ? this.replace(before, after, options) : undefined;
  }

  /**
   * Deletes as the API does: at once, or by marking the object for those who must let go of it first (a pod's kubelet, finalizers, a namespace's
   * content).
   *
   * @returns the object as it is now, and whether it is gone
   */
  delete(
    resource: ResourceType,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): { object: KubernetesObject; gone: boolean } {
    const object = this.storage.get(resource, namespace, name);
    if (!object) {
      throw notFound(resource, name);
    }
    const { preconditions } = options;
    if (preconditions?.uid && preconditions.uid !== object.metadata.uid) {
      throw conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${object.metadata.uid}`,
      );
    }
    if (
      preconditions?.resourceVersion &&
      preconditions.resourceVersion !== object.metadata.resourceVersion
    ) {
      throw conflict(resource, name);
    }
    if (
      resource.kind === 'Namespace' &&
      ['default', 'kube-system', 'kube-public', 'kube-node-lease'].includes(
        name,
      )
    ) {
      throw forbidden(resource, name, 'this namespace may not be deleted');
    }
    const finalizers = finalizersOnDelete(object, options.propagation);
    const grace = graceOf(object, options);
    const isWaiting =
      finalizers.length > 0 || grace > 0 || resource.kind === 'Namespace';
    if (options.dryRun) {
      return { object, gone: !isWaiting };
    }
    if (!isWaiting) {
      return { object: this.storage.remove(resource, object), gone: true };
    }
    const marked = clone(object);
    const until = new Date(
      this.#clock.now().getTime() + (grace * 1000) / this.#clock.speed,
    );
    const known = object.metadata.deletionTimestamp;
    if (!known || new Date(known) > until) {
      marked.metadata.deletionTimestamp = timestamp(until);
      marked.metadata.deletionGracePeriodSeconds = grace;
    }
    marked.metadata.finalizers = finalizers.length > 0 ? finalizers : undefined;
    if (resource.kind === 'Namespace') {
      marked.status = { ...marked.status, phase: 'Terminating' };
    }
    if (!known && this.#countsGenerations(resource)) {
      marked.metadata.generation = (marked.metadata.generation ?? 0) + 1;
    }
    const next = clone(marked);
    return deepEqual(next, object)
      ? { object, gone: false }
      : { object: this.storage.put(resource, next), gone: false };
  }

  /** Takes an object away for good: the last word of the kubelet and of the namespace controller. Finalizers still hold it. */
  finish(identity: ObjectIdentity): void {
    const resource = this.types.ofKind(identity.apiVersion, identity.kind);
    const object =
      resource && this.storage.get(resource, identity.namespace, identity.name);
    if (!resource || !object) {
      return;
    }
    const { finalizers } = object.metadata as { finalizers?: string[] };
    if ((finalizers ?? []).length > 0) {
      this.storage.put(resource, {
        ...object,
        metadata: { ...object.metadata, deletionGracePeriodSeconds: 0 },
      });
    } else {
      this.storage.remove(resource, object);
    }
  }

  #countsGenerations(resource: ResourceType): boolean {
    // Pods count since 1.33.
    return (
      resource.hasGeneration &&
      (resource.kind !== 'Pod' || this.#minorVersion >= 33)
    );
  }

  #checkNamespace(resource: ResourceType, object: KubernetesObject): void {
    const { namespace, name } = object.metadata;
    if (!resource.namespaced) {
      delete object.metadata.namespace;
      return;
    }
    if (!namespace) {
      throw badRequest(`an empty namespace may not be set during creation`);
    }
    const namespaces = resourceOfKind('v1', 'Namespace')!;
    const home = this.storage.get(namespaces, undefined, namespace);
    if (!home) {
      throw notFound(namespaces, namespace);
    }
    if (home.metadata.deletionTimestamp) {
      throw forbidden(
        resource,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      );
    }
  }

  #setFirstStatus(object: KubernetesObject): void {
    if (object.kind === 'Pod') {
      object.status = { phase: 'Pending', qosClass: qosClassOf(object.spec) };
    } else if (object.kind === 'Namespace') {
      object.status = { phase: 'Active' };
    } else if (object.kind === 'Service') {
      object.status = { loadBalancer: {} };
    } else if (['Deployment', 'Job', 'CronJob'].includes(object.kind)) {
      object.status = {};
    } else if (['ReplicaSet', 'StatefulSet'].includes(object.kind)) {
      object.status = { replicas: 0 };
    } else if (object.kind === 'PersistentVolumeClaim') {
      object.status = { phase: 'Pending' };
    } else if (object.kind === 'PersistentVolume') {
      object.status = { phase: 'Pending' };
    } else if (object.kind === 'Ingress') {
      object.status = { loadBalancer: {} };
    }
  }

  #writable(object: KubernetesObject, verb: string): ResourceType {
    const resource = this.types.ofKind(object.apiVersion, object.kind);
    if (!resource) {
      throw unimplemented(`${verb} ${object.kind} of ${object.apiVersion}`);
    }
    if (resource.emptyOnly || resource.isComputed) {
      throw unimplemented(`${verb} ${qualified(resource)}`);
    }
    return storageOf(resource);
  }
}

/** Managers as a client sends them with an update, to move fields from one to another; an empty list, or one empty entry, forgets them all. */
function givenManagers({
  metadata: { managedFields },
}: KubernetesObject): ManagedFieldsEntry[] | undefined {
  return Array.isArray(managedFields)
    ? managedFields.filter(entry => Object.keys(entry).length > 0)
    : undefined;
}
