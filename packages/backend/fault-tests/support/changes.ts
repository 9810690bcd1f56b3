interface ChangeOfObject {
  /** What the run is about, and who asks for it. */
  target: { entityRef: string; environment: string };
  person: string;
  /** Cluster, and path in its API, of the Deployment that changes. */
  cluster: string;
  path: string;
  /** The step that changes it, and the one that waits. */
  steps: [string, string];
  /** What is asked for, of the Deployment as it is now. */
  input(deployment: any): object;
  /** Where the Deployment carries the id of the run that has done it. */
  markOf(deployment: any): string;
  /** What is so once it was done. */
  is(deployment: any, input: any): boolean;
}

/** Argo CD does not put it back. */
const ORDERS = {
  target: {
    entityRef: 'component:default/orders',
    environment: 'production',
  },
  person: 'dana',
  cluster: 'prod-green',
  path: '/apis/apps/v1/namespaces/storefront/deployments/orders',
};
const WORKLOADS = [{ name: 'orders', cluster: 'prod-green' }];

/** A service that no Application deploys: its hotfix changes the object. */
const GATEWAY = {
  target: {
    entityRef: 'component:default/gateway',
    environment: 'development',
  },
  person: 'inge',
  cluster: 'dev',
  path: '/apis/apps/v1/namespaces/platform/deployments/gateway',
};

const imageOf = ({ spec }: any): string =>
  spec.template.spec.containers[0].image;

/** The kinds that change one object of a cluster by one patch. */
export const CHANGES: Record<'restart' | 'scale' | 'hotfix', ChangeOfObject> = {
  restart: {
    ...ORDERS,
    steps: ['restart.orders.prod-green', 'ready.orders.prod-green'],
    input: () => ({ workloads: WORKLOADS }),
    markOf: ({ spec }) =>
      spec.template.metadata.annotations['switchyard/restarted-by-run'],
    is: () => true,
  },
  scale: {
    ...ORDERS,
    steps: ['scale.orders.prod-green', 'ready.orders.prod-green'],
    input: ({ spec }) => ({
      workloads: WORKLOADS,
      replicas: spec.replicas === 3 ? 4 : 3,
    }),
    markOf: ({ metadata }) => metadata.annotations['switchyard/scaled-by-run'],
    is: ({ spec }, { replicas }) => spec.replicas === replicas,
  },
  hotfix: {
    ...GATEWAY,
    steps: ['image.gateway.dev', 'rollout.gateway.dev'],
    input: deployment => ({
      version: imageOf(deployment).endsWith('_v2.8.6') ? 'v2.8.5' : 'v2.8.6',
    }),
    markOf: ({ metadata }) =>
      JSON.parse(metadata.annotations['switchyard/image-set']).run,
    is: (deployment, { version }) =>
      imageOf(deployment).endsWith(`:gateway_${version}`),
  },
};
