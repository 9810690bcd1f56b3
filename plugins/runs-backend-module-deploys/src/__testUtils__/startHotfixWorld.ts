import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionKind,
  FactSource,
  runsActionsExtensionPoint,
  runsFactsExtensionPoint,
} from '@switchyard/backstage-plugin-runs-node';
import { FleetService, fleetServiceRef } from '@switchyard/fleet-node';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import { parseAllDocuments } from 'yaml';
import { runsModuleDeploys } from '../module';
import { createTestContext, TestContext } from './createTestContext';

/** What was done to the sandbox, as the remotes themselves know it. */
export interface WorldCounts {
  repositories: Record<
    string,
    {
      commits: number;
      items: Array<{ sha: string; trailers: Record<string, string> }>;
    }
  >;
  applications: Record<string, { syncs: number; operations: number }>;
  pullRequests: Array<{
    repository: string;
    number: number;
    head: string;
    title: string;
    body: string;
    closed?: { by: string };
    merged?: { by: string; sha: string };
  }>;
  migrations: Array<{ cluster: string; version: string; outcome: string }>;
  unimplemented: Record<string, number>;
  /** What was asked of clusters by whom: `<user> <verb> <resource>`. */
  rights: Record<'used' | 'refused', Record<string, number>>;
}

/** The sandbox, with the module and a fleet that watches it. */
export interface HotfixWorld {
  sandbox: SandboxHandle;
  fleet: FleetService;
  kind: ActionKind;
  /** All kinds of the module, by name. */
  kinds: Map<string, ActionKind>;
  sources: FactSource[];
  entity(name: string): Entity;
  plan(
    version: string,
    options?: { name?: string; environment?: string },
  ): Promise<RunPlan>;
  /** A plan of any kind. */
  planOf(
    kind: string,
    input: JsonObject,
    options?: { name?: string; environment?: string },
  ): Promise<RunPlan>;
  fault(fault: string, options?: JsonObject): Promise<void>;
  clearFaults(): Promise<void>;
  counts(): Promise<WorldCounts>;
  close(): Promise<void>;
}

/** One world for all tests of a file, whose faults end with each of them. */
export function useHotfixWorld(
  onStarted: (world: HotfixWorld) => void,
  options?: Parameters<typeof startHotfixWorld>[0],
): void {
  let world: HotfixWorld | undefined;
  beforeAll(async () => {
    world = await startHotfixWorld(options);
    onStarted(world);
  });
  afterAll(async () => {
    await world?.close();
  });
  afterEach(async () => {
    await world?.clearFaults();
  });
}

export async function startHotfixWorld(
  options: {
    speed?: number;
    /** Knows the second Argo CD of the world too, whose Applications deploy a chart of somebody else. */
    withEdge?: boolean;
  } = {},
): Promise<HotfixWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'switchyard-world-'));
  const sandbox = await startSandbox({ dir, speed: options.speed ?? 40 });
  let fleet: FleetService | undefined;
  const kinds: ActionKind[] = [];
  const sources: FactSource[] = [];
  const backend = await startTestBackend({
    extensionPoints: [
      [
        runsActionsExtensionPoint,
        {
          addActionKind: kind => void kinds.push(kind as unknown as ActionKind),
        },
      ],
      [
        runsFactsExtensionPoint,
        {
          addSource: source => void sources.push(source),
          addClusters: () => {},
        },
      ],
    ],
    features: [
      runsModuleDeploys,
      mockServices.rootConfig.factory({
        data: configOf(sandbox, dir, options.withEdge),
      }),
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
  fleet!.setClusterSource(async () =>
    sandbox.clusters.map(({ name, url, token }) => ({
      name,
      url,
      credential: async () => ({ token }),
      // In one of them the fleet sees autoscalers.
      ...(name === 'dev' && {
        resources: [
          {
            group: 'autoscaling',
            version: 'v2',
            plural: 'horizontalpodautoscalers',
          },
        ],
      }),
    })),
  );
  const entities = readEntities(sandbox);
  await fleet!.until(
    () => {
      const isLive =
        fleet!.clusters().length === sandbox.clusters.length &&
        fleet!.clusters().every(({ state }) => state === 'live') &&
        fleet!.argoInstances().every(({ state }) => state === 'live');
      // Rollouts are found by discovery, which may come after the cluster is live.
      const hasRollouts = fleet!
        .workloads({ cluster: 'dev', name: 'recommend' })
        .some(({ kind }) => kind === 'Rollout');
      return isLive &&
        hasRollouts &&
        fleet!.applications({ name: 'orders-green' }).length > 0
        ? true
        : undefined;
    },
    { signal: AbortSignal.timeout(30_000) },
  );
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${sandbox.faults.url}${path}`, init);
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  const world: HotfixWorld = {
    sandbox,
    fleet: fleet!,
    kind: kinds[0],
    kinds: new Map(kinds.map(each => [each.kind, each])),
    sources,
    entity: name => entities.get(name)!,
    plan: (version, { name = 'orders', environment = 'production' } = {}) =>
      world.kind.plan(
        {
          entity: world.entity(name),
          environment,
          input: { version },
          signal: AbortSignal.timeout(30_000),
        },
        { find: async () => [] },
      ),
    planOf: async (
      kind,
      input,
      { name = 'orders', environment = 'production' } = {},
    ) => {
      const actionKind = world.kinds.get(kind)!;
      return actionKind.plan(
        {
          entity: world.entity(name),
          environment,
          input: actionKind.inputSchema.parse(input) as JsonObject,
          signal: AbortSignal.timeout(30_000),
        },
        { find: async () => [] },
      );
    },
    fault: (fault, details = {}) =>
      call('/api/faults', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ fault, ...details }),
      }),
    clearFaults: () => call('/api/faults', { method: 'DELETE' }),
    counts: () => call('/api/counts') as Promise<WorldCounts>,
    async close() {
      await backend.stop();
      await sandbox.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return world;
}

export function configOf(
  sandbox: SandboxHandle,
  dir: string,
  withEdge = false,
): JsonObject {
  const instances = [sandbox.argocd, ...(withEdge ? [sandbox.edgeArgocd] : [])];
  return {
    integrations: {
      github: [
        {
          host: new URL(sandbox.git.url).host,
          apiBaseUrl: sandbox.forge.url,
          token: sandbox.forge.token,
        },
      ],
    },
    argocd: {
      appLocatorMethods: [
        {
          type: 'config',
          instances: instances.map(({ instance, url, token }) => ({
            name: instance,
            url,
            token,
          })),
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
        {
          cluster: 'dev',
          namespace: 'workbench',
          entity: 'component:default/workbench',
        },
      ],
      deploys: {
        override: { enabled: true },
        registries: [
          {
            host: sandbox.registry.host,
            insecure: true,
            username: sandbox.registry.username,
            password: sandbox.registry.password,
          },
        ],
        git: [
          {
            host: new URL(sandbox.git.url).host,
            username: sandbox.git.username,
            token: sandbox.git.token,
            insecure: true,
          },
        ],
        gitCacheDirectory: join(dir, 'clones'),
        newApplications: [
          {
            owners: ['group:default/storefront'],
            instance: sandbox.argocd.instance,
            project: 'storefront',
            namespace: 'storefront',
            repositories: [`${sandbox.git.url}/`],
            path: 'apps/{component}',
            clusters: [
              { cluster: 'prod-blue', application: '{component}-blue' },
              {
                cluster: 'prod-green',
                argocdName: 'green-eu',
                application: '{component}-green',
              },
            ],
          },
        ],
      },
    },
  };
}

function readEntities(sandbox: SandboxHandle): Map<string, Entity> {
  const text = readFileSync(
    join(dirname(sandbox.catalog), 'components.yaml'),
    'utf8',
  );
  const entities = [...parseAllDocuments(text)]
    .map(document => document.toJS() as Entity)
    .filter(Boolean);
  return new Map(
    entities.map(entity => [
      entity.metadata.name,
      { ...entity, metadata: { namespace: 'default', ...entity.metadata } },
    ]),
  );
}

/** How a run of a plan ended. */
export interface PlayedRun {
  contexts: Record<string, TestContext>;
  outputs: Record<string, JsonObject>;
  errors: Record<string, Error & { details?: string[] }>;
}

/**
 * Carries out a plan's steps in their order, side by side where the graph lets them, each with up to three attempts: as the engine does it, without a database.
 */
export async function playPlan(
  world: Pick<HotfixWorld, 'kind'> & Partial<Pick<HotfixWorld, 'kinds'>>,
  plan: RunPlan,
  options: {
    runId: string;
    /** Begins with a later attempt of each step, as after a worker that is gone. */ isTakenOver?: boolean;
    onEffect?: (stepId: string, reference?: JsonObject) => void | Promise<void>;
    timeoutMs?: number;
  },
): Promise<PlayedRun> {
  const played: PlayedRun = { contexts: {}, outputs: {}, errors: {} };
  const requestedAt = new Date().toISOString();
  const running = new Map<string, Promise<void>>();
  const play = async (step: RunPlan['steps'][number]): Promise<void> => {
    await Promise.all(step.needs.map(id => running.get(id)));
    if (step.needs.some(id => !played.outputs[id])) return;
    const stored: { reference?: JsonObject } = {};
    const firstAttempt = options.isTakenOver ? 2 : 1;
    for (let attempt = firstAttempt; attempt < firstAttempt + 3; attempt++) {
      const context = createTestContext({
        input: step.input,
        outputs: played.outputs,
        runId: options.runId,
        requestedAt,
        attempt,
        reference: stored.reference,
        timeoutMs: options.timeoutMs ?? 60_000,
        onEffect: async next => {
          await options.onEffect?.(step.id, next);
          stored.reference = next;
        },
      });
      played.contexts[step.id] = context;
      const handler = (world.kinds?.get(plan.kind) ?? world.kind).steps[
        step.handler
      ];
      try {
        const adopted =
          attempt > 1 ? await handler.adopt?.(context) : undefined;
        const { output } = adopted ?? (await handler.run(context));
        played.outputs[step.id] = output;
        delete played.errors[step.id];
        return;
      } catch (thrown) {
        const error = thrown as Error & { details?: string[] };
        played.errors[step.id] = error;
        if (/^(StepFailed|OutcomeUnknown|StepParked)Error$/.test(error.name))
          return;
      }
    }
  };
  for (const step of plan.steps) running.set(step.id, play(step));
  await Promise.all(running.values());
  return played;
}
