import { identityOf } from '../identity';
import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { Registry } from '../store/Registry';
import { KubernetesObject } from '../types';
import { Controller, ControlPlane } from './ControlPlane';
import { OwnerQueue } from './OwnerQueue';

const VOLUME = resourceOfKind('v1', 'PersistentVolume')!;
const COMPONENT = 'persistentvolume-controller';
const PROVISIONER = 'ebs.csi.aws.com';

/** Gives PersistentVolumeClaims their volumes: at once, or when a pod that wants them is placed, or never if their class is not there. */
export class VolumeController implements Controller {
  readonly #plane: ControlPlane;
  readonly #queue: OwnerQueue;
  readonly #stop: () => void;

  static create(plane: ControlPlane): VolumeController {
    return new VolumeController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
      owned: [],
      sync: claim => this.#sync(claim),
    });
    this.#stop = plane.registry.storage.subscribe(({ type, object }) => {
      if (object.kind === 'StorageClass') {
        plane.registry.storage
          .list({ group: '', kind: 'PersistentVolumeClaim' })
          .forEach(claim => this.#queue.again(claim, 100));
      } else if (
        object.kind === 'PersistentVolumeClaim' &&
        type === 'DELETED'
      ) {
        this.#release(object);
      }
    });
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  #sync(claim: KubernetesObject): void {
    if (claim.status?.phase !== 'Pending' || claim.metadata.deletionTimestamp) {
      return;
    }
    const storageClass = classOf(this.#plane.registry, claim);
    const note = (
      type: 'Normal' | 'Warning',
      reason: string,
      message: string,
    ) =>
      this.#plane.events.record({
        about: claim,
        type,
        reason,
        message,
        component: COMPONENT,
      });
    if (!storageClass) {
      note(
        'Warning',
        'ProvisioningFailed',
        `storageclass.storage.k8s.io "${
          claim.spec.storageClassName ?? ''
        }" not found`,
      );
    } else if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') {
      note(
        'Normal',
        'WaitForFirstConsumer',
        'waiting for first consumer to be created before binding',
      );
    } else {
      provision(this.#plane, claim);
    }
  }

  #release(claim: KubernetesObject): void {
    const { storage } = this.#plane.registry;
    const volume = storage.get(VOLUME, undefined, claim.spec.volumeName ?? '');
    if (volume && volume.spec.claimRef?.uid === claim.metadata.uid) {
      storage.remove(VOLUME, volume);
    }
  }
}

function classOf(
  registry: Registry,
  claim: KubernetesObject,
): KubernetesObject | undefined {
  const classes = registry.storage.list({
    group: 'storage.k8s.io',
    kind: 'StorageClass',
  });
  const name = claim.spec.storageClassName;
  return classes.find(({ metadata }) =>
    name === undefined
      ? metadata.annotations?.[
          'storageclass.kubernetes.io/is-default-class'
        ] === 'true'
      : metadata.name === name,
  );
}

function claimsOf(registry: Registry, pod: KubernetesObject) {
  return ((pod.spec.volumes ?? []) as Json[])
    .filter(volume => volume.persistentVolumeClaim)
    .map(volume => {
      const name: string = volume.persistentVolumeClaim.claimName;
      const claim = registry.get({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: pod.metadata.namespace,
        name,
      });
      return { name, claim };
    });
}

/** What of a pod's claims keeps it from being placed, in the scheduler's words. */
export function claimProblem(
  registry: Registry,
  pod: KubernetesObject,
): string | undefined {
  for (const { name, claim } of claimsOf(registry, pod)) {
    if (!claim) {
      return `persistentvolumeclaim "${name}" not found`;
    }
    if (
      claim.status?.phase === 'Pending' &&
      classOf(registry, claim)?.volumeBindingMode !== 'WaitForFirstConsumer'
    ) {
      return 'pod has unbound immediate PersistentVolumeClaims';
    }
  }
  return undefined;
}

/** Provides the volumes that a pod's claims have waited with until it is placed. */
export function bindClaims(
  plane: ControlPlane,
  pod: KubernetesObject,
  node: KubernetesObject,
): void {
  for (const { claim } of claimsOf(plane.registry, pod)) {
    if (claim?.status?.phase === 'Pending') {
      provision(plane, claim, node);
    }
  }
}

function provision(
  { registry, events }: ControlPlane,
  claim: KubernetesObject,
  node?: KubernetesObject,
): void {
  const storageClass = classOf(registry, claim)!;
  const name = `pvc-${claim.metadata.uid}`;
  const capacity = claim.spec.resources?.requests ?? {};
  const { accessModes, volumeMode } = claim.spec;
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  const { apiVersion, kind, metadata } = claim;
  const volume = registry.create(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name,
        annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER },
      },
      spec: {
        accessModes,
        capacity,
        claimRef: {
          apiVersion,
          kind,
          name: metadata.name,
          namespace: metadata.namespace,
          resourceVersion: metadata.resourceVersion,
          uid: metadata.uid,
        },
        csi: {
          driver: PROVISIONER,
          fsType: 'ext4',
          volumeHandle: `vol-${String(metadata.uid)
            .replace(/-/g, '')
            .slice(0, 17)}`,
        },
        ...(zone
          ? {
              nodeAffinity: {
                required: {
                  nodeSelectorTerms: [
                    {
                      matchExpressions: [
                        {
                          key: 'topology.kubernetes.io/zone',
                          operator: 'In',
                          values: [zone],
                        },
                      ],
                    },
                  ],
                },
              },
            }
          : {}),
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
        storageClassName: storageClass.metadata.name,
        volumeMode,
      },
    },
    { manager: 'csi-provisioner' },
  );
  registry.replaceStatus(volume, { phase: 'Bound' }, COMPONENT);
  const bound = registry.modify(
    identityOf(claim),
    { manager: COMPONENT },
    live => ({
      ...live,
      metadata: {
        ...live.metadata,
        annotations: {
          ...live.metadata.annotations,
          'pv.kubernetes.io/bind-completed': 'yes',
        },
      },
      spec: {
        ...live.spec,
        storageClassName: storageClass.metadata.name,
        volumeName: name,
      },
      status: { accessModes, capacity, phase: 'Bound' },
    }),
  );
  events.record({
    about: bound ?? claim,
    type: 'Normal',
    reason: 'ProvisioningSucceeded',
    message: `Successfully provisioned volume ${name}`,
    component: PROVISIONER,
  });
}
