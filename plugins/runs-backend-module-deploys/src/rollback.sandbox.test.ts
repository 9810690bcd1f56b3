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

const APPLICATIONS = ['orders-blue', 'orders-green'];

async function ship(version: string) {
  const { errors } = await playPlan(world, await world.plan(version), {
    runId: `run-${version}`,
  });
  expect(errors).toEqual({});
}

it('brings back a version that ran, once, although every answer is lost; and the one after it again', async () => {
  const choices = async () => {
    const { versions } = (await world.kinds.get('rollback')!.choices!(
      {
        entity: world.entity('orders'),
        environment: 'production',
        signal: AbortSignal.timeout(30_000),
      },
      { find: async () => [] },
    )) as any;
    return versions.map((each: any) => [each.version, each.isNow]);
  };
  await ship('v5.3.25');
  const [[newest, isNow], ...others] = await choices();
  expect([newest, isNow]).toEqual(['v5.3.25', true]);
  const [version] = others.at(0)!;
  const plan = await world.planOf('rollback', { version });
  expect(plan).toMatchObject({
    problems: [],
    title: `Roll back to ${version} in 2 clusters`,
    undo: 'Ship v5.3.25 again by a hotfix',
  });
  expect(plan.warnings.map(({ what }) => what)).toContain(
    'The old code meets the new schema',
  );
  const before = await world.counts();
  await world.fault('git-push-answer-dropped', { target: '*' });
  await world.fault('argocd-sync-answer-dropped', { target: '*' });
  const { errors, outputs, contexts } = await playPlan(world, plan, {
    runId: 'run-back',
  });
  expect(errors).toEqual({});
  const after = await world.counts();
  for (const name of APPLICATIONS) {
    expect(
      after.applications[name].operations -
        before.applications[name].operations,
    ).toBe(1);
    expect(outputs[`rollout.${name}`]).toBeDefined();
  }
  for (const name of ['deploy-blue', 'deploy-green']) {
    const { commits, items } = after.repositories[name];
    expect(commits - before.repositories[name].commits).toBe(1);
    expect(items[0].trailers).toMatchObject({ 'Switchyard-Run': 'run-back' });
  }
  expect(await choices()).toContainEqual([version, true]);

  expect(contexts.hold.holds).toEqual([
    'Rolled back by run #1: Totals are wrong',
  ]);

  // A worker that takes over finds the commit by the run's id.
  const commit = plan.steps.find(({ id }) => id === 'commit.deploy-blue')!;
  await expect(
    world.kinds.get('rollback')!.steps.commit.adopt!(
      createTestContext({ input: commit.input, runId: 'run-back', attempt: 2 }),
    ),
  ).resolves.toMatchObject({
    output: contexts['commit.deploy-blue'] && outputs['commit.deploy-blue'],
  });

  await clearAndShip('v5.3.25');
  expect(await choices()).toContainEqual(['v5.3.25', true]);
});

async function clearAndShip(version: string) {
  await world.clearFaults();
  const { errors } = await playPlan(world, await world.plan(version), {
    runId: 'run-forward',
  });
  expect(errors).toEqual({});
}

it('refuses what never ran, and what the intruder may not even see', async () => {
  await expect(
    world.planOf('rollback', { version: 'v0.0.1' }),
  ).resolves.toMatchObject({
    steps: [],
    problems: [{ what: 'It never ran there' }, { what: 'It never ran there' }],
  });
  await expect(
    world.planOf('rollback', { version: 'v5.3.24' }, { name: 'intruder' }),
  ).resolves.toMatchObject({
    steps: [],
    changes: [],
    problems: [{ what: 'The target does not agree' }],
  });
});

it('is for generated Applications too, as far as their version stands in Git', async () => {
  await expect(
    world.planOf('rollback', { version: 'v1.9.4' }, { name: 'handbook' }),
  ).resolves.toMatchObject({
    steps: [],
    problems: expect.arrayContaining([
      expect.objectContaining({ what: 'The image is set in the Application' }),
    ]),
  });
});

it('asked the sandbox for nothing that it does not have', async () => {
  expect((await world.counts()).unimplemented).toEqual({});
});
