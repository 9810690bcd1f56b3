import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { readSwitchyardConfig, WorkloadRow } from '@switchyard/fleet-node';

/** Clusters whose name begins with prod- are production. */
export const production = readSwitchyardConfig(
  new ConfigReader({
    switchyard: {
      environments: [{ name: 'production', match: [{ cluster: 'prod-*' }] }],
    },
  }),
);

/** The component whose workloads `workloadRow` makes. */
export const orders: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'orders',
    namespace: 'default',
    annotations: {
      'backstage.io/kubernetes-id': 'orders',
      'argocd/app-selector': 'backstage-name=orders',
    },
  },
};

/** A Deployment at rest, as the fleet has it. */
export function workloadRow(overrides: Partial<WorkloadRow> = {}): WorkloadRow {
  const { name = 'orders' } = overrides;
  return {
    cluster: 'prod-blue',
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'storefront',
    name,
    uid: `uid-${name}`,
    resourceVersion: '10',
    labels: { 'backstage.io/kubernetes-id': 'orders' },
    createdAt: '2026-11-20T10:00:00Z',
    generation: 3,
    observedGeneration: 3,
    selector: { app: name },
    desired: 3,
    updated: 3,
    ready: 3,
    available: 3,
    unavailable: 0,
    containers: [
      {
        name: 'main',
        image: 'registry.example.com/orders:v1',
        kind: 'container',
      },
    ],
    conditions: [],
    entityRef: 'component:default/orders',
    ...overrides,
  };
}
