import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { ApplicationRow, readSwitchyardConfig } from '@switchyard/fleet-node';
import { ConfiguredGitRemotes, HttpGitClient } from '../git';
import { applicationRow } from './applications';
import { createTestFleet } from './createTestFleet';
import { startGitServer } from './startGitServer';

/** Image of the component. */
export const REPOSITORY = '127.0.0.1:5001/storefront/orders';
/** Two environments: production in two clusters, development in one. */
export const config = readSwitchyardConfig(
  new ConfigReader({
    switchyard: {
      environments: [
        {
          name: 'production',
          match: [{ cluster: ['prod-blue', 'prod-green'] }],
        },
        { name: 'development', match: [{ cluster: ['dev'] }] },
      ],
      clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
    },
  }),
);

/** The component `orders`. */
export function component(
  annotations: Record<string, string> = {},
  name = 'orders',
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'argocd/app-selector': 'backstage-name=orders',
        'switchyard/image': REPOSITORY,
        ...annotations,
      },
    },
  };
}

/** A Deployment and its migration. */
export const PLAIN = `# orders
kind: Deployment
metadata: {name: orders}
spec:
  template:
    spec:
      containers:
      - name: orders
        image: "${REPOSITORY}:v5.3.24"   # bump with the Job
---
kind: Job
metadata:
  name: orders-migrate
  annotations: {argocd.argoproj.io/hook: PreSync}
spec:
  template:
    spec:
      containers: [{name: migrate, image: ${REPOSITORY}:v5.3.24}]
`;
export const KUSTOMIZED = {
  'apps/orders/kustomization.yaml': `resources: [base]\nimages:\n  - name: ${REPOSITORY}\n    newTag: v5.3.24  # keep\n`,
  'apps/orders/base/kustomization.yaml': 'resources: [d.yaml]\n',
  'apps/orders/base/d.yaml': PLAIN.replace(/:v5\.3\.24/g, ''),
};

export function sourceOf(
  path: string | undefined,
  helm?: ApplicationRow['sources'][number]['helm'],
): ApplicationRow['sources'][number] {
  return { repoURL: '', targetRevision: 'main', path, helm };
}

/**
 * Deploy repositories on a real Git server, a fleet that knows what deploys from them, and a registry that has every version but 9.9.9.
 */
export async function startDeployRepositories(
  options: {
    blue?: Record<string, string>;
    green?: Record<string, string>;
  } = {},
) {
  const server = await startGitServer([
    'deploy-blue',
    'deploy-green',
    'deploy-dev',
  ]);
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-plan-'));
  const heads = {
    blue: server.commit(
      'deploy-blue',
      options.blue ?? { 'apps/orders/orders.yaml': PLAIN },
    ),
    green: server.commit('deploy-green', options.green ?? KUSTOMIZED),
  };
  const fleet = createTestFleet();
  for (const name of ['prod-blue', 'prod-green', 'dev'])
    fleet.clusters.push({
      name,
      url: `https://${name}`,
      state: 'live',
      since: '2026-11-20T10:00:00Z',
      kinds: [],
    });
  const row = (color: string, overrides: Partial<ApplicationRow> = {}) =>
    applicationRow({
      name: `orders-${color}`,
      destination: {
        name: color === 'green' ? 'green-eu' : `prod-${color}`,
        namespace: 'storefront',
      },
      sources: [
        {
          repoURL: server.url(`deploy-${color}`),
          path: 'apps/orders',
          targetRevision: 'main',
        },
      ],
      images: [`${REPOSITORY}:v5.3.24`],
      ...overrides,
    });
  fleet.rows.push(
    row('blue', { autoSync: { enabled: true, prune: false, selfHeal: false } }),
    row('green'),
  );
  const registry = {
    findDigest: jest.fn(
      async (_repository: string, tag: string): Promise<string | undefined> =>
        tag.endsWith('9.9.9') ? undefined : 'sha256:x',
    ),
  };
  const git = HttpGitClient.create({
    remotes: ConfiguredGitRemotes.fromConfig(
      new ConfigReader({
        switchyard: {
          deploys: {
            git: [
              {
                host: server.host,
                username: server.username,
                token: server.password,
                insecure: true,
              },
            ],
          },
        },
      }),
    ),
    directory,
  });
  return {
    server,
    fleet,
    registry,
    git,
    row,
    heads,
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
