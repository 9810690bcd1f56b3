import {
  KubernetesWriteError,
  KubernetesWriter,
} from '@switchyard/fleet-node/effects';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { workloadRow } from '../__testUtils__/workloads';
import { DEFAULT_PATIENCE } from '../steps/types';
import { createRestartStep } from './restartStep';

const WORKLOAD = {
  cluster: 'prod-blue',
  kind: 'Deployment',
  namespace: 'storefront',
  name: 'orders',
};

/** A Deployment in a cluster that takes a patch at the version that it is at, and a fleet that hears of it when told. */
function start(options: { timeoutMs?: number; reference?: object } = {}) {
  const fleet = createTestFleet();
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://blue',
    state: 'live',
    since: '2026-11-20T10:00:00Z',
    kinds: [],
  });
  const server = { version: 10, generation: 3, runs: [] as string[] };
  const hear = () => {
    fleet.workloads.splice(
      0,
      Infinity,
      workloadRow({
        resourceVersion: String(server.version),
        generation: server.generation,
      }),
    );
    fleet.objects.set('uid-orders', {
      spec: {
        template: {
          metadata: {
            annotations: {
              'switchyard/restarted-by-run': server.runs.at(-1) ?? null,
            },
          },
        },
      },
    });
    fleet.ring({
      type: 'object',
      kind: 'Deployment',
      cluster: 'prod-blue',
      row: fleet.workloads[0],
      deleted: false,
    });
  };
  hear();
  const sent: any[] = [];
  const faults: Array<(apply: () => void) => void> = [];
  const writer: KubernetesWriter = {
    async patch(name, { resourceVersion, change }) {
      sent.push({ name, resourceVersion, change });
      const apply = () => {
        if (resourceVersion !== String(server.version))
          throw new KubernetesWriteError({
            kind: 'conflict',
            cluster: name.cluster,
            message: 'deployments storefront/orders has changed',
          });
        server.version += 1;
        server.generation += 1;
        server.runs.push(
          (change as any).spec.template.metadata.annotations[
            'switchyard/restarted-by-run'
          ],
        );
      };
      const fault = faults.shift();
      if (fault) fault(apply);
      else apply();
      return {
        uid: 'uid-orders',
        resourceVersion: String(server.version),
        generation: server.generation,
      };
    },
  };
  const step = createRestartStep({
    fleet: fleet.service,
    patience: { ...DEFAULT_PATIENCE, lookEveryMs: 5 },
    kubernetesWriter: writer,
  });
  const contextOf = (more: object = {}) =>
    createTestContext({ input: { workload: WORKLOAD }, ...options, ...more });
  return { fleet, server, hear, sent, faults, step, contextOf };
}

const failing = (
  kind: KubernetesWriteError['kind'],
  message: string,
  outcome?: 'unknown',
) => new KubernetesWriteError({ kind, cluster: 'prod-blue', message, outcome });

it('patches the version that was looked at, once, after the interlock', async () => {
  const { step, contextOf, sent, server } = start();
  const context = contextOf();
  await expect(step.run(context)).resolves.toEqual({
    output: { uid: 'uid-orders', generation: 4 },
  });
  expect(context.effects).toEqual([{ resourceVersion: '10' }]);
  expect(sent).toMatchObject([
    {
      name: {
        ...WORKLOAD,
        resource: { group: 'apps', version: 'v1', plural: 'deployments' },
      },
      resourceVersion: '10',
    },
  ]);
  expect(server.runs).toEqual(['run-1']);
});

it('looks again where the workload has changed meanwhile', async () => {
  const { step, contextOf, server, hear, faults } = start();
  faults.push(apply => {
    server.version = 12;
    setTimeout(hear, 20);
    apply();
  });
  const context = contextOf();
  await step.run(context);
  expect(server.runs).toEqual(['run-1']);
  expect(context.effects.at(-1)).toEqual({ resourceVersion: '12' });
});

it('restarts once although the answer is lost, and this replica hears of it late', async () => {
  const { step, contextOf, server, hear, faults } = start();
  faults.push(apply => {
    apply();
    setTimeout(hear, 30);
    throw failing('unreachable', 'Cluster prod-blue broke off', 'unknown');
  });
  await expect(step.run(contextOf())).resolves.toMatchObject({
    output: { generation: 4 },
  });
  expect(server.runs).toEqual(['run-1']);
});

it('is found by a later attempt, and not by that of another run', async () => {
  const { step, contextOf, server, hear } = start();
  await step.run(contextOf());
  hear();
  const later = { attempt: 2, reference: { resourceVersion: '10' } };
  const adopting = contextOf(later);
  await expect(step.adopt!(adopting)).resolves.toEqual({
    output: { uid: 'uid-orders', generation: 4 },
  });
  expect(adopting.changes).toHaveLength(1);
  await expect(
    step.adopt!(contextOf({ ...later, runId: 'run-2' })),
  ).resolves.toBeUndefined();
  await expect(step.adopt!(contextOf({ attempt: 2 }))).resolves.toBeUndefined();
  expect(server.runs).toEqual(['run-1']);
});

it('sends nothing where the interlock says no', async () => {
  const { step, contextOf, sent } = start();
  await expect(
    step.run(
      contextOf({
        onEffect: () => {
          throw new Error('Locked');
        },
      }),
    ),
  ).rejects.toThrow('Locked');
  expect(sent).toEqual([]);
});

it.each([
  [
    'a missing right',
    failing('forbidden', 'may not change'),
    'StepFailedError',
  ],
  ['a refusal', failing('refused', 'denied the request'), 'StepFailedError'],
  // The engine tries it again later, with the same fence.
  ['no connection', failing('unreachable', 'no'), 'KubernetesWriteError'],
])('ends with the words of %s', async (_, error, name) => {
  const { step, contextOf, faults } = start();
  faults.push(() => {
    throw error;
  });
  await expect(step.run(contextOf())).rejects.toMatchObject({
    name,
    message: error.message,
  });
});

it('waits for a cluster that does not answer, and says when its time is up', async () => {
  const { step, contextOf, fleet, sent } = start();
  fleet.clusters[0].state = 'unreachable';
  const context = contextOf({ timeoutMs: 50 });
  await expect(step.run(context)).rejects.toThrow(
    'could not be changed in time',
  );
  expect(context.progresses).toEqual([
    expect.stringMatching(
      /^Cluster prod-blue has not answered since .*; waiting$/,
    ),
  ]);
  expect(sent).toEqual([]);
});

it('says that a workload is gone', async () => {
  const { step, contextOf, fleet } = start();
  fleet.workloads.length = 0;
  await expect(step.run(contextOf())).rejects.toThrow(
    'Deployment orders is no longer in namespace storefront of cluster prod-blue',
  );
});
