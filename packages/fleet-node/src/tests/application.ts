import { Application } from '../argocd/types';

/** An Application as Argo CD gives it, in order unless told otherwise. */
export function application(
  name: string,
  options: {
    sync?: string;
    health?: string;
    metadata?: Partial<Application['metadata']>;
    spec?: Partial<Application['spec']>;
    status?: Application['status'];
    operation?: Application['operation'];
  } = {},
): Application {
  return {
    metadata: {
      name,
      namespace: 'argocd',
      labels: { 'backstage-name': 'orders' },
      annotations: {
        'backstage.io/entity-ref': 'component:default/orders',
        'notifications.argoproj.io/subscribe': 'left out',
      },
      ...options.metadata,
    },
    spec: {
      project: 'storefront',
      destination: { server: 'https://blue', namespace: 'storefront' },
      source: {
        repoURL: 'https://git/deploy-blue',
        path: 'apps/orders',
        targetRevision: 'main',
      },
      syncPolicy: { automated: { prune: true } },
      ...options.spec,
    },
    ...(options.operation && { operation: options.operation }),
    status: {
      sync: { status: options.sync ?? 'Synced', revision: 'a'.repeat(40) },
      health: { status: options.health ?? 'Healthy' },
      summary: { images: ['registry/orders:v1'] },
      ...options.status,
    },
  };
}
