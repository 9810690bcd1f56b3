import { deployment } from '../../tests/objects';
import { KubernetesObject } from '../kubernetesObject';
import { eventRow, isEventOfInterest } from './event';
import { jobRow } from './job';
import { workloadRow } from './workload';

const options = { cluster: 'prod-blue' };
const object = (kind: string, parts: Record<string, unknown>) =>
  ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'x', namespace: 'n', uid: 'u', generation: 1 },
    ...parts,
  } as KubernetesObject);

describe('workloadRow', () => {
  it('says of a Deployment what a rollout is waited for by', () => {
    const row = workloadRow(
      deployment('orders', {
        metadata: {
          annotations: {
            'deployment.kubernetes.io/revision': '7',
            'backstage.io/entity-ref': 'component:default/orders',
            'argocd.argoproj.io/tracking-id': 'orders-blue:apps/Deployment:s/o',
          },
        },
        spec: {
          replicas: 5,
          template: {
            spec: {
              initContainers: [{ name: 'migrate', image: 'm:1' }],
              containers: [{ name: 'app', image: 'a:1' }],
            },
          },
        },
        status: {
          observedGeneration: 1,
          replicas: 6,
          updatedReplicas: 2,
          readyReplicas: 4,
          availableReplicas: 3,
          unavailableReplicas: 3,
          conditions: [
            {
              type: 'Progressing',
              status: 'False',
              reason: 'ProgressDeadlineExceeded',
              message: 'timed out',
              lastTransitionTime: '2026-11-21T08:00:00Z',
            },
          ],
        },
      }) as KubernetesObject,
      options,
    );
    expect(row).toMatchObject({
      generation: 2,
      observedGeneration: 1,
      selector: { 'app.kubernetes.io/name': 'orders' },
      desired: 5,
      updated: 2,
      ready: 4,
      available: 3,
      unavailable: 3,
      revision: 7,
      containers: [
        { name: 'migrate', image: 'm:1', kind: 'init' },
        { name: 'app', image: 'a:1', kind: 'container' },
      ],
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: 'timed out',
          at: '2026-11-21T08:00:00Z',
        },
      ],
      entityRef: 'component:default/orders',
      trackingId: 'orders-blue:apps/Deployment:s/o',
    });
  });

  it.each<[string, KubernetesObject, number[]]>([
    [
      'a Deployment without a status',
      object('Deployment', { spec: {} }),
      [1, 0, 0, 0, 1],
    ],
    [
      'a Deployment scaled to zero',
      object('Deployment', { spec: { replicas: 0 }, status: {} }),
      [0, 0, 0, 0, 0],
    ],
    [
      'a ReplicaSet',
      object('ReplicaSet', {
        spec: { replicas: 2 },
        status: { replicas: 2, readyReplicas: 1, availableReplicas: 1 },
      }),
      [2, 2, 1, 1, 1],
    ],
    [
      'a StatefulSet that rolls',
      object('StatefulSet', {
        spec: { replicas: 3 },
        status: {
          replicas: 3,
          readyReplicas: 2,
          availableReplicas: 2,
          currentRevision: 'a',
          updateRevision: 'b',
          updatedReplicas: 1,
        },
      }),
      [3, 1, 2, 2, 1],
    ],
    [
      'a StatefulSet at rest, which leaves updatedReplicas out',
      object('StatefulSet', {
        spec: { replicas: 3 },
        status: {
          replicas: 3,
          readyReplicas: 3,
          availableReplicas: 3,
          currentRevision: 'a',
          updateRevision: 'a',
        },
      }),
      [3, 3, 3, 3, 0],
    ],
    [
      'a DaemonSet',
      object('DaemonSet', {
        spec: {},
        status: {
          desiredNumberScheduled: 4,
          updatedNumberScheduled: 3,
          numberReady: 2,
          numberAvailable: 2,
          numberUnavailable: 2,
        },
      }),
      [4, 3, 2, 2, 2],
    ],
    [
      'a CronJob',
      object('CronJob', { spec: {}, status: { active: [{}] } }),
      [0, 0, 0, 0, 0],
    ],
  ])('counts the pods of %s', (_, workload, counts) => {
    const row = workloadRow(workload, options);
    expect([
      row.desired,
      row.updated,
      row.ready,
      row.available,
      row.unavailable,
    ]).toEqual(counts);
  });

  it('reads the template of a CronJob', () => {
    const containers = [{ name: 'app', image: 'a:1' }];
    const row = workloadRow(
      object('CronJob', {
        spec: {
          jobTemplate: { spec: { template: { spec: { containers } } } },
        },
      }),
      options,
    );
    expect(row.containers).toEqual([
      { name: 'app', image: 'a:1', kind: 'container' },
    ]);
    expect(row.observedGeneration).toBe(row.generation);
  });
});

describe('jobRow', () => {
  it.each([
    ['running', { active: 1, startTime: 's' }, { active: 1, startedAt: 's' }],
    [
      'done',
      {
        succeeded: 1,
        completionTime: 'e',
        conditions: [
          { type: 'SuccessCriteriaMet', status: 'True' },
          { type: 'Complete', status: 'True' },
        ],
      },
      { succeeded: 1, finishedAt: 'e', condition: { type: 'Complete' } },
    ],
    [
      'failed',
      {
        failed: 2,
        conditions: [
          {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
            lastTransitionTime: 'f',
          },
        ],
      },
      {
        failed: 2,
        finishedAt: 'f',
        condition: {
          type: 'Failed',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        },
      },
    ],
  ])('a Job that is %s', (_, status, expected) => {
    expect(jobRow(object('Job', { spec: {}, status }), options)).toMatchObject(
      expected,
    );
  });

  it('is not done while its end is only announced', () => {
    const status = {
      active: 1,
      conditions: [{ type: 'FailureTarget', status: 'True' }],
    };
    const row = jobRow(object('Job', { spec: {}, status }), options);
    expect(row.condition).toBeUndefined();
    expect(row.finishedAt).toBeUndefined();
  });
});

describe('eventRow', () => {
  const involvedObject = { kind: 'Pod', namespace: 'n', name: 'p', uid: 'pu' };

  it('takes time and count from whichever field the reporter used', () => {
    const series = { count: 7, lastObservedTime: '2026-11-21T08:00:02Z' };
    expect(
      eventRow(
        object('Event', {
          type: 'Warning',
          reason: 'BackOff',
          message: 'm',
          involvedObject,
          eventTime: '2026-11-21T08:00:00Z',
          series,
        }),
        options,
      ),
    ).toMatchObject({
      count: 7,
      lastAt: '2026-11-21T08:00:02Z',
      about: involvedObject,
    });
    expect(
      eventRow(
        object('Event', { involvedObject, eventTime: '2026-11-21T08:00:00Z' }),
        options,
      ),
    ).toMatchObject({
      count: 1,
      lastAt: '2026-11-21T08:00:00Z',
      type: 'Normal',
    });
  });

  it.each([
    [{ type: 'Warning', reason: 'Unhealthy' }, true],
    [{ type: 'Normal', reason: 'ScalingReplicaSet' }, true],
    [{ type: 'Normal', reason: 'Started' }, false],
    [
      {
        type: 'Warning',
        reason: 'X',
        involvedObject: { kind: 'Node', uid: 'n' },
      },
      false,
    ],
    [{ type: 'Warning', reason: 'X', involvedObject: { kind: 'Pod' } }, false],
  ])('%j is kept: %s', (parts, kept) => {
    const of = object('Event', { involvedObject, ...parts });
    expect(isEventOfInterest(of)).toBe(kept);
  });
});
