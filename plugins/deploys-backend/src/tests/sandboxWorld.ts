import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createBackendPlugin } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import { fleetServiceRef } from '@switchyard/fleet-node';
import { SandboxHandle } from '@switchyard/sandbox';
import { parseAllDocuments } from 'yaml';

/** Tells the fleet where the sandbox's clusters are, as the Kubernetes plugin would. */
export function clustersOf(sandbox: SandboxHandle) {
  return createBackendPlugin({
    pluginId: 'clusters-of-the-sandbox',
    register(env) {
      env.registerInit({
        deps: { fleet: fleetServiceRef },
        async init({ fleet }) {
          fleet.setClusterSource(async () =>
            sandbox.clusters.map(({ name, url, token }) => ({
              name,
              url,
              credential: async () => ({ token }),
            })),
          );
        },
      });
    },
  });
}

/** Where the sandbox's systems are, and how they belong together. */
export function configOf(sandbox: SandboxHandle) {
  const { instance, url, token } = sandbox.argocd;
  const edge = sandbox.edgeArgocd;
  const { host, username, password } = sandbox.registry;
  return {
    argocd: {
      appLocatorMethods: [
        {
          type: 'config',
          instances: [
            { name: instance, url, token },
            {
              name: edge.instance,
              url: edge.url,
              username: edge.username,
              password: edge.password,
            },
          ],
        },
      ],
    },
    switchyard: {
      environments: [
        {
          name: 'production',
          match: [{ cluster: ['prod-blue', 'prod-green'] }],
        },
        { name: 'development', match: [{ cluster: ['dev'] }] },
      ],
      clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
      bindings: [
        {
          argocdProject: 'storefront',
          argocdApplication: 'search-*',
          entity: 'component:default/search',
        },
      ],
      deploys: { registries: [{ host, insecure: true, username, password }] },
    },
  };
}

/** The components of the sandbox's catalog, with the relation that the catalog makes of their owner. */
export async function readComponents(location: string): Promise<Entity[]> {
  const text = await readFile(
    join(dirname(location), 'components.yaml'),
    'utf8',
  );
  return parseAllDocuments(text).map(document => {
    const entity = document.toJS() as Entity;
    const owner = (entity.spec as { owner: string }).owner;
    return {
      ...entity,
      metadata: { namespace: 'default', ...entity.metadata },
      relations: [{ type: 'ownedBy', targetRef: owner }],
    };
  });
}

/** Tries until nothing throws any more. */
export async function eventually(check: () => unknown): Promise<void> {
  const endsAt = Date.now() + 20_000;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > endsAt) throw error;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}
