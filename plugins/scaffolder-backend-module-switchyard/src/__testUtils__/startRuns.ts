import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { Entity } from '@backstage/catalog-model';
// Whether a wish is asked for once is the runs backend's to say.
// eslint-disable-next-line @backstage/no-mixed-plugin-imports
import runsPlugin from '@switchyard/backstage-plugin-runs-backend';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import {
  ActionKind,
  runsActionsExtensionPoint,
  StepContext,
} from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { RunsClient } from '../runs/RunsClient';

export const ORDERS = 'component:default/orders';

const entities: Entity[] = [
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'orders', namespace: 'default' },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'dana', namespace: 'default' },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'omar', namespace: 'default' },
  },
];

/** What a test may change: what plans say, and what the only step does. */
export interface TestKind {
  intent(version: string): string;
  step(context: StepContext): Promise<void>;
}

/** The runs backend itself, with action kinds that do as the test says. */
export async function startRuns(databases: TestDatabases, behaviour: TestKind) {
  const knex = await databases.init('POSTGRES_18');
  const backend = await startTestBackend({
    features: [
      runsPlugin,
      createBackendModule({
        pluginId: 'runs',
        moduleId: 'test',
        register(env) {
          env.registerInit({
            deps: { actions: runsActionsExtensionPoint },
            async init({ actions }) {
              actions.addActionKind(createKind('hotfix', behaviour));
              actions.addActionKind(
                createKind('application-create', behaviour),
              );
            },
          });
        },
      }),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'https://portal.example.com' },
          switchyard: { environments: [{ name: 'production' }] },
        },
      }),
      mockServices.database.mock({ getClient: async () => knex }).factory,
      catalogServiceMock.factory({ entities }),
    ],
  });
  const address = backend.server.address() as { port: number };
  let port = address.port;
  const runs = RunsClient.create({
    auth: mockServices.auth(),
    discovery: {
      getBaseUrl: async plugin => `http://127.0.0.1:${port}/api/${plugin}`,
      getExternalBaseUrl: async plugin => `/api/${plugin}`,
    },
    portalUrl: 'https://portal.example.com/',
  });
  return {
    runs,
    stop: () => backend.stop(),
    /** Whoever set a lock, it is gone. */
    async release(lockId: string) {
      const response = await fetch(
        `http://127.0.0.1:${address.port}/api/runs/v1/locks/${lockId}/release`,
        {
          method: 'POST',
          headers: {
            Authorization: mockCredentials.user.header('user:default/omar'),
            'Content-Type': 'application/json',
          },
          body: JSON.stringify({ reason: 'The test is over' }),
        },
      );
      if (!response.ok) throw new Error(await response.text());
    },
    /** Nobody answers at the address, until it is told back. */
    hide() {
      port = 1;
    },
    show() {
      port = address.port;
    },
  };
}

/** What is shipped is a version, or the manifests of a repository. */
function createKind(kind: string, behaviour: TestKind): ActionKind<TestInput> {
  return {
    kind,
    title: kind,
    planVersions: [1],
    inputSchema: z.strictObject({
      version: z.string().optional(),
      repository: z.string().optional(),
    }),
    environments: () => ['production'],
    steps: {
      work: {
        effect: 'none',
        async run(context) {
          await behaviour.step(context);
          return { output: {} };
        },
      },
    },
    plan: async ({ environment, input }): Promise<RunPlan> => ({
      kind,
      version: 1,
      entityRef: ORDERS,
      environment,
      title: `Ship ${wishOf(input)} to 2 clusters`,
      intent: { version: behaviour.intent(wishOf(input)) },
      keys: [`target:${ORDERS}@${environment}`],
      steps: [
        {
          id: 'work',
          title: 'Work',
          handler: 'work',
          needs: [],
          effect: 'none',
          input: {},
          timeoutMs: 30_000,
          maxAttempts: 1,
        },
      ],
      changes: [
        {
          system: 'kubernetes',
          what: 'image of Deployment orders',
          cluster: 'prod-blue',
          before: 'v5.3.24',
          after: wishOf(input),
        },
      ],
      warnings: [],
      problems: [],
    }),
  };
}

type TestInput = { version?: string; repository?: string };

function wishOf({ version, repository }: TestInput): string {
  return version ?? repository ?? 'nothing';
}
