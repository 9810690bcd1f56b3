import {
  ClusterStore,
  KubernetesObject,
  StoreEvent,
} from '../kubernetes/types';
import { keyOf, keyText, trackedBy } from './types';

/** Kinds that Applications of the world deploy. */
const MANAGED_KINDS = [
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
];
/** Kinds that those own, oldest ancestors first. */
const OWNED_KINDS = [
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Pod' },
];

/**
 * Which live objects of a cluster belong to which Application: those that carry its mark, and what these own. Argo CD's cluster cache.
 */
export class ManagedObjects {
  readonly #store: ClusterStore;
  readonly #changed: (application: string) => void;
  /** Marked objects by Application and key. */
  readonly #roots = new Map<string, Map<string, KubernetesObject>>();
  /** Application by the uid of each of its objects, owned ones too. */
  readonly #byUid = new Map<string, string>();
  readonly #stop: () => void;

  static create(options: {
    store: ClusterStore;
    changed(application: string): void;
  }): ManagedObjects {
    return new ManagedObjects(options);
  }

  private constructor(options: {
    store: ClusterStore;
    changed(application: string): void;
  }) {
    this.#store = options.store;
    this.#changed = options.changed;
    for (const kind of [...MANAGED_KINDS, ...OWNED_KINDS]) {
      for (const object of this.#store.list(kind)) {
        this.#take({ type: 'ADDED', object });
      }
    }
    this.#stop = this.#store.watch(event => {
      const application = this.#take(event);
      // Argo CD hears of nothing while the cluster is down.
      if (application && this.#store.reachable) {
        this.#changed(application);
      }
    });
  }

  /** Live objects that carry an Application's mark. */
  of(application: string): KubernetesObject[] {
    return [...(this.#roots.get(application)?.values() ?? [])];
  }

  close(): void {
    this.#stop();
  }

  #take({ type, object }: StoreEvent): string | undefined {
    const uid = object.metadata.uid ?? '';
    const known = this.#byUid.get(uid);
    const mark = trackedBy(object);
    const application = mark ?? this.#applicationOfOwner(object);
    if (known && (known !== application || type === 'DELETED')) {
      this.#byUid.delete(uid);
      this.#roots.get(known)?.delete(keyText(keyOf(object)));
    }
    if (application && type !== 'DELETED') {
      this.#byUid.set(uid, application);
      if (mark) {
        const roots =
          this.#roots.get(mark) ?? new Map<string, KubernetesObject>();
        roots.set(keyText(keyOf(object)), object);
        this.#roots.set(mark, roots);
      }
    }
    return application ?? known;
  }

  #applicationOfOwner(object: KubernetesObject): string | undefined {
    return object.metadata.ownerReferences
      ?.map(owner => this.#byUid.get(owner.uid))
      .find(Boolean);
  }
}
