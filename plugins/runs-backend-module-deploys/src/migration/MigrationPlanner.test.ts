import { JobRow, OperationState } from '@switchyard/fleet-node';
import {
  applicationOf,
  applicationRow,
  operationState,
} from '../__testUtils__/applications';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { component, config } from '../__testUtils__/startDeployRepositories';
import { MigrationPlanner } from './MigrationPlanner';
import { MigrateInput } from './types';

const AT = '2026-11-20T12:00:01Z';
const JOB = { kind: 'Job', namespace: 'storefront', name: 'orders-migrate' };

/** What each Application's last operation says; null where Argo CD cannot be asked. */
function start(
  states: Record<string, OperationState | null>,
  jobs: Array<Partial<JobRow>> = [],
) {
  const fleet = createTestFleet();
  for (const name of ['prod-blue', 'prod-green'])
    fleet.clusters.push({
      name,
      url: `https://${name}`,
      state: 'live',
      since: AT,
      kinds: [],
    });
  for (const [name, state] of Object.entries(states)) {
    const resource = { group: 'batch', version: 'v1', ...JOB, hook: true };
    fleet.rows.push(
      applicationRow({
        name,
        destination: {
          name: name.replace('orders', 'prod'),
          namespace: 'storefront',
        },
        resources: [resource],
      }),
    );
    if (state) {
      const application = applicationOf({ name, state });
      application.status!.resources = [resource];
      fleet.full.set(name, application);
    }
  }
  for (const [index, job] of jobs.entries()) {
    const uid = `job-${index}`;
    fleet.jobs.push({
      cluster: 'prod-green',
      apiVersion: 'batch/v1',
      ...JOB,
      uid,
      resourceVersion: '1',
      labels: {},
      createdAt: AT,
      active: 0,
      succeeded: 0,
      failed: 0,
      containers: [],
      ...job,
    });
    fleet.objects.set(uid, {
      metadata: { annotations: { 'argocd.argoproj.io/hook': 'PreSync' } },
    });
  }
  const planner = MigrationPlanner.create({ fleet: fleet.service, config });
  const plan = (input: MigrateInput = {}) =>
    planner.plan({
      entity: component(),
      environment: 'production',
      input,
      signal: new AbortController().signal,
    });
  return { fleet, planner, plan };
}

function hooked(
  hookPhase: string,
  phase: OperationState['phase'] = 'Failed',
  overrides: Parameters<typeof operationState>[2] = {},
): OperationState {
  return operationState(phase, 'new', {
    startedAt: AT,
    resources: [
      {
        group: 'batch',
        version: 'v1',
        ...JOB,
        hookType: 'PreSync',
        hookPhase,
        message: 'BackoffLimitExceeded',
      },
    ],
    ...overrides,
  });
}

const FAILED = hooked('Failed');
const RAN = hooked('Succeeded', 'Succeeded');
const RUNNING = hooked('Running', 'Running');
const NONE = operationState('Succeeded', 'new');

it('runs those again that have failed, one after another, by a sync of everything', async () => {
  const { plan, planner } = start({
    'orders-blue': FAILED,
    'orders-green': FAILED,
  });
  expect(planner.environments(component())).toEqual(['production']);
  const made = await plan();
  expect(made).toMatchObject({
    title: 'Run 2 migrations again in 2 clusters',
    problems: [],
    keys: [
      'application:main/argocd/orders-blue',
      'application:main/argocd/orders-green',
      'target:component:default/orders@production',
    ],
    changes: [
      {
        cluster: 'prod-blue',
        what: 'migration of orders-blue',
        ref: 'Job storefront/orders-migrate',
        before: 'PreSync hook Job orders-migrate failed: BackoffLimitExceeded',
        after: 'runs again',
      },
      { what: 'sync of Application orders-blue' },
      { cluster: 'prod-green' },
      { what: 'sync of Application orders-green' },
    ],
  });
  expect(
    made.steps.map(({ id, handler, effect, needs }) => [
      id,
      handler,
      effect,
      needs,
    ]),
  ).toEqual([
    ['migrate.orders-blue', 'rerun-migration', 'adoptable', []],
    ['settle.orders-blue', 'settle', 'none', ['migrate.orders-blue']],
    [
      'migrate.orders-green',
      'rerun-migration',
      'adoptable',
      ['settle.orders-blue'],
    ],
    ['settle.orders-green', 'settle', 'none', ['migrate.orders-green']],
  ]);
  // Hooks run with a sync of everything only.
  expect(made.steps[0].input).toMatchObject({ resources: null, again: false });
});

it('has no environment without a Job that is a hook', () => {
  const { fleet, planner } = start({ 'orders-green': FAILED });
  fleet.rows[0].resources[0].hook = false;
  expect(planner.environments(component())).toEqual([]);
});

it('leaves alone what has succeeded, unless it is named and wanted once more', async () => {
  const { plan } = start({ 'orders-blue': RAN, 'orders-green': FAILED });
  await expect(plan()).resolves.toMatchObject({
    title: 'Run the migration of orders-green again in prod-green',
    problems: [],
  });
  await expect(plan({ applications: ['orders-blue'] })).resolves.toMatchObject({
    steps: [],
    problems: [{ what: 'It has succeeded', field: 'again' }],
  });
  const again = await plan({ applications: ['orders-blue'], again: true });
  expect(again).toMatchObject({
    title: 'Run the migration of orders-blue again in prod-blue',
    problems: [],
    intent: { again: true },
  });
  expect(again.steps[0].input).toMatchObject({ again: true });
});

it('runs none while one of them is at work', async () => {
  const { plan } = start({ 'orders-blue': RUNNING, 'orders-green': FAILED });
  await expect(plan()).resolves.toMatchObject({
    steps: [],
    problems: [
      { what: 'It is running', ref: 'Application argocd/orders-blue' },
    ],
  });
});

it.each<[string, OperationState | null, MigrateInput, string]>([
  ['it is running', RUNNING, {}, 'It is running'],
  [
    'it is running, whatever is wanted',
    RUNNING,
    { again: true },
    'It is running',
  ],
  ['it has succeeded', RAN, {}, 'It has succeeded'],
  ['there is none', NONE, { again: true }, 'No migration has run'],
  [
    'none was started',
    operationState('Failed', 'new'),
    {},
    'No migration has run',
  ],
  [
    'only a part was synced, which runs no hooks',
    operationState('Succeeded', 'new', {
      operation: {
        sync: { resources: [{ group: '', kind: 'Service', name: 'orders' }] },
      },
    }),
    {},
    'Whether it has succeeded is not known',
  ],
  ['Argo CD cannot be asked', null, {}, 'Argo CD cannot be asked'],
])('has no plan where %s', async (_, state, input, what) => {
  const { steps, problems } = await start({ 'orders-green': state }).plan(
    input,
  );
  expect(steps).toEqual([]);
  expect(problems.map(each => each.what)).toEqual([what]);
});

it.each<[string, Partial<JobRow>, string | undefined]>([
  [
    'has failed',
    { failed: 1, condition: { type: 'Failed', message: 'no luck' } },
    undefined,
  ],
  ['has ended well', { condition: { type: 'Complete' } }, 'It has succeeded'],
  ['is at work', { active: 1 }, 'It is running'],
])(
  'goes by the Job, that %s, once Argo CD has healed something since',
  async (_, job, what) => {
    const healed = operationState('Succeeded', 'new', { automated: true });
    const older = { createdAt: '2026-11-20T11:00:00Z', failed: 1 };
    const { problems } = await start({ 'orders-green': healed }, [
      { ...older, condition: { type: 'Failed' } },
      job,
    ]).plan();
    expect(problems.map(each => each.what)).toEqual(what ? [what] : []);
  },
);

it('says that a failure is another one, so that what was approved is not taken for it', async () => {
  const { plan } = start({ 'orders-green': FAILED });
  const later = start({
    'orders-green': hooked('Failed', 'Failed', {
      startedAt: '2026-11-20T12:30:00Z',
    }),
  });
  expect((await plan()).intent).not.toEqual((await later.plan()).intent);
});

it.each<[string, OperationState, string[]]>([
  [
    'that it begins anew',
    FAILED,
    ['It deploys too', 'It has to find done what it has done'],
  ],
  [
    'a database of which nothing is known',
    hooked('Failed', 'Failed', { message: 'Operation terminated' }),
    ['It deploys too', 'The state of the database is not known'],
  ],
])('warns of %s', async (_, state, what) => {
  const { warnings } = await start({ 'orders-green': state }).plan();
  expect(warnings.map(each => each.what)).toEqual(what);
});
