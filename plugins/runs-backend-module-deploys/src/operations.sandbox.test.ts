import { createTestContext } from './__testUtils__/createTestContext';
import {
  HotfixWorld,
  playPlan,
  useHotfixWorld,
} from './__testUtils__/startHotfixWorld';

// A world of processes, clusters and time.
jest.setTimeout(180_000);

let world: HotfixWorld;
useHotfixWorld(started => {
  world = started;
});

const green = async () => (await world.counts()).applications['orders-green'];

/** Pushes a version, and syncs where that happens by itself only. */
async function pushOnly(version: string, runId: string) {
  const plan = await world.plan(version);
  const steps = plan.steps.filter(({ id }) => /^(check|commit)/.test(id));
  const { errors } = await playPlan(world, { ...plan, steps }, { runId });
  expect(errors).toEqual({});
}

describe('sync', () => {
  it('brings an Application to what Git says, once although its answer is lost, and waits until it is well', async () => {
    await pushOnly('v5.3.25', 'run-push');
    const plan = await world.planOf('sync', {
      applications: ['orders-green'],
      refresh: 'normal',
    });
    expect(plan).toMatchObject({
      title: 'Sync orders-green in prod-green',
      problems: [],
      keys: [
        'application:main/argocd/orders-green',
        'target:component:default/orders@production',
      ],
    });
    expect(plan.changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          what: 'Deployment orders',
          before: 'OutOfSync',
          after: 'as its sources say',
        }),
      ]),
    );
    const before = await green();
    await world.fault('argocd-sync-answer-dropped', { target: 'orders-green' });
    const { outputs, errors } = await playPlan(world, plan, {
      runId: 'run-sync',
    });
    expect(errors).toEqual({});
    expect((await green()).operations - before.operations).toBe(1);
    expect(outputs['sync.orders-green']).toMatchObject({
      migration: { state: 'ran' },
    });
    // Whether it is compared anew by then is told, and not waited for.
    expect(outputs['settle.orders-green']).toMatchObject({
      argo: expect.stringMatching(/^Argo CD says \w+ and Healthy$/),
    });
  });

  it('is adopted by a worker that takes over, from the operation that carries the run', async () => {
    const plan = await world.planOf('sync', {
      applications: ['orders-green'],
    });
    const before = await green();
    const stored: { reference?: any } = {};
    await playPlan(world, plan, {
      runId: 'run-adopted',
      onEffect: (_, reference) => void (stored.reference = reference),
    });
    const again = createTestContext({
      input: plan.steps[0].input,
      runId: 'run-adopted',
      attempt: 2,
      reference: stored.reference,
    });
    await expect(
      world.kinds.get('sync')!.steps['request-sync'].adopt!(again),
    ).resolves.toMatchObject({
      output: { evidence: 'the operation that was asked for has succeeded' },
    });
    expect(again.effects).toEqual([]);
    expect((await green()).operations - before.operations).toBe(1);
  });

  it('syncs single resources without hooks', async () => {
    const plan = await world.planOf('sync', {
      applications: ['orders-green'],
      resources: [{ kind: 'Service', name: 'orders' }],
      force: true,
    });
    expect(plan).toMatchObject({
      title: 'Sync 1 resource of orders-green in prod-green (force)',
      problems: [],
    });
    expect(plan.warnings.map(({ what }) => what)).toEqual([
      'Force deletes and creates again',
      'Hooks do not run',
    ]);
    const { migrations } = await world.counts();
    const { outputs, errors } = await playPlan(world, plan, {
      runId: 'run-selective',
    });
    expect(errors).toEqual({});
    expect(outputs['sync.orders-green']).toMatchObject({
      migration: { state: 'skipped' },
    });
    expect((await world.counts()).migrations).toHaveLength(migrations.length);
  });

  it('says what does not exist', async () => {
    const plan = await world.planOf('sync', {
      applications: ['nothing'],
    });
    expect(plan.steps).toEqual([]);
    expect(plan.problems).toMatchObject([
      { what: 'No such Application', field: 'applications' },
    ]);
  });
});
