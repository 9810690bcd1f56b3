import { readHold } from './argocd/autoSyncHold';
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

async function readBlue() {
  const opened = await world.fleet.openApplication(
    {
      instance: world.sandbox.argocd.instance,
      namespace: 'argocd',
      name: 'orders-blue',
    },
    { signal: AbortSignal.timeout(30_000) },
  );
  try {
    return opened.current();
  } finally {
    opened.close();
  }
}

it('rolls back by Argo CD without hooks, holds that, and gives it back to the branch', async () => {
  const shipped = await playPlan(world, await world.plan('v5.3.25'), {
    runId: 'run-shipped',
  });
  expect(shipped.errors).toEqual({});
  const before = await readBlue();
  const history = before.status!.history!;
  const { id, revision } = history[history.length - 2];
  const plan = await world.planOf('rollback', {
    mode: 'argocd',
    deploys: [{ application: 'orders-blue', id }],
  });
  expect(plan).toMatchObject({
    problems: [],
    title: `Roll orders-blue back to ${revision!.slice(
      0,
      10,
    )} in prod-blue, by Argo CD`,
  });
  expect(plan.warnings.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      'Git says something else',
      'Hooks do not run',
      'A closed window makes it hang',
    ]),
  );
  const { migrations, applications } = await world.counts();
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-argo',
  });
  expect(errors).toEqual({});
  expect(outputs['rollback.orders-blue']).toMatchObject({ revision });
  const after = await world.counts();
  expect(after.migrations).toHaveLength(migrations.length);
  expect(
    after.applications['orders-blue'].operations -
      applications['orders-blue'].operations,
  ).toBe(1);
  const heldNow = await readBlue();
  expect(readHold(heldNow)).toEqual({
    run: 'run-argo',
    before: before.spec.syncPolicy!.automated,
  });

  expect((await world.plan('v5.3.26')).warnings).toContainEqual(
    expect.objectContaining({
      what: 'Rolled back by Argo CD',
      why: expect.stringContaining('Run run-argo holds orders-blue'),
    }),
  );
  const environments = () =>
    world.kinds.get('resume')!.environments(world.entity('orders'));
  expect(environments()).toEqual(['production']);
  const resume = await world.planOf('resume', {});
  expect(resume).toMatchObject({
    problems: [],
    title: 'Resume orders-blue in prod-blue',
  });
  const resumed = await playPlan(world, resume, { runId: 'run-resume' });
  expect(resumed.errors).toEqual({});
  const free = await readBlue();
  expect(readHold(free)).toBeUndefined();
  expect(free.spec.syncPolicy!.automated).toEqual(
    before.spec.syncPolicy!.automated,
  );
  expect(environments()).toEqual([]);
  await expect(world.planOf('resume', {})).resolves.toMatchObject({
    steps: [],
    problems: [{ what: 'Nothing is held' }],
  });
});

it('refuses what never ran, the last deploy, and what others make', async () => {
  const problemsOf = async (
    application: string,
    id: number,
    options?: Parameters<HotfixWorld['planOf']>[2],
  ) => {
    const { problems } = await world.planOf(
      'rollback',
      { mode: 'argocd', deploys: [{ application, id }] },
      options,
    );
    return problems.map(({ what }) => what);
  };
  const { status } = await readBlue();
  const last = status!.history!.at(-1)!.id;
  expect(await problemsOf('orders-blue', last)).toEqual(['Nothing to change']);
  expect(await problemsOf('orders-blue', 999)).toEqual(['It never ran there']);
  expect(await problemsOf('nothing', 0)).toEqual(['No such Application']);
});

it('is stopped by a closed window before anything is asked for', async () => {
  await world.fault('argocd-window', { target: 'storefront' });
  const source = world.sources.find(({ id }) => id === 'sync-windows')!;
  await expect(
    source.read({
      entity: world.entity('orders'),
      environment: 'production',
      action: 'rollback',
      signal: AbortSignal.timeout(5_000),
    }),
  ).resolves.toMatchObject({ facts: [{ open: false }, { open: false }] });
});

it('asked the sandbox for nothing that it does not have', async () => {
  expect((await world.counts()).unimplemented).toEqual({});
});
