import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { JsonObject } from '@backstage/types';
import {
  HttpRegistryClient,
  readRegistries,
  RegistryClient,
} from '@switchyard/backstage-plugin-deploys-node';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { ContractWorld } from '@switchyard/contract-worlds';
import {
  FleetService,
  fleetServiceRef,
  readSwitchyardConfig,
} from '@switchyard/fleet-node';
import {
  ConfiguredGitRemotes,
  HttpGitClient,
  readCommitIdentity,
} from '../git';
import { createHotfixKind } from '../hotfix/createHotfixKind';
import { HotfixPlanner } from '../hotfix/HotfixPlanner';
import { HotfixInput } from '../hotfix/types';
import { DEFAULT_PATIENCE } from '../steps/types';
import { waysOf } from './ways';

export const INSTANCE = 'contract';
const OPEN_MS = 60_000;

/** The hotfix, in a portal that is configured for a world. */
export interface ContractHotfix {
  kind: ActionKind;
  fleet: FleetService;
  plan(version: string): Promise<RunPlan>;
  close(): Promise<void>;
}

export async function openContractHotfix(
  world: ContractWorld,
): Promise<ContractHotfix> {
  const dir = mkdtempSync(join(tmpdir(), 'switchyard-contract-hotfix-'));
  const data = configOf(world, dir);
  const rootConfig = new ConfigReader(data);
  let fleet: FleetService | undefined;
  const backend = await startTestBackend({
    features: [
      mockServices.rootConfig.factory({ data }),
      createBackendPlugin({
        pluginId: 'probe',
        register: env =>
          env.registerInit({
            deps: { service: fleetServiceRef, logger: coreServices.logger },
            async init({ service }) {
              fleet = service;
            },
          }),
      }),
    ],
  });
  fleet!.setClusterSource(async () => world.clusters);
  const wanted = [world.auto, world.manual];
  await fleet!.until(
    () =>
      fleet!.clusters().length === world.clusters.length &&
      [...fleet!.clusters(), ...fleet!.argoInstances()].every(
        ({ state }) => state === 'live',
      ) &&
      wanted.every(({ application }) =>
        fleet!.application({ instance: INSTANCE, ...application }),
      )
        ? true
        : undefined,
    { signal: AbortSignal.timeout(OPEN_MS) },
  );
  const git = HttpGitClient.create({
    remotes: ConfiguredGitRemotes.fromConfig(rootConfig),
    directory: dir,
  });
  const kind = createHotfixKind({
    planner: HotfixPlanner.create({
      fleet: fleet!,
      git,
      registry: registryOf(world, rootConfig),
      config: readSwitchyardConfig(rootConfig),
      ...waysOf(),
    }),
    tools: {
      fleet: fleet!,
      git,
      identity: readCommitIdentity(rootConfig),
      ...waysOf(),
      patience: DEFAULT_PATIENCE,
    },
  });
  return {
    kind: kind as unknown as ActionKind,
    fleet: fleet!,
    plan: version =>
      kind.plan(
        {
          entity: entityOf(world),
          environment: 'production',
          input: { version } satisfies HotfixInput,
          signal: AbortSignal.timeout(OPEN_MS),
        },
        { find: async () => [] },
      ),
    async close() {
      await backend.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function configOf(world: ContractWorld, dir: string): JsonObject {
  const { argocd, git, registry } = world;
  return {
    argocd: {
      appLocatorMethods: [
        {
          type: 'config',
          instances: [{ name: INSTANCE, url: argocd.url, token: argocd.token }],
        },
      ],
    },
    switchyard: {
      environments: [
        {
          name: 'production',
          match: [{ cluster: [world.auto.cluster, world.manual.cluster] }],
        },
      ],
      clusterAliases: world.clusterAliases,
      deploys: {
        registries: registry
          ? [
              {
                host: registry.host,
                username: registry.username,
                password: registry.password,
                insecure: true,
              },
            ]
          : [],
        git: [{ ...git }],
        gitCacheDirectory: dir,
      },
    },
  };
}

// A registry is none of the systems that are given: where the world has none, the plan is told that its versions exist.
function registryOf(
  world: ContractWorld,
  config: ConfigReader,
): RegistryClient {
  const client = HttpRegistryClient.create({
    registries: readRegistries(config),
  });
  if (world.registry) return client;
  return Object.assign(Object.create(client) as RegistryClient, {
    findDigest: async (_: string, tag: string) =>
      world.versions.includes(tag) ? `sha256:${'0'.repeat(64)}` : undefined,
  });
}

function entityOf({ component, image }: ContractWorld): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name: component,
      namespace: 'default',
      annotations: {
        'argocd/app-selector': `backstage-name=${component}`,
        'backstage.io/kubernetes-id': component,
        'switchyard/image': image,
      },
    },
    spec: {
      type: 'service',
      lifecycle: 'production',
      owner: 'group:default/storefront',
    },
  };
}
