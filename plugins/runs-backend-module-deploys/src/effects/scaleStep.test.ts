import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { workloadRow } from '../__testUtils__/workloads';
import { DEFAULT_PATIENCE } from '../steps/types';
import { createScaleStep } from './scaleStep';

const WORKLOAD = {
  cluster: 'prod-blue',
  kind: 'Deployment',
  namespace: 'storefront',
  name: 'orders',
};

function start(desired: number) {
  const fleet = createTestFleet();
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://blue',
    state: 'live',
    since: '2026-11-20T10:00:00Z',
    kinds: [],
  });
  fleet.workloads.push(workloadRow({ desired }));
  fleet.objects.set('uid-orders', { metadata: {} });
  const sent: unknown[] = [];
  const step = createScaleStep({
    fleet: fleet.service,
    patience: DEFAULT_PATIENCE,
    kubernetesWriter: {
      async patch(_, { resourceVersion, change }) {
        sent.push({ resourceVersion, change });
        return { uid: 'uid-orders', resourceVersion: '11', generation: 4 };
      },
    },
  });
  const input = { workload: WORKLOAD, before: 3, replicas: 5 };
  const contextOf = (more: object = {}) =>
    createTestContext({ input, ...more });
  return { fleet, step, sent, contextOf };
}

it('sets the number on the version that was looked at', async () => {
  const { step, sent, contextOf } = start(3);
  const context = contextOf();
  await expect(step.run(context)).resolves.toEqual({
    output: { uid: 'uid-orders', generation: 4 },
  });
  expect(sent).toEqual([
    {
      resourceVersion: '10',
      change: {
        metadata: { annotations: { 'switchyard/scaled-by-run': 'run-1' } },
        spec: { replicas: 5 },
      },
    },
  ]);
  expect(context.changes).toMatchObject([{ before: '3', after: '5' }]);
});

it('parks where it is no longer what was shown, and goes on with a word about just that', async () => {
  const { fleet, step, sent, contextOf } = start(4);
  const message =
    'Deployment orders in prod-blue was to go from 3 to 5 pods, and has 4 by now';
  const parked = { name: 'StepParkedError', message };
  await expect(step.run(contextOf())).rejects.toMatchObject(parked);
  const confirmed = { by: 'user:default/dana', at: 'x', found: message };
  fleet.workloads[0] = workloadRow({ desired: 7 });
  await expect(step.run(contextOf({ confirmed }))).rejects.toMatchObject({
    name: 'StepParkedError',
    message: expect.stringContaining('has 7 by now'),
  });
  expect(sent).toEqual([]);
  fleet.workloads[0] = workloadRow({ desired: 4 });
  await step.run(contextOf({ confirmed }));
  expect(sent).toHaveLength(1);
});

it('is found by the run that stands in the workload', async () => {
  const { fleet, step, contextOf } = start(5);
  fleet.objects.set('uid-orders', {
    metadata: { annotations: { 'switchyard/scaled-by-run': 'run-1' } },
  });
  const later = { attempt: 2, reference: { resourceVersion: '9' } };
  await expect(step.adopt!(contextOf(later))).resolves.toEqual({
    output: { uid: 'uid-orders', generation: 3 },
  });
  await expect(
    step.adopt!(contextOf({ ...later, runId: 'run-2' })),
  ).resolves.toBeUndefined();
});
