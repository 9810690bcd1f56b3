import { Application, OperationState, TargetPod } from '@switchyard/fleet-node';
import { fullApplication, podRow } from '../tests/ordersWorld';
import { migrationFactsOf, readMigration } from './migration';

const WANTED = '3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0';
const hook = (hookPhase: string, more: object = {}) => ({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  namespace: 'storefront',
  name: 'orders-migrate',
  hookType: 'PreSync',
  hookPhase,
  ...more,
});

function withOperation(state: Partial<OperationState>): Application {
  const application = fullApplication('prod-blue');
  application.status!.operationState = {
    operation: { sync: {} },
    phase: 'Running',
    startedAt: '2026-11-20T09:00:00Z',
    ...state,
  };
  return application;
}

function result(resources: object[], revision = WANTED) {
  return { revision, resources: resources as any };
}

/** The table of J3: what is observed of a hook, and the verdict. */
it.each<[string, Partial<OperationState>, string, RegExp]>([
  [
    'it ran',
    { phase: 'Succeeded', syncResult: result([hook('Succeeded')]) },
    'ran',
    /^PreSync hook Job orders-migrate ran$/,
  ],
  [
    'it ran and the sync goes on',
    { syncResult: result([hook('Succeeded')], 'next') },
    'ran',
    /ran$/,
  ],
  [
    'it failed',
    {
      phase: 'Failed',
      syncResult: result([
        hook('Failed', {
          message: 'Job has reached the specified backoff limit',
        }),
      ]),
    },
    'failed',
    /failed: Job has reached the specified backoff limit$/,
  ],
  ['it runs', { syncResult: result([hook('Running')]) }, 'running', /running$/],
  [
    'it has not begun',
    { message: 'waiting for healthy state of apps/Deployment/edge' },
    'not-there',
    /not? .*started yet|No migration has been started yet/,
  ],
  [
    'an earlier step failed',
    { phase: 'Failed', message: 'one or more objects failed to apply' },
    'not-there',
    /failed before any migration was started/,
  ],
  [
    'only some resources were synced',
    {
      phase: 'Succeeded',
      operation: { sync: { resources: [{ kind: 'Service', name: 's' }] } },
    },
    'skipped',
    /runs no hooks/,
  ],
  [
    'it was rolled back',
    {
      phase: 'Succeeded',
      operation: { sync: { syncStrategy: { apply: {} } } },
    },
    'skipped',
    /rollback runs no hooks/,
  ],
  [
    'this revision has none',
    { phase: 'Succeeded', syncResult: result([]) },
    'not-there',
    /No migration in this revision/,
  ],
  [
    'a person stopped it',
    {
      phase: 'Failed',
      message: 'Operation terminated',
      syncResult: result([hook('Failed', { message: 'Terminated' })]),
    },
    'unknown',
    /state of the database is not known/,
  ],
  [
    'a person stops it',
    { phase: 'Terminating', syncResult: result([hook('Running')]) },
    'unknown',
    /state of the database is not known/,
  ],
  [
    'the operation belongs to another deploy',
    { phase: 'Succeeded', syncResult: result([hook('Succeeded')], 'other') },
    'unknown',
    /another deploy/,
  ],
])('%s', (_, state, verdict, text) => {
  const migration = readMigration({
    facts: migrationFactsOf(withOperation(state)),
    hasHookJob: true,
    withMessages: true,
    workloads: [],
  });
  expect(migration).toMatchObject({
    verdict,
    text: expect.stringMatching(text),
  });
});

it('asks the hook that is a migration, where there are others', () => {
  const facts = migrationFactsOf(
    withOperation({
      syncResult: result([
        hook('Failed', { name: 'warm-cache' }),
        hook('Succeeded'),
        hook('Running', { name: 'notify', hookType: 'PostSync' }),
      ]),
    }),
  );
  expect(
    readMigration({
      facts,
      hasHookJob: true,
      withMessages: true,
      workloads: [],
    }).verdict,
  ).toBe('ran');
});

it.each([
  [{ state: 'running' }, 'running', /is running/],
  [{ state: 'waiting', reason: 'PodInitializing' }, 'running', /not begun/],
  [{ state: 'terminated', exitCode: 0 }, 'ran', /ran$/],
  [{ state: 'terminated', exitCode: 3 }, 'failed', /exit code 3$/],
  [
    {
      state: 'waiting',
      reason: 'CrashLoopBackOff',
      restarts: 2,
      last: { exitCode: 1 },
    },
    'failed',
    /exit code 1$/,
  ],
  [
    { state: 'running', restarts: 1, last: { exitCode: 1 } },
    'failed',
    /tried again$/,
  ],
])('an init container that is %j: %s', (container, verdict, text) => {
  const pod: TargetPod = {
    old: false,
    row: podRow('prod-blue', 0, 'v2', {
      containers: [
        {
          name: 'migrate',
          kind: 'init',
          image: 'x',
          ready: false,
          restarts: 0,
          ...(container as { state: 'running' }),
        },
      ],
    }),
  };
  const row = { kind: 'Deployment', name: 'edge' } as any;
  const ask = (pods: TargetPod[]) =>
    readMigration({
      facts: undefined,
      hasHookJob: false,
      withMessages: true,
      workloads: [{ row, pods, consent: { given: true, why: '' } }],
    });
  expect(ask([pod])).toMatchObject({
    verdict,
    text: expect.stringMatching(text),
    log: { cluster: 'prod-blue', pod: pod.row.name, container: 'migrate' },
  });
  // Those of the version before say nothing of this one.
  expect(ask([{ ...pod, old: true }]).verdict).toBe('not-there');
});

it.each([
  [{ type: 'Complete' }, 'ran'],
  [{ type: 'Failed', message: 'DeadlineExceeded' }, 'failed'],
  [undefined, 'running'],
])('a Job with the condition %j: %s', (condition, verdict) => {
  const row = { kind: 'Job', name: 'db-migrate', active: 1, condition } as any;
  const pods = [{ old: false, row: podRow('prod-blue', 0, 'v2') }];
  const workloads = [{ row, pods, consent: { given: true, why: '' } }];
  expect(
    readMigration({
      facts: undefined,
      hasHookJob: false,
      withMessages: true,
      workloads,
    }),
  ).toMatchObject({ verdict, log: { pod: pods[0].row.name } });
  const other = [{ ...workloads[0], row: { ...row, name: 'report' } }];
  expect(
    readMigration({
      facts: undefined,
      hasHookJob: false,
      withMessages: true,
      workloads: other,
    }).verdict,
  ).toBe('not-there');
});

it('says nothing of what hooks and Jobs said to who only claims them', () => {
  const facts = migrationFactsOf(
    withOperation({
      phase: 'Failed',
      syncResult: result([hook('Failed', { message: 'tenant acme' })]),
    }),
  );
  const read = (withMessages: boolean) =>
    readMigration({ facts, hasHookJob: true, withMessages, workloads: [] });
  expect(read(true).text).toContain('acme');
  expect(read(false)).toEqual({
    verdict: 'failed',
    text: 'PreSync hook Job orders-migrate failed',
  });
  const condition = { type: 'Failed', reason: 'BackoffLimitExceeded' };
  const row = {
    kind: 'Job',
    name: 'db-migrate',
    active: 0,
    condition: { ...condition, message: 'tenant acme' },
  } as any;
  expect(
    readMigration({
      facts: undefined,
      hasHookJob: false,
      withMessages: false,
      workloads: [{ row, pods: [], consent: { given: false, why: '' } }],
    }).text,
  ).toBe('Job db-migrate failed: BackoffLimitExceeded');
});
