// A small backend for the bench of the queue: runs, a catalog, sign-in, and an action kind that does nothing.
import { createBackend } from '@backstage/backend-defaults';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  ActionKind,
  runsActionsExtensionPoint,
} from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';

/** Three steps in a row, so that statements per step can be told from statements per run. */
const STEPS = ['one', 'two', 'three'];

const nothing: ActionKind = {
  kind: 'nothing',
  title: 'Nothing',
  planVersions: [1],
  inputSchema: z.object({}),
  environments: () => ['production'],
  // 'work' is what plans of the bench's own program name.
  steps: { work: { effect: 'none', run: async () => ({ output: {} }) } },
  async plan({ entity, environment }) {
    const entityRef = stringifyEntityRef(entity);
    return {
      kind: 'nothing',
      version: 1,
      entityRef,
      environment,
      title: 'Do nothing',
      intent: {},
      keys: [`target:${entityRef}@${environment}`],
      steps: STEPS.map((id, index) => ({
        id,
        title: `Step ${id}`,
        handler: 'work',
        needs: STEPS.slice(Math.max(0, index - 1), index),
        effect: 'none',
        input: {},
        timeoutMs: 10_000,
        maxAttempts: 1,
      })),
      changes: [],
      warnings: [],
      problems: [],
    };
  },
};

const backend = createBackend();
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('../src/sandboxSignIn'));
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(
  import('@switchyard/backstage-plugin-permission-backend-module-switchyard'),
);
backend.add(import('@switchyard/backstage-plugin-runs-backend'));
backend.add(
  createBackendModule({
    pluginId: 'runs',
    moduleId: 'nothing',
    register(env) {
      env.registerInit({
        deps: { actions: runsActionsExtensionPoint },
        async init({ actions }) {
          actions.addActionKind(nothing);
        },
      });
    },
  }),
);
backend.start().catch(error => {
  // eslint-disable-next-line no-console
  console.error(error);
  process.exit(1);
});
