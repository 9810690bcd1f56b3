import { readShipped } from './images/shippedImage';
import { imagesOf } from './images/podTemplate';
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

const GATEWAY = { name: 'gateway', environment: 'production' };
const CLUSTERS = ['prod-blue', 'prod-green'];

const object = (cluster: string): any => {
  const [row] = world.fleet.workloads({ cluster, name: 'gateway' });
  return world.fleet.object({ cluster, uid: row.uid });
};
const tagIn = (cluster: string) =>
  imagesOf('Deployment', object(cluster)).get('gateway')!.split(':').at(-1);

const tagsOfPods = (cluster: string) => [
  ...new Set(
    world.fleet
      .pods({ cluster, labels: { 'app.kubernetes.io/name': 'gateway' } })
      .filter(({ deletedAt }) => !deletedAt)
      .flatMap(({ containers }) =>
        containers.map(({ image }) => image.split(':').at(-1)),
      ),
  ),
];

/** Somebody changes the image by hand, as with kubectl. */
async function setByHand(cluster: string, tag: string): Promise<void> {
  const { url, tokens } = world.sandbox.clusters.find(
    ({ name }) => name === cluster,
  )!;
  const image = `${world.sandbox.registry.host}/main_service:${tag}`;
  const response = await fetch(
    `${url}/apis/apps/v1/namespaces/platform/deployments/gateway`,
    {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${tokens.admin}`,
        'content-type': 'application/strategic-merge-patch+json',
      },
      body: JSON.stringify({
        spec: {
          template: { spec: { containers: [{ name: 'gateway', image }] } },
        },
      }),
    },
  );
  expect(response.status).toBe(200);
  await world.fleet.until(() => tagIn(cluster) === tag || undefined, {
    signal: AbortSignal.timeout(30_000),
  });
}

it('ships a version to all clusters of a service that stands in no Git, once, although answers are lost', async () => {
  const plan = await world.plan('v2.8.6', GATEWAY);
  expect(plan).toMatchObject({
    title: 'Ship v2.8.6 to 2 clusters',
    problems: [],
    changes: CLUSTERS.map(cluster => ({
      system: 'kubernetes',
      what: 'image of Deployment gateway',
      cluster,
      before: expect.stringMatching(/:gateway_v2\.8\.4$/),
      after: expect.stringMatching(/:gateway_v2\.8\.6$/),
    })),
  });
  expect(plan.warnings.map(({ what }) => what)).toEqual([
    'Set on the object itself',
    'A manifest names the version too',
    'A manifest names the version too',
  ]);
  const generations = CLUSTERS.map(each => object(each).metadata.generation);
  await world.fault('cluster-patch-answer-dropped', { target: 'prod-blue' });
  const { errors, outputs, contexts } = await playPlan(world, plan, {
    runId: 'run-gateway',
  });
  expect(errors).toEqual({});
  for (const [index, cluster] of CLUSTERS.entries()) {
    expect(outputs[`rollout.gateway.${cluster}`]).toEqual({
      pods: expect.stringMatching(
        /^Deployment gateway: (\d+) of \1 new pods ready$/,
      ),
    });
    expect(contexts[`image.gateway.${cluster}`].changes).toMatchObject([
      { system: 'kubernetes', what: 'image of Deployment gateway', cluster },
    ]);
    expect(tagsOfPods(cluster)).toEqual(['gateway_v2.8.6']);
    const { metadata, spec } = object(cluster);
    expect(metadata.generation).toBe(generations[index] + 1);
    expect(readShipped(object(cluster))).toMatchObject({
      run: 'run-gateway',
      before: { gateway: expect.stringMatching(/:gateway_v2\.8\.4$/) },
    });
    // All else of the container is as it was.
    expect(spec.template.spec.containers).toMatchObject([
      { name: 'gateway', readinessProbe: {}, resources: {}, lifecycle: {} },
    ]);
  }
  expect((await world.counts()).rights.used).toMatchObject({
    'system:serviceaccount:switchyard:switchyard patch deployments.apps': 2,
  });
});

it('brings back what ran before, by what Kubernetes remembers, and holds the target', async () => {
  const choices = async () => {
    const { versions, isSetOnObjects } = (await world.kinds.get('rollback')!
      .choices!(
      {
        entity: world.entity('gateway'),
        environment: 'production',
        signal: AbortSignal.timeout(30_000),
      },
      { find: async () => [] },
    )) as any;
    expect(isSetOnObjects).toBe(true);
    return versions.map((each: any) => [
      each.version,
      each.isNow,
      each.missingIn.length,
    ]);
  };
  expect(await choices()).toEqual(
    expect.arrayContaining([
      ['v2.8.6', true, 0],
      ['v2.8.4', false, 0],
    ]),
  );
  const plan = await world.planOf('rollback', { version: 'v2.8.4' }, GATEWAY);
  expect(plan).toMatchObject({
    title: 'Roll back to v2.8.4 in 2 clusters',
    problems: [],
    undo: 'Ship v2.8.6 again by a hotfix',
  });
  const { errors, contexts } = await playPlan(world, plan, {
    runId: 'run-back',
  });
  expect(errors).toEqual({});
  for (const cluster of CLUSTERS)
    expect(tagsOfPods(cluster)).toEqual(['gateway_v2.8.4']);
  expect(contexts.hold.holds).toEqual([
    'Rolled back by run #1: Totals are wrong',
  ]);
  expect(await choices()).toEqual(
    expect.arrayContaining([['v2.8.4', true, 0]]),
  );
  await expect(
    world.planOf('rollback', { version: 'v2.8.1' }, GATEWAY),
  ).resolves.toMatchObject({
    steps: [],
    problems: [{ what: 'It never ran there' }, { what: 'It never ran there' }],
  });
});

it('is one change although the worker is gone right after it', async () => {
  const plan = await world.plan('v2.8.7', GATEWAY);
  const [step] = plan.steps;
  const { steps } = world.kinds.get('hotfix')!;
  const { generation } = object('prod-blue').metadata;
  await steps[step.handler].run(
    createTestContext({ input: step.input, runId: 'run-taken' }),
  );
  await world.fleet.until(
    () =>
      object('prod-blue').metadata.generation > generation ? true : undefined,
    { signal: AbortSignal.timeout(30_000) },
  );
  const { errors } = await playPlan(world, plan, {
    runId: 'run-taken',
    isTakenOver: true,
  });
  expect(errors).toEqual({});
  expect(object('prod-blue').metadata.generation).toBe(generation + 1);
});

it('parks where somebody has set another version since the preview, and overwrites nothing', async () => {
  const plan = await world.plan('v2.8.8', GATEWAY);
  await setByHand('prod-green', 'gateway_v2.8.5');
  const { errors, outputs } = await playPlan(world, plan, {
    runId: 'run-parked',
  });
  expect(errors).toEqual({
    'image.gateway.prod-green': expect.objectContaining({
      name: 'StepParkedError',
      message: expect.stringMatching(
        /was to go from .*:gateway_v2\.8\.\d to .*:gateway_v2\.8\.8, and has .*:gateway_v2\.8\.5 by now$/,
      ),
    }),
  });
  expect(outputs).toHaveProperty(['rollout.gateway.prod-blue']);
  expect(tagIn('prod-green')).toBe('gateway_v2.8.5');
});

it('says when somebody has put another version there while pods were awaited', async () => {
  const plan = await world.plan('v2.8.9', GATEWAY);
  const ids = ['image.gateway.prod-green', 'rollout.gateway.prod-green'];
  const [set, follow] = ids.map(id => plan.steps.find(each => each.id === id)!);
  const { steps } = world.kinds.get('hotfix')!;
  const { output } = await steps[set.handler].run(
    createTestContext({ input: set.input, runId: 'run-undone' }),
  );
  await setByHand('prod-green', 'gateway_v2.8.5');
  await expect(
    steps[follow.handler].run(
      createTestContext({ input: follow.input, outputs: { [set.id]: output } }),
    ),
  ).rejects.toMatchObject({
    name: 'StepFailedError',
    message: expect.stringMatching(
      /was given .*:gateway_v2\.8\.9, and somebody has set .*:gateway_v2\.8\.5 since/,
    ),
  });
});

it('asked for the rights of docs/install and no others', async () => {
  const { rights, unimplemented } = await world.counts();
  const ofPortal = (lines: Record<string, number>) =>
    Object.keys(lines).filter(line =>
      /:switchyard (?!get|list|watch)/.test(line),
    );
  expect(ofPortal(rights.refused)).toEqual([]);
  expect(ofPortal(rights.used)).toEqual([
    'system:serviceaccount:switchyard:switchyard patch deployments.apps',
  ]);
  expect(unimplemented).toEqual({});
});
