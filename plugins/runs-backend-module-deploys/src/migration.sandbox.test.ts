import {
  HotfixWorld,
  playPlan,
  startHotfixWorld,
} from './__testUtils__/startHotfixWorld';

// A world of processes, clusters and time.
jest.setTimeout(180_000);

const GOOD = 'v5.3.25';

let world: HotfixWorld;

beforeAll(async () => {
  world = await startHotfixWorld();
});

afterAll(async () => {
  await world?.close();
});

const runsInGreen = async () =>
  (await world.counts()).migrations.filter(
    ({ cluster, version }) => cluster === 'prod-green' && version === GOOD,
  );
const operations = async () =>
  (await world.counts()).applications['orders-green'].operations;

const isOfGreen = (image: string) =>
  world.fleet
    .workloads({ cluster: 'prod-green', name: 'orders' })
    .some(({ containers }) => containers[0].image.endsWith(image));

it('stops the rollout when it fails, and is run again once, when somebody says so', async () => {
  await world.fault('migrations-fail', { target: 'prod-green' });
  const ship = await playPlan(world, await world.plan(GOOD), {
    runId: 'run-ship',
  });
  expect(ship.errors['sync.orders-green']).toMatchObject({
    name: 'StepFailedError',
    message: expect.stringMatching(
      /^The migration failed, so nothing was rolled out: PreSync hook Job orders-migrate failed/,
    ),
    details: expect.arrayContaining([
      expect.stringMatching(/^Last lines of orders-migrate-/),
      expect.stringContaining('PG::NotNullViolation'),
    ]),
  });
  expect(ship.outputs['rollout.orders-green']).toBeUndefined();
  expect(isOfGreen(`:${GOOD}`)).toBe(false);

  const plan = await world.planOf('migrate', {});
  expect(plan).toMatchObject({
    title: 'Run the migration of orders-green again in prod-green',
    problems: [],
    keys: [
      'application:main/argocd/orders-green',
      'target:component:default/orders@production',
    ],
    changes: [
      {
        what: 'migration of orders-green',
        ref: 'Job storefront/orders-migrate',
        before: expect.stringMatching(
          /^PreSync hook Job orders-migrate failed/,
        ),
        after: 'runs again',
      },
      { what: 'sync of Application orders-green' },
    ],
  });
  expect(plan.warnings.map(({ what }) => what)).toEqual([
    'It deploys too',
    'It has to find done what it has done',
  ]);

  const failing = await playPlan(world, plan, { runId: 'run-failing' });
  expect(failing.errors['migrate.orders-green']).toMatchObject({
    name: 'StepFailedError',
    details: expect.arrayContaining([
      expect.stringContaining('PG::NotNullViolation'),
    ]),
  });

  await world.clearFaults();
  const next = await world.planOf('migrate', {});
  // Another failure is another plan.
  expect(next.intent).not.toEqual(plan.intent);
  const before = await operations();
  const again = await playPlan(world, next, { runId: 'run-again' });
  expect(again.errors).toEqual({});
  expect(again.outputs['migrate.orders-green']).toMatchObject({
    migration: { state: 'ran' },
  });
  expect((await operations()) - before).toBe(1);
  expect(isOfGreen(`:${GOOD}`)).toBe(true);
  const runs = await runsInGreen();
  expect(runs.at(-1)).toMatchObject({
    outcome: expect.not.stringMatching(/fail/),
  });

  // Who comes late with a plan that was made while it had failed runs nothing.
  const late = await playPlan(world, next, { runId: 'run-late' });
  expect(late.errors['migrate.orders-green']).toMatchObject({
    name: 'StepFailedError',
    message: expect.stringContaining(
      'was not run again, as it has succeeded meanwhile',
    ),
  });
  expect(late.contexts['migrate.orders-green'].effects).toEqual([]);
  expect(await runsInGreen()).toHaveLength(runs.length);
});

it('is not run a second time after it succeeded, unless somebody says so', async () => {
  const plan = await world.planOf('migrate', {
    applications: ['orders-green'],
  });
  expect(plan).toMatchObject({
    steps: [],
    problems: [{ what: 'It has succeeded', field: 'again' }],
  });
  const both = await world.planOf('migrate', { again: true });
  expect(both).toMatchObject({
    title: 'Run 2 migrations again in 2 clusters',
    problems: [],
  });
  // One after another: clusters often share the database.
  expect(both.steps.map(({ id, needs }) => [id, needs])).toEqual([
    ['migrate.orders-blue', []],
    ['settle.orders-blue', ['migrate.orders-blue']],
    ['migrate.orders-green', ['settle.orders-blue']],
    ['settle.orders-green', ['migrate.orders-green']],
  ]);
});

it('leaves to a sync what has no migration that ran', async () => {
  const of = { name: 'search', environment: 'production' };
  const { problems } = await world.planOf('migrate', {}, of);
  expect(problems.map(({ what }) => what)).toContain('No migration has run');
});
