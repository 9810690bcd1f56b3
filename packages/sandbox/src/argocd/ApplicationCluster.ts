import { threeWayMerge } from '../kubernetes/patch/strategicMerge';
import {
  ClusterStore,
  KubernetesObject,
  ObjectIdentity,
  StoreEvent,
} from '../kubernetes/types';
import { ApplicationStore } from './ApplicationStore';
import { newApplication } from './newApplication';
import { timestamp } from './OperationRunner';
import { Application, applicationKey } from './types';

const API_VERSION = 'argoproj.io/v1alpha1';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The address by which every Argo CD knows the cluster that it runs in. */
export const IN_CLUSTER = {
  server: 'https://kubernetes.default.svc',
  name: 'in-cluster',
} as const;

/**
 * The cluster that Argo CD runs in, as far as it holds Applications: what an Application deploys there are Applications (app of apps). It is no cluster of
 * the fleet.
 */
export class ApplicationCluster implements ClusterStore {
  readonly name = IN_CLUSTER.name;
  readonly version = '1.34.4';
  readonly reachable = true;
  readonly #applications: ApplicationStore;
  readonly #now: () => Date;

  static create(options: {
    applications: ApplicationStore;
    now(): Date;
  }): ApplicationCluster {
    return new ApplicationCluster(options);
  }

  private constructor(options: {
    applications: ApplicationStore;
    now(): Date;
  }) {
    this.#applications = options.applications;
    this.#now = options.now;
  }

  get({ kind, name, namespace }: ObjectIdentity): KubernetesObject | undefined {
    const application =
      kind === 'Application'
        ? this.#applications.get(applicationKey(name, namespace))
        : undefined;
    return application && asObject(application);
  }

  list(query: { kind: string; namespace?: string }): KubernetesObject[] {
    return query.kind === 'Application'
      ? this.#applications
          .list()
          .filter(
            ({ metadata }) =>
              !query.namespace || metadata.namespace === query.namespace,
          )
          .map(asObject)
      : [];
  }

  apply(manifest: KubernetesObject): {
    object: KubernetesObject;
    changed: boolean;
  } {
    this.#needApplication(manifest);
    const live = this.#live(manifest);
    const wanted: KubernetesObject = {
      ...manifest,
      metadata: {
        ...manifest.metadata,
        annotations: {
          ...manifest.metadata.annotations,
          [LAST_APPLIED]: JSON.stringify(manifest),
        },
      },
    };
    if (!live) {
      this.#applications.add(newApplication(wanted, this.#now()));
      return { object: this.#live(manifest)!, changed: true };
    }
    if (!this.differs(manifest)) {
      return { object: live, changed: false };
    }
    return {
      object: this.edit(identityOf(manifest), draft => {
        Object.assign(draft, merged(wanted, live));
      }),
      changed: true,
    };
  }

  differs(manifest: KubernetesObject): boolean {
    const live = this.#live(manifest);
    return (
      !live ||
      JSON.stringify(sorted(this.preview(manifest))) !==
        JSON.stringify(sorted(live))
    );
  }

  preview(manifest: KubernetesObject): KubernetesObject {
    const live = this.#live(manifest);
    return live ? merged(manifest, live) : manifest;
  }

  edit(
    { name, namespace }: ObjectIdentity,
    change: (draft: KubernetesObject) => void,
  ): KubernetesObject {
    const application = this.#applications.update(
      applicationKey(name, namespace),
      draft => {
        const { uid, resourceVersion, generation } = draft.metadata;
        change(draft as unknown as KubernetesObject);
        Object.assign(draft.metadata, { uid, resourceVersion, generation });
        const object = draft as Partial<KubernetesObject>;
        delete object.apiVersion;
        delete object.kind;
      },
    );
    return asObject(application);
  }

  delete({ name, namespace }: ObjectIdentity): boolean {
    const key = applicationKey(name, namespace);
    const application = this.#applications.get(key);
    if (!application) {
      return false;
    }
    this.#applications.markDeleted(key, {
      at: timestamp(this.#now()),
      cascade: (application.metadata.finalizers?.length ?? 0) > 0,
    });
    return true;
  }

  watch(listener: (event: StoreEvent) => void): () => void {
    return this.#applications.subscribe(({ type, application }) =>
      listener({ type, object: asObject(application) }),
    );
  }

  #live(manifest: KubernetesObject): KubernetesObject | undefined {
    return this.get(identityOf(manifest));
  }

  #needApplication({ kind, apiVersion }: KubernetesObject): void {
    if (kind !== 'Application') {
      throw new Error(
        `The server could not find the requested resource: ${kind}.${apiVersion}`,
      );
    }
  }
}

function identityOf({
  apiVersion,
  kind,
  metadata,
}: KubernetesObject): ObjectIdentity {
  const { name, namespace } = metadata;
  return { apiVersion, kind, name, namespace };
}

function asObject(application: Application): KubernetesObject {
  return { apiVersion: API_VERSION, kind: 'Application', ...application };
}

/** As kubectl's apply merges kinds that it has no schema for: what others set beside it stays, lists are replaced. */
function merged(
  wanted: KubernetesObject,
  live: KubernetesObject,
): KubernetesObject {
  const note = live.metadata.annotations?.[LAST_APPLIED];
  return threeWayMerge({
    last: note ? JSON.parse(note) : {},
    manifest: wanted,
    live,
    type: undefined,
  }) as KubernetesObject;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, each]) => [key, sorted(each)]),
      )
    : value;
}
