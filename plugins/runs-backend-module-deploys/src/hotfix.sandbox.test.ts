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

async function countsSince(before: Awaited<ReturnType<HotfixWorld['counts']>>) {
  const now = await world.counts();
  return {
    commits: ['deploy-blue', 'deploy-green'].map(
      name =>
        now.repositories[name].commits - before.repositories[name].commits,
    ),
    syncs: APPLICATIONS.map(
      name => now.applications[name].syncs - before.applications[name].syncs,
    ),
    operations: APPLICATIONS.map(
      name =>
        now.applications[name].operations -
        before.applications[name].operations,
    ),
    migrations: now.migrations
      .slice(before.migrations.length)
      .map(({ outcome }) => outcome)
      .sort(),
  };
}

it('ships a version to both clusters: one commit, one sync and one migration each', async () => {
  const plan = await world.plan('v5.3.25');
  expect(plan.problems).toEqual([]);
  expect(plan.title).toBe('Ship v5.3.25 to 2 clusters');
  const before = await world.counts();
  const { outputs, errors, contexts } = await playPlan(world, plan, {
    runId: 'run-good',
  });
  expect(errors).toEqual({});
  expect(Object.keys(outputs).sort()).toEqual(
    plan.steps.map(({ id }) => id).sort(),
  );
  expect(await countsSince(before)).toEqual({
    commits: [1, 1],
    syncs: [1, 1],
    operations: [1, 1],
    // Both clusters work on one database: whoever comes second finds it done.
    migrations: ['already', 'changed'],
  });
  expect(outputs['sync.orders-blue']).toMatchObject({
    initiatedBy: 'automated',
    migration: { state: 'ran' },
  });
  expect(outputs['sync.orders-green']).toMatchObject({
    migration: { state: 'ran' },
  });
  expect(contexts['sync.orders-blue'].effects).toEqual([]);
  expect(contexts['sync.orders-green'].effects).toHaveLength(1);
  const { repositories } = await world.counts();
  expect(repositories['deploy-blue'].items[0].trailers).toMatchObject({
    'Switchyard-Run': 'run-good',
    'Switchyard-Requested-By': 'user:default/dana',
  });
  await expect(world.plan('v5.3.25')).resolves.toMatchObject({
    problems: [{ what: 'Nothing to change' }],
  });
});

it('does everything once although every answer is lost, and somebody else pushes first', async () => {
  const plan = await world.plan('v5.3.26');
  const before = await world.counts();
  await world.fault('git-push-answer-dropped', { target: '*' });
  await world.fault('git-competitor-first', { target: 'deploy-green' });
  await world.fault('argocd-sync-answer-dropped', { target: '*' });
  const { errors, contexts } = await playPlan(world, plan, {
    runId: 'run-dropped',
  });
  expect(errors).toEqual({});
  const { commits, syncs, operations, migrations } = await countsSince(before);
  // The other commit on green is somebody else's.
  expect({ commits, syncs, operations }).toEqual({
    commits: [1, 2],
    syncs: [1, 1],
    operations: [1, 1],
  });
  expect(migrations).toEqual(['already', 'changed']);
  expect(contexts['commit.deploy-blue'].logs.join('\n')).toContain(
    'which an earlier attempt had pushed',
  );
  expect(contexts['sync.orders-green'].effects).toHaveLength(1);
});

it('fails in the sync when the migration fails, with its last lines, and rolls nothing out', async () => {
  const plan = await world.plan('v5.4.0-bad-migration');
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-migration',
  });
  for (const name of APPLICATIONS) {
    expect(errors[`sync.${name}`]).toMatchObject({
      name: 'StepFailedError',
      message: expect.stringMatching(
        /^The migration failed, so nothing was rolled out: PreSync hook Job orders-migrate failed/,
      ),
    });
    expect(errors[`sync.${name}`].details!.join('\n')).toMatch(
      /Last lines of orders-migrate-/,
    );
    expect(outputs[`rollout.${name}`]).toBeUndefined();
  }
});

it('fails in the rollout when the pods crash, with their last lines', async () => {
  const { errors, outputs } = await playPlan(
    world,
    await world.plan('v5.4.0-crash'),
    { runId: 'run-crash' },
  );
  for (const name of APPLICATIONS) {
    expect(outputs[`sync.${name}`]).toMatchObject({
      migration: { state: 'ran' },
    });
    expect(errors[`rollout.${name}`]).toMatchObject({
      name: 'StepFailedError',
      message: expect.stringMatching(
        /^Pod orders-\S+: (CrashLoopBackOff|Error): container orders ended with exit code 1/,
      ),
    });
    expect(errors[`rollout.${name}`].details!.join('\n')).toMatch(
      /Last lines of orders-/,
    );
  }
});

it('names the probe when pods never get ready', async () => {
  const { errors } = await playPlan(
    world,
    await world.plan('v5.4.0-never-ready'),
    { runId: 'run-unready' },
  );
  for (const name of APPLICATIONS) {
    expect(errors[`rollout.${name}`].message).toMatch(
      /^Pod orders-\S+: Unhealthy: container orders runs, but readiness probe failed: .*503/,
    );
  }
});

it('pushes to no repository when one may not be pushed to', async () => {
  const plan = await world.plan('v5.3.27');
  await world.fault('git-push-forbidden', { target: 'deploy-green' });
  const before = await world.counts();
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-forbidden',
  });
  expect(errors.check).toMatchObject({
    name: 'StepFailedError',
    message: expect.stringContaining('deploy-green'),
  });
  expect(outputs).toEqual({});
  expect(await countsSince(before)).toMatchObject({
    commits: [0, 0],
    operations: [0, 0],
  });
});

it('may sync twice when a worker was stopped between check and send, and changes the schema once', async () => {
  const plan = await world.plan('v5.3.27');
  const before = await world.counts();
  const stopped = { isHeld: false, release: () => undefined as void };
  const holdFirst = async (stepId: string) => {
    if (stepId !== 'sync.orders-green' || stopped.isHeld) return;
    stopped.isHeld = true;
    await new Promise<void>(resolve => {
      stopped.release = resolve;
    });
  };
  const first = playPlan(world, plan, {
    runId: 'run-stopped',
    onEffect: holdFirst,
  });
  while (!stopped.isHeld) await new Promise(resolve => setTimeout(resolve, 20));
  // The second replica takes over; what was done is adopted.
  const second = await playPlan(world, plan, {
    runId: 'run-stopped',
    isTakenOver: true,
  });
  expect(second.errors).toEqual({});
  stopped.release();
  expect((await first).errors).toEqual({});
  const { commits, syncs, migrations } = await countsSince(before);
  expect(commits).toEqual([1, 1]);
  expect(syncs[0]).toBe(1);
  expect([1, 2]).toContain(syncs[1]);
  expect(migrations.filter(outcome => outcome === 'changed')).toHaveLength(1);
});

it('says before that a cluster is down, and never that it succeeded there', async () => {
  await world.fault('cluster-down', { target: 'prod-green' });
  await world.fleet.until(
    () =>
      world.fleet
        .clusters()
        .some(
          ({ name, state }) => name === 'prod-green' && state === 'unreachable',
        )
        ? true
        : undefined,
    { signal: AbortSignal.timeout(60_000) },
  );
  const plan = await world.plan('v5.3.28');
  expect(plan.problems).toEqual([]);
  expect(plan.warnings).toContainEqual(
    expect.objectContaining({ what: 'Cluster unreachable', ref: 'prod-green' }),
  );
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-down',
    timeoutMs: 20_000,
  });
  expect(outputs['rollout.orders-blue']).toBeDefined();
  expect(outputs['rollout.orders-green']).toBeUndefined();
  const error = errors['sync.orders-green'] ?? errors['rollout.orders-green'];
  expect(error).toMatchObject({
    name: 'StepFailedError',
    message: expect.stringMatching(
      /connection refused|has not answered|not (synced|rolled out) in time/,
    ),
  });
});

it('is stopped by a closed window before the push, and says so to cards', async () => {
  await world.fault('argocd-window', { target: 'storefront' });
  const source = world.sources.find(({ id }) => id === 'sync-windows')!;
  const plan = await world.plan('v5.3.27');
  const request = {
    entity: world.entity('orders'),
    environment: 'production',
    action: 'hotfix',
    plan,
    signal: AbortSignal.timeout(5_000),
  };
  await expect(source.read(request)).resolves.toMatchObject({
    state: 'read',
    facts: [{ open: false }, { open: false }],
  });
});

it('ships the values of a chart that come from another source than the chart', async () => {
  const plan = await world.plan('v1.9.5', { name: 'status-page' });
  expect(plan.problems).toEqual([]);
  expect(plan.changes.filter(({ system }) => system === 'git')).toMatchObject([
    { ref: 'deploy-blue/values/status-page.yaml', cluster: 'prod-blue' },
    { ref: 'deploy-green/values/status-page.yaml', cluster: 'prod-green' },
  ]);
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-values',
  });
  expect(errors).toEqual({});
  for (const color of ['blue', 'green'])
    expect(outputs[`rollout.status-page-${color}`]).toMatchObject({
      pods: expect.stringContaining(`Deployment status-page-${color}: `),
    });
  // Another Application makes these, and their values stand in it.
  await expect(
    world.plan('v1.9.5', { name: 'handbook' }),
  ).resolves.toMatchObject({
    problems: [
      {
        what: 'The target does not agree',
        why: expect.stringContaining('prod-green/platform'),
      },
      { what: 'The image is set in the Application' },
    ],
  });
});

it('lets the intruder read and change nothing', async () => {
  const plan = await world.plan('v5.3.27', { name: 'intruder' });
  expect(plan.steps).toEqual([]);
  expect(plan.changes).toEqual([]);
  expect(plan.problems).toMatchObject([
    {
      what: 'The target does not agree',
      ref: 'Application argocd/orders-blue',
    },
    {
      what: 'The target does not agree',
      ref: 'Deployment storefront/orders',
    },
  ]);
  const source = world.sources.find(({ id }) => id === 'consent')!;
  const request = {
    entity: world.entity('intruder'),
    environment: 'production',
    action: 'hotfix',
    signal: AbortSignal.timeout(5_000),
  };
  await expect(source.read(request)).resolves.toMatchObject({
    facts: [{ type: 'consent', given: false }],
  });
});

it('finds its way through every layout that the world has', async () => {
  for (const [name, environment] of [
    ['search', 'production'],
    ['orders', 'development'],
    ['webapp', 'production'],
    ['payments', 'production'],
    ['api', 'production'],
    ['chat', 'production'],
    ['settlement', 'production'],
    ['campaign', 'production'],
  ]) {
    const { problems } = await world.plan('v0.0.0-none', { name, environment });
    // Everything but the version was found.
    expect([name, environment, problems.map(({ what }) => what)]).toEqual([
      name,
      environment,
      ['The version does not exist'],
    ]);
  }
});

it('asked the sandbox for nothing that it does not have', async () => {
  expect((await world.counts()).unimplemented).toEqual({});
});
