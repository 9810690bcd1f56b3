/** A pod as an API server gives it, ready unless told otherwise. */
export function pod(
  name: string,
  options: {
    uid?: string;
    namespace?: string;
    labels?: Record<string, string>;
    node?: string;
    image?: string;
    owner?: { kind: string; name: string; uid: string };
    ready?: boolean;
    metadata?: Record<string, unknown>;
    spec?: Record<string, unknown>;
    status?: Record<string, unknown>;
  } = {},
) {
  const { ready = true, image = 'registry.example/storefront/orders:v1' } =
    options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: options.namespace ?? 'storefront',
      uid: options.uid ?? `uid-${name}`,
      creationTimestamp: '2026-11-21T08:00:00Z',
      labels: options.labels ?? { 'app.kubernetes.io/name': 'orders' },
      ...(options.owner && {
        ownerReferences: [
          { apiVersion: 'apps/v1', controller: true, ...options.owner },
        ],
      }),
      ...options.metadata,
    },
    spec: {
      nodeName: options.node ?? 'node-1',
      containers: [{ name: 'app', image }],
      ...options.spec,
    },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          ...(!ready && {
            reason: 'ContainersNotReady',
            message: 'containers with unready status: [app]',
          }),
          lastTransitionTime: '2026-11-21T08:00:09Z',
        },
      ],
      containerStatuses: [
        {
          name: 'app',
          ready,
          started: true,
          restartCount: 0,
          image,
          imageID:
            'docker-pullable://registry.example/storefront/orders@sha256:1',
          state: { running: { startedAt: '2026-11-21T08:00:05Z' } },
        },
      ],
      ...options.status,
    },
  };
}

/** A Deployment that is done rolling out. */
export function deployment(
  name: string,
  options: {
    uid?: string;
    metadata?: Record<string, unknown>;
    spec?: Record<string, unknown>;
    status?: Record<string, unknown>;
  } = {},
) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'storefront',
      uid: options.uid ?? `uid-deployment-${name}`,
      generation: 2,
      creationTimestamp: '2026-11-21T08:00:00Z',
      labels: { 'app.kubernetes.io/name': name },
      ...options.metadata,
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: {
        spec: {
          containers: [
            { name: 'app', image: `registry.example/storefront/${name}:v1` },
          ],
        },
      },
      ...options.spec,
    },
    status: {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
        },
      ],
      ...options.status,
    },
  };
}

export function node(name: string, zone?: string) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-${name}`,
      labels: zone ? { 'topology.kubernetes.io/zone': zone } : {},
    },
  };
}

export function event(
  name: string,
  options: {
    about: { kind: string; name: string; uid: string };
    type?: string;
    reason?: string;
    message?: string;
    lastTimestamp?: string;
  },
) {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name,
      namespace: 'storefront',
      uid: `uid-${name}`,
      creationTimestamp: options.lastTimestamp ?? new Date().toISOString(),
    },
    type: options.type ?? 'Warning',
    reason: options.reason ?? 'Unhealthy',
    message: options.message ?? 'Readiness probe failed: HTTP status 500',
    count: 3,
    lastTimestamp: options.lastTimestamp ?? new Date().toISOString(),
    involvedObject: { namespace: 'storefront', ...options.about },
  };
}
