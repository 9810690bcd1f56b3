import { WorkloadRow } from '@switchyard/fleet-node';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { workloadRow } from '../__testUtils__/workloads';
import { viewImageRollout } from './viewImageRollout';

const IMAGE = 'registry.example.com/orders';
const CHANGED = { uid: 'uid-orders', generation: 3 };

function view(row: Partial<WorkloadRow> | undefined, tag = 'v2') {
  const fleet = createTestFleet();
  const kind = row?.kind ?? 'Deployment';
  const container = { name: 'main', image: `${IMAGE}:${tag}` };
  if (row)
    fleet.workloads.push(
      workloadRow({
        containers: [{ ...container, kind: 'container' }],
        ...row,
      }),
    );
  return viewImageRollout(
    {
      workload: {
        cluster: 'prod-blue',
        kind,
        namespace: 'storefront',
        name: 'orders',
      },
      containers: [
        { name: 'main', before: `${IMAGE}:v1`, after: `${IMAGE}:v2` },
      ],
    },
    CHANGED,
    fleet.service,
  );
}

const CANARY = { strategy: 'canary', aborted: false } as const;

it.each<[string, Partial<WorkloadRow> | undefined, boolean, string]>([
  ['nothing that is there', undefined, false, 'Deployment orders is not there'],
  [
    'a replica that is behind',
    { generation: 2, observedGeneration: 2 },
    false,
    'the change has not been seen yet',
  ],
  ['pods that are old', {}, false, 'Deployment orders: 0 of 3 new pods ready'],
  ['no pods that are wanted', { desired: 0 }, true, '0 of 0 new pods ready'],
  [
    'a CronJob',
    { kind: 'CronJob' },
    true,
    `runs ${IMAGE}:v2 from its next Job`,
  ],
  [
    'a canary that waits',
    {
      kind: 'Rollout',
      rollout: { ...CANARY, paused: { reason: 'CanaryPauseStep' } },
    },
    true,
    'Rollout orders waits (CanaryPauseStep)',
  ],
  [
    'a canary that is through',
    { kind: 'Rollout', rollout: CANARY },
    true,
    'Rollout orders: 3 of 3 pods ready',
  ],
])('says of %s how far it is', (_, row, done, text) => {
  const seen = view(row);
  expect([seen.done, seen.text, seen.failed]).toEqual([
    done,
    expect.stringContaining(text),
    undefined,
  ]);
});

it('fails where somebody has set another image since, and where a canary was aborted', () => {
  expect(view({}, 'v1')).toMatchObject({
    done: false,
    failed: `Deployment orders was given ${IMAGE}:v2, and somebody has set ${IMAGE}:v1 since`,
  });
  expect(
    view({
      kind: 'Rollout',
      rollout: { ...CANARY, aborted: true, message: 'RolloutAborted: by Dana' },
    }),
  ).toMatchObject({
    done: false,
    failed: 'Rollout orders: RolloutAborted: by Dana',
  });
});
