import { ConfigReader } from '@backstage/config';
import { WorkloadRow } from '@switchyard/fleet-node';
import { applicationRow } from '../__testUtils__/applications';
import { createTestFleet, TestFleet } from '../__testUtils__/createTestFleet';
import {
  orders as entity,
  production as config,
  workloadRow,
} from '../__testUtils__/workloads';
import { readScaleBounds } from './scaleBounds';
import { ScalePlanner } from './ScalePlanner';
import { ScaleInput } from './types';

function start(row: Partial<WorkloadRow> = {}) {
  const fleet = createTestFleet();
  fleet.workloads.push(workloadRow(row));
  fleet.objects.set('uid-orders', { spec: {} });
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://blue',
    state: 'live',
    since: '2026-11-20T10:00:00Z',
    kinds: [],
  });
  fleet.held = 'live';
  return fleet;
}

const plan = (fleet: TestFleet, input: Partial<ScaleInput> = {}) =>
  ScalePlanner.create({
    fleet: fleet.service,
    config,
    bounds: { min: 0, max: 10 },
  }).plan({
    entity,
    environment: 'production',
    input: { replicas: 5, ...input },
    signal: new AbortController().signal,
  });

const deployed = (fleet: TestFleet, selfHeal: boolean) =>
  fleet.rows.push(
    applicationRow({
      autoSync: { enabled: true, prune: false, selfHeal },
      resources: [
        {
          group: 'apps',
          version: 'v1',
          kind: 'Deployment',
          namespace: 'storefront',
          name: 'orders',
        },
      ],
    }),
  );

function addAutoscaler(fleet: TestFleet, name: string) {
  const { cluster, namespace, labels, createdAt } = workloadRow();
  fleet.resources.push({
    ...{ cluster, namespace, labels, createdAt, name: 'orders-hpa' },
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    uid: 'uid-hpa',
    resourceVersion: '1',
  });
  fleet.objects.set('uid-hpa', {
    spec: { scaleTargetRef: { kind: 'Deployment', name } },
  });
}

it('says from what to what, waits for that many, and how to take it back', async () => {
  expect(await plan(start())).toMatchObject({
    title: 'Scale Deployment orders to 5 pods in prod-blue',
    problems: [],
    warnings: [],
    changes: [{ before: '3 pods', after: '5 pods', cluster: 'prod-blue' }],
    undo: 'Scale Deployment orders in prod-blue to 3',
    steps: [
      { id: 'scale.orders.prod-blue', input: { before: 3, replicas: 5 } },
      { id: 'ready.orders.prod-blue', input: { replicas: 5 } },
    ],
  });
});

it.each<[string, (fleet: TestFleet) => void, Partial<ScaleInput>, string[]]>([
  ['more than the bounds', () => {}, { replicas: 11 }, ['Out of bounds']],
  [
    'what an autoscaler decides',
    fleet => addAutoscaler(fleet, 'orders'),
    {},
    ['An autoscaler decides'],
  ],
  ['an autoscaler of another', fleet => addAutoscaler(fleet, 'x'), {}, []],
  [
    'what an autoscaler that is not seen has set',
    fleet => {
      fleet.held = undefined;
      fleet.service.origin = () => ({
        managers: [
          {
            manager: 'kube-controller-manager',
            operation: 'Update',
            apiVersion: 'apps/v1',
            subresource: 'scale',
          },
        ],
      });
    },
    {},
    ['An autoscaler decides'],
  ],
  [
    'a DaemonSet',
    fleet => {
      fleet.workloads[0].kind = 'DaemonSet';
    },
    {},
    ['Nothing runs in production'],
  ],
])('judges %s', async (_, change, input, whats) => {
  const fleet = start();
  change(fleet);
  const { problems, steps } = await plan(fleet, input);
  expect(problems.map(({ what }) => what)).toEqual(whats);
  expect(steps.length === 0).toBe(whats.length > 0);
});

it.each<[string, (fleet: TestFleet) => void, Partial<ScaleInput>, string[]]>([
  [
    'self-healing',
    fleet => deployed(fleet, true),
    {},
    ['Argo CD puts it back'],
  ],
  ['drift', fleet => deployed(fleet, false), {}, ['Not in Git']],
  ['nothing left', () => {}, { replicas: 0 }, ['Nothing runs then']],
  [
    'autoscalers that are not seen',
    fleet => {
      fleet.held = undefined;
    },
    {},
    ['Autoscalers are not known'],
  ],
])('warns of %s', async (_, change, input, whats) => {
  const fleet = start();
  change(fleet);
  const { warnings } = await plan(fleet, input);
  expect(warnings.map(({ what }) => what)).toEqual(whats);
});

describe('bounds', () => {
  const read = (scale: object) =>
    readScaleBounds(
      new ConfigReader({ switchyard: { deploys: { scale } } } as any),
    );

  it('have defaults, and make sense', () => {
    expect(readScaleBounds(new ConfigReader({}))).toEqual({ min: 1, max: 20 });
    expect(read({ min: 0 })).toEqual({ min: 0, max: 20 });
    for (const wrong of [{ min: -1 }, { max: 0.5 }, { min: 3, max: 2 }])
      expect(() => read(wrong)).toThrow('switchyard.deploys.scale');
  });
});
