import { createHash } from 'node:crypto';
import { Entity } from '@backstage/catalog-model';
import {
  Application,
  ApplicationRow,
  ClusterStatus,
  PodRow,
  SwitchyardConfig,
  WorkloadRow,
} from '@switchyard/fleet-node';
import { FakeFleet } from './FakeFleet';

const AT = '2026-11-20T10:00:00Z';
export const REPOSITORY = '127.0.0.1:5001/storefront/orders';
export const LIVE_VERSION = 'v5.3.24';

export const targetsConfig: SwitchyardConfig = {
  environments: [
    {
      name: 'production',
      title: 'Production',
      match: [{ cluster: ['prod-blue', 'prod-green'] }],
    },
    {
      name: 'development',
      title: 'Development',
      match: [{ cluster: ['dev'] }],
    },
  ],
  clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
  bindings: [],
};

export const orders: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'orders',
    namespace: 'default',
    annotations: {
      'argocd/app-selector': 'backstage-name=orders',
      'backstage.io/kubernetes-id': 'orders',
      'switchyard/image': REPOSITORY,
    },
  },
  spec: { type: 'service', owner: 'group:default/storefront' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/storefront' }],
};

export const intruder: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'intruder',
    namespace: 'default',
    annotations: {
      'argocd/app-name': 'orders-prod-blue',
      'backstage.io/kubernetes-label-selector': 'app.kubernetes.io/name=orders',
    },
  },
  spec: { type: 'service', owner: 'group:default/realtime' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/realtime' }],
};

export const blank: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'blank', namespace: 'default' },
};

const LABELS = {
  'app.kubernetes.io/name': 'orders',
  'app.kubernetes.io/component': 'server',
  'backstage.io/kubernetes-id': 'orders',
};

/** Uids look as Kubernetes makes them, for they are a good part of an answer's size. */
export function uidOf(...parts: string[]): string {
  const hex = createHash('sha256').update(parts.join('/')).digest('hex');
  return [8, 4, 4, 4, 12]
    .map((length, index, lengths) => {
      const from = lengths.slice(0, index).reduce((sum, each) => sum + each, 0);
      return hex.slice(from, from + length);
    })
    .join('-');
}

export function clusterStatus(
  name: string,
  more: Partial<ClusterStatus> = {},
): ClusterStatus {
  return {
    name,
    url: `https://${name}.example.com:6443`,
    state: 'live',
    since: AT,
    asOf: AT,
    kinds: [
      'Node',
      'Deployment',
      'ReplicaSet',
      'StatefulSet',
      'DaemonSet',
      'CronJob',
      'Job',
      'Pod',
      'Event',
    ].map(kind => ({ kind, state: 'live', resourceVersion: '184467' })),
    ...more,
  };
}

export function applicationRow(
  cluster: string,
  more: Partial<ApplicationRow> = {},
): ApplicationRow {
  return {
    instance: 'main',
    namespace: 'argocd',
    name: `orders-${cluster}`,
    project: 'storefront',
    labels: { 'backstage-name': 'orders' },
    annotations: { 'backstage.io/entity-ref': 'component:default/orders' },
    destination:
      cluster === 'prod-green'
        ? { name: 'green-eu', namespace: 'storefront' }
        : {
            server: `https://${cluster}.example.com:6443`,
            namespace: 'storefront',
          },
    sources: [],
    multiSource: false,
    autoSync: {
      enabled: cluster === 'prod-blue',
      prune: false,
      selfHeal: false,
    },
    sync: {
      status: 'Synced',
      revisions: ['3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0'],
    },
    health: { status: 'Healthy' },
    operation: {
      phase: 'Succeeded',
      startedAt: '2026-11-20T09:00:00Z',
      finishedAt: '2026-11-20T09:00:20Z',
      revisions: ['3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0'],
    },
    images: [`${REPOSITORY}:${LIVE_VERSION}`],
    resources: ['ConfigMap', 'Service', 'Deployment'].map(kind => ({
      group: kind === 'Deployment' ? 'apps' : '',
      version: 'v1',
      kind,
      namespace: 'storefront',
      name: 'orders',
    })),
    url: `https://argocd.example.com/applications/argocd/orders-${cluster}`,
    observedAt: AT,
    ...more,
  };
}

export function fullApplication(cluster: string): Application {
  return {
    metadata: {
      name: `orders-${cluster}`,
      namespace: 'argocd',
      resourceVersion: '99801',
    },
    spec: {
      project: 'storefront',
      destination: {},
      ...(cluster === 'prod-blue' && { syncPolicy: { automated: {} } }),
    },
    status: {
      sync: {
        status: 'Synced',
        revision: '3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0',
      },
      health: { status: 'Healthy' },
      operationState: {
        operation: {},
        phase: 'Succeeded',
        message: 'successfully synced (all tasks run)',
        startedAt: '2026-11-20T09:00:00Z',
        finishedAt: '2026-11-20T09:00:20Z',
      },
      history: [
        { id: 0, deployedAt: '2026-11-01T09:00:00Z' },
        {
          id: 1,
          deployedAt: '2026-11-20T09:00:20Z',
          revision: '3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0',
          initiatedBy: { automated: true },
        },
      ],
      reconciledAt: AT,
    },
  };
}

export function deploymentRow(
  cluster: string,
  version: string,
  replicas: number,
  more: Partial<WorkloadRow> = {},
): WorkloadRow {
  return {
    cluster,
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'storefront',
    name: 'orders',
    uid: uidOf(cluster, 'Deployment'),
    resourceVersion: '184400',
    labels: LABELS,
    createdAt: AT,
    generation: 2,
    observedGeneration: 2,
    selector: {},
    desired: replicas,
    updated: replicas,
    ready: replicas,
    available: replicas,
    unavailable: 0,
    revision: 2,
    containers: [
      { name: 'orders', image: `${REPOSITORY}:${version}`, kind: 'container' },
    ],
    conditions: [],
    ...more,
  };
}

export function replicaSetRow(
  cluster: string,
  revision: number,
  version: string,
): WorkloadRow {
  return {
    ...deploymentRow(cluster, version, 5),
    kind: 'ReplicaSet',
    name: `orders-6d4cf56db${revision}`,
    uid: uidOf(cluster, 'ReplicaSet', String(revision)),
    revision,
    owner: {
      kind: 'Deployment',
      name: 'orders',
      uid: uidOf(cluster, 'Deployment'),
    },
  };
}

export function podRow(
  cluster: string,
  index: number,
  version: string,
  more: Partial<PodRow> = {},
): PodRow {
  const name = `orders-6d4cf56db2-x${index}k8z`;
  return {
    cluster,
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'storefront',
    name,
    uid: uidOf(cluster, name),
    resourceVersion: '184411',
    labels: { ...LABELS, 'pod-template-hash': '6d4cf56db2' },
    createdAt: AT,
    owner: {
      kind: 'ReplicaSet',
      name: 'orders-6d4cf56db2',
      uid: uidOf(cluster, 'ReplicaSet', '2'),
    },
    phase: 'Running',
    ready: true,
    node: `ip-10-20-${index}-17.eu-central-1.compute.internal`,
    zone: `eu-central-1${'abc'[index % 3]}`,
    podIp: `10.20.0.${index}`,
    containers: [
      {
        name: 'orders',
        kind: 'container',
        image: `${REPOSITORY}:${version}`,
        imageId: `${REPOSITORY}@sha256:${'0a'.repeat(32)}`,
        ready: true,
        restarts: 0,
        state: 'running',
        startedAt: AT,
      },
    ],
    ...more,
  };
}

/** `orders` with `podsPerCluster` pods in each cluster, all well. */
export function ordersFleet(options: {
  clusters: string[];
  podsPerCluster: number;
}): FakeFleet {
  const { clusters, podsPerCluster } = options;
  const fleet = new FakeFleet();
  fleet.instanceList.push({
    name: 'main',
    url: 'https://argocd.example.com',
    state: 'live',
    since: AT,
    asOf: AT,
    applications: clusters.length,
  });
  for (const cluster of clusters) {
    fleet.clusterList.push(clusterStatus(cluster));
    fleet.applicationRows.push(applicationRow(cluster));
    fleet.full.set(`orders-${cluster}`, fullApplication(cluster));
    fleet.workloadRows.push(
      deploymentRow(cluster, LIVE_VERSION, podsPerCluster),
    );
    fleet.replicaSetRows.push(
      replicaSetRow(cluster, 1, 'v5.3.23'),
      replicaSetRow(cluster, 2, LIVE_VERSION),
    );
    for (let index = 0; index < podsPerCluster; index++) {
      fleet.podRows.push(podRow(cluster, index, LIVE_VERSION));
    }
  }
  return fleet;
}
