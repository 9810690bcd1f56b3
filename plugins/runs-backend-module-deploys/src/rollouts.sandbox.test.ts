import { JsonObject } from '@backstage/types';
import { createTestContext } from './__testUtils__/createTestContext';
import {
  HotfixWorld,
  playPlan,
  startHotfixWorld,
} from './__testUtils__/startHotfixWorld';

// A world of processes, clusters and time.
jest.setTimeout(180_000);

const NAME = 'canaried';
const OF = { name: 'recommend', environment: 'development' };
const API = '/apis/argoproj.io/v1alpha1/namespaces/storefront/rollouts';

let world: HotfixWorld;

beforeAll(async () => {
  world = await startHotfixWorld();
  await begin();
});

afterAll(async () => {
  await world?.close();
});

/** As people do with kubectl. */
async function send(
  method: 'POST' | 'PATCH',
  path: string,
  body: JsonObject,
): Promise<void> {
  const cluster = world.sandbox.clusters.find(({ name }) => name === 'dev')!;
  const response = await fetch(`${cluster.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${cluster.tokens.admin}`,
      'content-type':
        method === 'POST' ? 'application/json' : 'application/merge-patch+json',
    },
    body: JSON.stringify(body),
  });
  expect([response.ok, await response.json()]).toMatchObject([true, {}]);
}

function image(version: string): string {
  const [{ containers }] = world.fleet.workloads({
    cluster: 'dev',
    name: 'recommend',
  });
  return containers[0].image.replace(/:[^:]*$/, `:${version}`);
}

const look = () => {
  const row = world.fleet
    .workloads({ cluster: 'dev', name: NAME })
    .find(({ kind }) => kind === 'Rollout');
  const object: any =
    row && world.fleet.object({ cluster: 'dev', uid: row.uid });
  return { row, status: object?.status, spec: object?.spec };
};

const until = (check: (seen: ReturnType<typeof look>) => boolean) =>
  world.fleet.until(() => check(look()) || undefined, {
    signal: AbortSignal.timeout(30_000),
  });

const versionsOfPods = () =>
  world.fleet
    .pods({ cluster: 'dev', labels: { 'app.kubernetes.io/name': NAME } })
    .filter(pod => pod.ready && !pod.deletedAt)
    .map(pod => pod.containers[0].image.split(':').pop())
    .sort();

const podsAre = (expected: string[]) =>
  world.fleet.until(
    () => versionsOfPods().join() === expected.join() || undefined,
    { signal: AbortSignal.timeout(10_000) },
  );

/** A canary of recommend that no Application deploys, at its first pause. */
async function begin() {
  const labels = {
    'app.kubernetes.io/name': NAME,
    'backstage.io/kubernetes-id': 'recommend',
  };
  await send('POST', API, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: {
      name: NAME,
      labels,
      annotations: { 'backstage.io/entity-ref': 'component:default/recommend' },
    },
    spec: {
      replicas: 4,
      selector: { matchLabels: labels },
      strategy: {
        canary: {
          steps: [
            { setWeight: 25 },
            { pause: {} },
            { setWeight: 50 },
            { pause: {} },
          ],
        },
      },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: image('v1.4.2') }] },
      },
    },
  });
  await until(({ row }) => row?.rollout?.phase === 'Healthy');
  await ship('v1.4.3');
}

async function ship(version: string) {
  const before = look().status.currentPodHash;
  await send('PATCH', `${API}/${NAME}`, {
    spec: {
      template: {
        spec: { containers: [{ name: 'main', image: image(version) }] },
      },
    },
  });
  await until(
    ({ status }) =>
      status.currentPodHash !== before &&
      status.currentStepIndex === 1 &&
      status.pauseConditions?.length > 0,
  );
}

const planOf = (kind: string, input: JsonObject = {}) =>
  world.planOf(
    kind,
    { workloads: [{ kind: 'Rollout', name: NAME }], ...input },
    OF,
  );

const errorsOf = async (kind: string, runId: string, input?: JsonObject) => {
  const plan = await planOf(kind, input);
  expect(plan.problems).toEqual([]);
  const { errors, outputs } = await playPlan(world, plan, { runId });
  expect(errors).toEqual({});
  return outputs[plan.steps[1].id].state;
};

it('goes through a canary: promoted by a step, paused, resumed, aborted, tried again, promoted in full', async () => {
  const plan = await planOf('promote');
  expect(plan).toMatchObject({
    title: 'Promote Rollout canaried in dev',
    problems: [],
    // The run that deploys holds its target, and waits for this one.
    keys: [`workload:dev/Rollout/storefront/${NAME}`],
    warnings: [],
    changes: [
      {
        what: 'Rollout canaried',
        cluster: 'dev',
        before:
          'v1.4.3 beside v1.4.2, 25 %, step 2 of 4: pause until somebody promotes it',
        after: 'step 3 of 4: 50 %',
      },
    ],
    undo: expect.stringMatching(/^Abort the rollout/),
  });
  const played = await playPlan(world, plan, { runId: 'run-promote' });
  expect(played.errors).toEqual({});
  expect(played.outputs['reached.canaried.dev']).toEqual({
    state:
      'Rollout canaried: waits at step 4 of 4: pause until somebody promotes it, 2 of 4 pods new and ready',
  });
  await podsAre(['v1.4.2', 'v1.4.2', 'v1.4.3', 'v1.4.3']);
  expect(played.contexts['promote.canaried.dev'].changes).toMatchObject([
    { system: 'kubernetes', what: 'promote Rollout canaried', cluster: 'dev' },
  ]);

  // Who had seen the first pause too promotes nothing beyond it.
  const late = await playPlan(world, plan, { runId: 'run-late' });
  expect(late.errors).toEqual({});
  expect(late.outputs['promote.canaried.dev']).toMatchObject({ found: true });
  expect(late.contexts['promote.canaried.dev'].effects).toEqual([]);
  expect(late.contexts['promote.canaried.dev'].changes).toEqual([]);
  expect(look().status.currentStepIndex).toBe(3);

  expect(await errorsOf('pause-rollout', 'run-pause')).toBe(
    'Rollout canaried: paused by hand',
  );
  expect((await planOf('promote')).problems).toMatchObject([
    {
      what: 'Nothing to promote',
      why: expect.stringMatching(/paused by hand/),
    },
  ]);
  expect(await errorsOf('resume-rollout', 'run-resume')).toMatch(
    /waits at step 4 of 4/,
  );
  expect(look().spec.paused).toBe(false);

  expect(await errorsOf('abort-rollout', 'run-abort')).toBe(
    'Rollout canaried: aborted, 4 of 4 pods of the stable version ready',
  );
  await podsAre(['v1.4.2', 'v1.4.2', 'v1.4.2', 'v1.4.2']);
  expect((await planOf('abort-rollout')).problems).toMatchObject([
    { why: 'Rollout canaried in dev was aborted already' },
  ]);

  expect(await errorsOf('retry-rollout', 'run-retry')).toMatch(
    /waits at step 2 of 4/,
  );
  const full = await planOf('promote', { full: true });
  expect(full).toMatchObject({
    title: 'Promote in full Rollout canaried in dev',
    warnings: [{ what: 'Skips what is left' }],
  });
  expect(await errorsOf('promote', 'run-full', { full: true })).toBe(
    'Rollout canaried: done, 4 of 4 pods new and ready',
  );
  await podsAre(['v1.4.3', 'v1.4.3', 'v1.4.3', 'v1.4.3']);
});

it('is one promotion although the worker is gone right after it', async () => {
  await ship('v1.4.4');
  const plan = await planOf('promote');
  const [step] = plan.steps;
  const { 'rollout-verb': handler } = world.kinds.get('promote')!.steps;
  let reference: JsonObject | undefined;
  const onEffect = (order?: JsonObject) => void (reference = order);
  const context = { input: step.input, runId: 'run-adopted' };
  await handler.run(createTestContext({ ...context, onEffect }));
  const next = { ...context, attempt: 2, reference };
  // This replica may not have heard of it yet: then the cluster is asked, and refuses as the version is another.
  const output =
    (await handler.adopt!(createTestContext(next))) ??
    (await handler.run(createTestContext(next)));
  expect(output.output).not.toHaveProperty('found');
  await until(({ status }) => status.currentStepIndex === 3);
  await until(({ status }) => status.pauseConditions?.length > 0);
});

it('stays with the version that was shown', async () => {
  const plan = await planOf('promote');
  await ship('v1.4.5');
  const { errors } = await playPlan(world, plan, { runId: 'run-other' });
  expect(errors['promote.canaried.dev']).toMatchObject({
    name: 'StepFailedError',
    message: 'Rollout canaried in cluster dev rolls out another version by now',
  });
  expect(look().status.currentStepIndex).toBe(1);
  expect((await planOf('promote')).intent).not.toEqual(plan.intent);
});

describe('a canary that waits at a Job', () => {
  const waitingJob = async (name: string) => {
    const labels = { 'backstage.io/kubernetes-id': 'recommend' };
    await send('POST', '/apis/batch/v1/namespaces/storefront/jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        labels,
        annotations: {
          'backstage.io/entity-ref': 'component:default/recommend',
          'switchyard/canary-approval': 'errors of recommend-canary',
        },
      },
      spec: {
        suspend: true,
        template: {
          metadata: { labels },
          spec: {
            restartPolicy: 'Never',
            containers: [
              { name: 'main', image: image('v1.4.2'), command: ['true'] },
            ],
          },
        },
      },
    });
    return world.fleet.until(
      () => world.fleet.jobs({ cluster: 'dev', name })[0],
      { signal: AbortSignal.timeout(30_000) },
    );
  };

  it('goes on once somebody continues it, and holds no key of the run that deploys', async () => {
    const kind = world.kinds.get('continue-canary')!;
    expect(kind.environments(world.entity('recommend'))).toEqual([]);
    await waitingJob('approval');
    expect(kind.environments(world.entity('recommend'))).toEqual([
      'development',
    ]);
    const plan = await world.planOf('continue-canary', {}, OF);
    expect(plan).toMatchObject({
      title: 'Continue the canary in dev',
      problems: [],
      keys: ['workload:dev/Job/storefront/approval'],
      changes: [
        {
          what: 'Job approval',
          before: 'waits for approval: errors of recommend-canary',
        },
      ],
    });
    const source = world.sources.find(({ id }) => id === 'workload-consent')!;
    await expect(
      source.read({
        entity: world.entity('recommend'),
        environment: 'development',
        action: 'continue-canary',
        plan,
        signal: AbortSignal.timeout(5_000),
      }),
    ).resolves.toMatchObject({
      facts: [{ ref: 'Job storefront/approval', given: true }],
    });
    const { errors, outputs, contexts } = await playPlan(world, plan, {
      runId: 'run-continue',
    });
    expect(errors).toEqual({});
    expect(outputs['approved.approval.dev']).toEqual({
      state: 'Job approval has ended: Argo CD goes on',
    });
    expect(contexts['continue.approval.dev'].changes).toHaveLength(1);
    // Nothing waits any more, and a late run sends nothing.
    expect(kind.environments(world.entity('recommend'))).toEqual([]);
    const late = await playPlan(world, plan, { runId: 'run-late' });
    expect(late.outputs['continue.approval.dev']).toMatchObject({
      found: true,
    });
    expect(late.contexts['continue.approval.dev'].effects).toEqual([]);
  });

  it('is not approved for another sync than the one that was shown', async () => {
    const { uid } = await waitingJob('approval-2');
    const plan = await world.planOf('continue-canary', {}, OF);
    const [step] = plan.steps;
    const { 'continue-canary': handler } =
      world.kinds.get('continue-canary')!.steps;
    const other = { ...step.input, uid: `${uid}-before` };
    await expect(
      handler.run(createTestContext({ input: other })),
    ).rejects.toMatchObject({
      name: 'StepFailedError',
      message: expect.stringContaining('is of another sync by now'),
    });
  });
});

it('asks for no more rights than docs/install gives', async () => {
  const { rights } = await world.counts();
  const portal = 'system:serviceaccount:switchyard:switchyard ';
  const changes = Object.keys(rights.used)
    .filter(line => line.startsWith(portal))
    .map(line => line.slice(portal.length))
    .filter(line => !/^(get|list|watch) /.test(line));
  expect(changes.sort()).toEqual([
    'patch jobs.batch',
    'patch rollouts.argoproj.io',
    'patch rollouts.argoproj.io/status',
  ]);
  expect(
    Object.keys(rights.refused).filter(line => line.startsWith(portal)),
  ).toEqual([]);
});
