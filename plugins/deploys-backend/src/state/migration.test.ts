import { Application, OperationState, TargetPod } from '@switchyard/fleet-node';
import { fullApplication, podRow } from '../tests/ordersWorld';
import { migrationFactsOf, readMigration } from './migration';

const WANTED = '3f1c2f0d8f6f4d2aa4c1f6b1e0c4f4b6a7c8d9e0';
/** Nothing else is known. */
const elsewhere = { endedJobs: [], isSeen: true };
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
    ...elsewhere,
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
      ...elsewhere,
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
      ...elsewhere,
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
      ...elsewhere,
    }),
  ).toMatchObject({ verdict, log: { pod: pods[0].row.name } });
  const other = [{ ...workloads[0], row: { ...row, name: 'report' } }];
  expect(
    readMigration({
      facts: undefined,
      hasHookJob: false,
      withMessages: true,
      workloads: other,
      ...elsewhere,
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
    readMigration({
      facts,
      hasHookJob: true,
      withMessages,
      workloads: [],
      ...elsewhere,
    });
  expect(read(true).text).toContain('acme');
  expect(read(false)).toMatchObject({
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
      ...elsewhere,
    }).text,
  ).toBe('Job db-migrate failed: BackoffLimitExceeded');
});

describe('a Job that has ended', () => {
  const DEPLOYED_AT = '2026-11-20T09:00:05Z';
  const aJob = (more: object = {}, pods = [podRow('prod-blue', 7, 'v2')]) => ({
    row: {
      kind: 'Job',
      namespace: 'storefront',
      name: 'orders-migrate',
      createdAt: '2026-11-20T09:00:07Z',
      active: 0,
      condition: { type: 'Complete' },
      containers: [{ name: 'migrate', image: 'orders:v2', kind: 'container' }],
      ...more,
    } as any,
    pods: pods.map(row => ({ old: false, row })),
    consent: { given: true, why: '' },
  });
  const deployed = (operation: object, resources: object[] = []) => {
    const application = withOperation({
      phase: 'Succeeded',
      operation: { sync: operation },
      syncResult: result(resources),
    });
    application.status!.history!.at(-1)!.deployStartedAt = DEPLOYED_AT;
    return migrationFactsOf(application);
  };

  it('has the log of its newest pod, as long as that is there', () => {
    const facts = deployed({}, [hook('Succeeded')]);
    const job = aJob({}, [
      podRow('prod-blue', 1, 'v2', { createdAt: '2026-11-20T09:00:08Z' }),
      podRow('prod-blue', 2, 'v2', { createdAt: '2026-11-20T09:00:19Z' }),
    ]);
    const read = (endedJobs: Array<ReturnType<typeof aJob>>, isSeen = true) =>
      readMigration({
        facts,
        hasHookJob: true,
        withMessages: true,
        workloads: [],
        endedJobs,
        isSeen,
      });
    expect(read([job])).toMatchObject({
      verdict: 'ran',
      log: { cluster: 'prod-blue', pod: job.pods[1].row.name },
      ended: job,
    });
    for (const gone of [[], [{ ...job, pods: [] }]]) {
      expect(read(gone)).toMatchObject({ verdict: 'ran', logIsGone: true });
      // Who cannot look does not know.
      expect(read(gone, false)).not.toHaveProperty('logIsGone');
    }
  });

  it.each([
    ['a healing', { resources: [{ kind: 'Service', name: 's' }] }],
    ['a dry run', { dryRun: true }],
  ])('tells of the deploy that %s has hidden', (_, operation) => {
    const facts = deployed(operation);
    const read = (endedJobs: Array<ReturnType<typeof aJob>>) =>
      readMigration({
        facts,
        hasHookJob: true,
        withMessages: true,
        workloads: [],
        endedJobs,
        isSeen: true,
      });
    expect(read([aJob()])).toMatchObject({
      verdict: 'ran',
      text: 'Job orders-migrate ran',
      log: { cluster: 'prod-blue' },
    });
    const failed = aJob({ condition: { type: 'Failed', message: 'too slow' } });
    expect(read([failed])).toMatchObject({ verdict: 'failed' });
    const ofTheDeployBefore = aJob({ createdAt: '2026-11-19T09:00:07Z' });
    for (const jobs of [[], [ofTheDeployBefore]]) {
      expect(read(jobs)).toMatchObject({
        verdict: 'unknown',
        text: expect.stringContaining('a later operation only'),
      });
    }
  });

  it.each([
    ['of a hook that has not run this time', true, 'orders:v2', 'not-there'],
    ['of the version before', false, 'orders:v1', 'not-there'],
    ['of this version', false, 'orders:v2', 'ran'],
  ])('that is %s', (_, hasHookJob, image, verdict) => {
    const workloads = [
      {
        ...aJob({
          kind: 'Deployment',
          active: undefined,
          containers: [{ name: 'orders', image, kind: 'container' }],
        }),
        pods: [],
      },
    ];
    delete workloads[0].row.active;
    expect(
      readMigration({
        facts: undefined,
        hasHookJob,
        withMessages: true,
        workloads,
        endedJobs: [aJob()],
        isSeen: true,
      }).verdict,
    ).toBe(verdict);
  });
});
