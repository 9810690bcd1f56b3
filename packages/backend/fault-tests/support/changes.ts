/** What restarts and changes of size are about. Argo CD does not put it back. */
export const WORKLOAD = { name: 'orders', cluster: 'prod-green' };
/** Its path in the API. */
export const DEPLOYMENT =
  '/apis/apps/v1/namespaces/storefront/deployments/orders';
/** For each: what is asked for, and where the workload carries the id of the run that has done it. */
export const CHANGES = {
  restart: {
    input: () => ({ workloads: [WORKLOAD] }),
    markOf: ({ spec }: any) =>
      spec.template.metadata.annotations['switchyard/restarted-by-run'],
  },
  scale: {
    input: ({ spec }: any) => ({
      workloads: [WORKLOAD],
      replicas: spec.replicas === 3 ? 4 : 3,
    }),
    markOf: ({ metadata }: any) =>
      metadata.annotations['switchyard/scaled-by-run'],
  },
};
