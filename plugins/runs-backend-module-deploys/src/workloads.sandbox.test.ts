import { JsonObject } from '@backstage/types';
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

const workload = (cluster: string, name: string) => {
  const [row] = world.fleet
    .workloads({ cluster, name })
    .filter(({ kind }) => kind !== 'CronJob');
  const object: any = world.fleet.object({ cluster, uid: row.uid });
  return { row, object };
};

const podsOf = (cluster: string, name: string) =>
  world.fleet
    .pods({ cluster, labels: { 'app.kubernetes.io/name': name } })
    .filter(pod => pod.phase === 'Running' && !pod.deletedAt)
    .map(pod => pod.uid);

const PORTAL = 'system:serviceaccount:switchyard:switchyard ';

/** What the portal asked of the clusters besides reading. */
async function changesOfPortal(): Promise<string[]> {
  const { rights } = await world.counts();
  const ofPortal = (counts: Record<string, number>) =>
    Object.keys(counts)
      .filter(line => line.startsWith(PORTAL))
      .map(line => line.slice(PORTAL.length));
  expect(ofPortal(rights.refused)).toEqual([]);
  return ofPortal(rights.used)
    .filter(line => !/^(get|list|watch) /.test(line))
    .sort();
}

/** Applies a workload of recommend that no Application deploys, as people do with kubectl. */
async function create(kind: string, name: string): Promise<void> {
  const cluster = world.sandbox.clusters.find(each => each.name === 'dev')!;
  const labels = {
    'app.kubernetes.io/name': name,
    'backstage.io/kubernetes-id': 'recommend',
  };
  const [image] = workload('dev', 'hungry').row.containers.map(
    container => container.image,
  );
  const response = await fetch(
    `${cluster.url}/apis/apps/v1/namespaces/storefront/${kind.toLowerCase()}s`,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cluster.tokens.admin}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        apiVersion: 'apps/v1',
        kind,
        metadata: {
          name,
          labels,
          annotations: {
            'backstage.io/entity-ref': 'component:default/recommend',
          },
        },
        spec: {
          selector: { matchLabels: labels },
          ...(kind === 'StatefulSet' && { serviceName: name }),
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'main', image }] },
          },
        },
      }),
    },
  );
  expect([response.status, await response.json()]).toMatchObject([201, {}]);
  await world.fleet.until(
    () => world.fleet.workloads({ cluster: 'dev', name })[0],
    { signal: AbortSignal.timeout(30_000) },
  );
}

describe('restart', () => {
  it('replaces all pods in all clusters, and says when they are ready', async () => {
    const before = {
      blue: podsOf('prod-blue', 'orders'),
      green: podsOf('prod-green', 'orders'),
    };
    const plan = await world.planOf('restart', {});
    expect(plan).toMatchObject({
      title: 'Restart 2 workloads in 2 clusters',
      problems: [],
    });
    const { outputs, errors, contexts } = await playPlan(world, plan, {
      runId: 'run-restart',
    });
    expect(errors).toEqual({});
    expect(outputs['ready.orders.prod-blue']).toEqual({
      pods: expect.stringMatching(
        /^Deployment orders: (\d+) of \1 pods ready$/,
      ),
    });
    expect(contexts['restart.orders.prod-blue'].changes).toMatchObject([
      { system: 'kubernetes', what: 'restart of Deployment orders' },
    ]);
    for (const [cluster, old] of [
      ['prod-blue', before.blue],
      ['prod-green', before.green],
    ] as const) {
      const now = podsOf(cluster, 'orders');
      expect(old.length).toBeGreaterThan(0);
      expect(now.filter(uid => old.includes(uid))).toEqual([]);
      const { annotations } = workload(cluster, 'orders').object.spec.template
        .metadata;
      expect(annotations['switchyard/restarted-by-run']).toBe('run-restart');
    }
  });

  it('is one restart although the worker is gone right after it', async () => {
    const plan = await world.planOf('restart', {
      workloads: [{ name: 'orders', cluster: 'prod-green' }],
    });
    const [step] = plan.steps;
    const { restart } = world.kinds.get('restart')!.steps;
    const { generation } = workload('prod-green', 'orders').row;
    let reference: JsonObject | undefined;
    const first = createTestContext({
      input: step.input,
      runId: 'run-adopted',
      onEffect: order => void (reference = order),
    });
    await restart.run(first);
    const next = { input: step.input, runId: 'run-adopted', attempt: 2 };
    // This replica may not have heard of it yet: then the cluster is asked, and refuses as the version is another.
    const output =
      (await restart.adopt!(createTestContext({ ...next, reference }))) ??
      (await restart.run(createTestContext(next)));
    expect(output).toEqual({
      output: expect.objectContaining({ generation: generation + 1 }),
    });
    await world.fleet.until(
      () =>
        workload('prod-green', 'orders').row.generation > generation ||
        undefined,
      { signal: AbortSignal.timeout(10_000) },
    );
    expect(workload('prod-green', 'orders').row.generation).toBe(
      generation + 1,
    );
  });

  it.each(['StatefulSet', 'DaemonSet'])('of a %s', async kind => {
    const name = `restarted-${kind.toLowerCase()}`;
    await create(kind, name);
    const before = await world.fleet.until(
      () => {
        const pods = podsOf('dev', name);
        return pods.length > 0 ? pods : undefined;
      },
      { signal: AbortSignal.timeout(30_000) },
    );
    const plan = await world.planOf(
      'restart',
      { workloads: [{ name }] },
      { name: 'recommend', environment: 'development' },
    );
    const { errors } = await playPlan(world, plan, { runId: `run-${name}` });
    expect(errors).toEqual({});
    const now = podsOf('dev', name);
    expect(now.length).toBeGreaterThan(0);
    expect(now.filter(uid => before.includes(uid))).toEqual([]);
  });

  it('says why new pods do not get ready, with their last lines', async () => {
    const plan = await world.planOf(
      'restart',
      { workloads: [{ name: 'crash' }] },
      { name: 'workbench', environment: 'development' },
    );
    expect(plan.warnings).toMatchObject([{ what: 'Not at rest' }]);
    const { errors } = await playPlan(world, plan, { runId: 'run-crash' });
    expect(errors['ready.crash.dev']).toMatchObject({
      name: 'StepFailedError',
      message: expect.stringMatching(/^Pod crash-.*: CrashLoopBackOff/),
      details: expect.arrayContaining([
        expect.stringMatching(/^Last lines of crash-/),
      ]),
    });
  });

  it('of a Rollout leaves its version and steps as they are', async () => {
    const before = podsOf('dev', 'recommend');
    const { row } = workload('dev', 'recommend');
    expect(row.kind).toBe('Rollout');
    const plan = await world.planOf(
      'restart',
      { workloads: [{ kind: 'Rollout', name: 'recommend' }] },
      { name: 'recommend', environment: 'development' },
    );
    expect(plan.problems).toEqual([]);
    const { errors } = await playPlan(world, plan, { runId: 'run-rollout' });
    expect(errors).toEqual({});
    const now = podsOf('dev', 'recommend');
    expect(now.filter(uid => before.includes(uid))).toEqual([]);
    const after = workload('dev', 'recommend');
    expect(after.object.status.restartedAt).toBe(after.object.spec.restartAt);
    expect(after.row.rollout?.currentHash).toBe(row.rollout?.currentHash);
  });
});

describe('scale', () => {
  it('sets the number of pods, waits until there are as many, and back', async () => {
    const of = { name: 'recommend', environment: 'development' };
    await create('StatefulSet', 'scaled');
    for (const replicas of [3, 2]) {
      const plan = await world.planOf(
        'scale',
        { replicas, workloads: [{ name: 'scaled' }] },
        of,
      );
      expect(plan.problems).toEqual([]);
      const { errors } = await playPlan(world, plan, {
        runId: `run-scale-${replicas}`,
      });
      expect(errors).toEqual({});
      expect(podsOf('dev', 'scaled')).toHaveLength(replicas);
    }
  });

  it('says that Argo CD has put it back where it heals', async () => {
    const plan = await world.planOf('scale', {
      replicas: 7,
      workloads: [{ name: 'orders', cluster: 'prod-blue' }],
    });
    expect(plan.problems).toEqual([]);
    expect(plan.warnings.map(({ what }) => what)).toEqual([
      'Argo CD puts it back',
      'Autoscalers are not known',
    ]);
    const { desired } = workload('prod-blue', 'orders').row;
    const [scale, ready] = plan.steps;
    const { steps } = world.kinds.get('scale')!;
    const { output } = await steps[scale.handler].run(
      createTestContext({ input: scale.input, runId: 'run-healed' }),
    );
    await world.fleet.until(
      () => {
        const { row } = workload('prod-blue', 'orders');
        const isHealed =
          row.generation > Number(output.generation) && row.desired === desired;
        return isHealed || undefined;
      },
      { signal: AbortSignal.timeout(30_000) },
    );
    await expect(
      steps[ready.handler].run(
        createTestContext({
          input: ready.input,
          outputs: { [scale.id]: output },
        }),
      ),
    ).rejects.toMatchObject({
      name: 'StepFailedError',
      message: expect.stringContaining(
        `was set to 7 pods, and somebody has set it to ${desired} since`,
      ),
    });
  });

  it('leaves to an autoscaler what it decides', async () => {
    const plan = await world.planOf(
      'scale',
      { replicas: 2, workloads: [{ name: 'hungry' }] },
      { name: 'workbench', environment: 'development' },
    );
    expect(plan.problems).toMatchObject([{ what: 'An autoscaler decides' }]);
  });
});

describe('what is asked of clusters', () => {
  it('is asked for with the rights of docs/install and no others, each of which it uses', async () => {
    expect(await changesOfPortal()).toEqual([
      'patch daemonsets.apps',
      'patch deployments.apps',
      'patch rollouts.argoproj.io',
      'patch statefulsets.apps',
    ]);
  });
});
