import { JsonObject } from '@backstage/types';
import { WorkloadRow } from '@switchyard/fleet-node';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import {
  orders as entity,
  production as config,
  workloadRow,
} from '../__testUtils__/workloads';
import { RolloutPlanner } from './RolloutPlanner';
import { RolloutInput, RolloutVerb } from './types';

const SINCE = '2026-11-20T10:00:00Z';
const STEPS = [
  { setWeight: 20 },
  { pause: {} },
  { analysis: {} },
  { setWeight: 50 },
  { pause: {} },
];

interface State {
  row?: Partial<WorkloadRow>;
  spec?: JsonObject;
  status?: JsonObject;
}

const UNDER_WAY = { currentPodHash: 'new', stableRS: 'old' };
/** At its first pause, until somebody promotes it. */
const PAUSED: State = {
  status: {
    ...UNDER_WAY,
    currentStepIndex: 1,
    controllerPause: true,
    pauseConditions: [{ reason: 'CanaryPauseStep', startTime: SINCE }],
  },
};
const MOVING: State = { status: { ...UNDER_WAY, currentStepIndex: 0 } };
const ANALYSED: State = {
  status: {
    ...UNDER_WAY,
    currentStepIndex: 2,
    canary: {
      currentStepAnalysisRunStatus: { name: 'orders-2', status: 'Running' },
    },
  },
};
const INCONCLUSIVE: State = {
  status: {
    ...UNDER_WAY,
    currentStepIndex: 2,
    controllerPause: true,
    pauseConditions: [{ reason: 'InconclusiveAnalysisRun', startTime: SINCE }],
    canary: {
      currentStepAnalysisRunStatus: {
        name: 'orders-2',
        status: 'Inconclusive',
      },
    },
  },
};
const ABORTED: State = {
  status: {
    ...UNDER_WAY,
    currentStepIndex: 0,
    abort: true,
    abortedAt: SINCE,
  },
};
const IN_FULL: State = { status: { ...UNDER_WAY, promoteFull: true } };
const THROUGH: State = {
  status: { currentPodHash: 'new', stableRS: 'new', currentStepIndex: 5 },
};
const BY_HAND: State = { ...PAUSED, spec: { paused: true } };
const NOT_SEEN: State = { ...PAUSED, row: { generation: 4 } };
const BLUE_GREEN: State = {
  spec: { strategy: { blueGreen: { activeService: 'orders' } } },
  status: {
    ...UNDER_WAY,
    controllerPause: true,
    pauseConditions: [{ reason: 'BlueGreenPause', startTime: SINCE }],
  },
};

function start(states: State[]) {
  const fleet = createTestFleet();
  for (const { row, spec, status = {} } of states) {
    const made = workloadRow({ kind: 'Rollout', ...row });
    fleet.workloads.push(made);
    fleet.objects.set(made.uid, {
      spec: { strategy: { canary: { steps: STEPS } }, ...spec },
      status,
    });
    for (const [hash, version] of [
      ['old', 'v1'],
      ['new', 'v2'],
    ])
      fleet.replicaSets.push(
        workloadRow({
          kind: 'ReplicaSet',
          cluster: made.cluster,
          name: `orders-${hash}`,
          uid: `${made.uid}-${hash}`,
          labels: { 'rollouts-pod-template-hash': hash },
          owner: { kind: 'Rollout', name: made.name, uid: made.uid },
          containers: [
            {
              name: 'main',
              image: `registry.example.com/orders:${version}`,
              kind: 'container',
            },
          ],
        }),
      );
    if (fleet.clusters.every(({ name }) => name !== made.cluster))
      fleet.clusters.push({
        name: made.cluster,
        url: `https://${made.cluster}`,
        state: 'live',
        since: SINCE,
        asOf: SINCE,
        kinds: [],
      });
  }
  const planner = RolloutPlanner.create({ fleet: fleet.service, config });
  const plan = (verb: RolloutVerb, input: RolloutInput = {}) =>
    planner.plan({
      entity,
      environment: 'production',
      input,
      signal: new AbortController().signal,
      verb,
      kind: verb,
    });
  return { fleet, planner, plan };
}

const inGreen = (state: State): State => ({
  ...state,
  row: { ...state.row, cluster: 'prod-green', uid: 'uid-green' },
});

it('asks one thing of each Rollout, then waits, and holds nothing but the Rollout', async () => {
  const { plan, planner } = start([PAUSED, inGreen(PAUSED)]);
  expect(planner.environments(entity)).toEqual(['production']);
  const made = await plan('promote');
  expect(made).toMatchObject({
    title: 'Promote 2 workloads in 2 clusters',
    problems: [],
    warnings: [],
    // The run that deploys holds its target and the Application, and waits for this one.
    keys: [
      'workload:prod-blue/Rollout/storefront/orders',
      'workload:prod-green/Rollout/storefront/orders',
    ],
    changes: [
      {
        cluster: 'prod-blue',
        what: 'Rollout orders',
        before: 'v2 beside v1, step 2 of 5: pause until somebody promotes it',
        after: 'step 3 of 5: analysis',
      },
      { cluster: 'prod-green' },
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
    ['promote.orders.prod-blue', 'rollout-verb', 'adoptable', []],
    [
      'reached.orders.prod-blue',
      'rollout-reached',
      'none',
      ['promote.orders.prod-blue'],
    ],
    ['promote.orders.prod-green', 'rollout-verb', 'adoptable', []],
    [
      'reached.orders.prod-green',
      'rollout-reached',
      'none',
      ['promote.orders.prod-green'],
    ],
  ]);
});

it('has no environment where nothing is rolled out by Argo Rollouts', () => {
  const { planner } = start([{ row: { kind: 'Deployment' } }]);
  expect(planner.environments(entity)).toEqual([]);
});

it.each<[RolloutVerb, State, object]>([
  ['promote', PAUSED, { hash: 'new', step: 1, since: SINCE }],
  ['promote', ANALYSED, { hash: 'new', step: 2, analysis: 'orders-2' }],
  ['promote', BLUE_GREEN, { hash: 'new', since: SINCE }],
  ['promote-full', MOVING, { hash: 'new' }],
  ['abort', MOVING, { hash: 'new' }],
  ['retry', ABORTED, { hash: 'new', abortedAt: SINCE }],
  ['pause', MOVING, { hash: 'new' }],
  ['resume', BY_HAND, { hash: 'new' }],
])('%s rests on what was seen: %#', async (verb, state, seen) => {
  const { intent, steps, problems } = await start([state]).plan(verb);
  expect(problems).toEqual([]);
  expect(intent).toMatchObject({ verb, targets: [{ seen }] });
  expect(steps[0].input).toMatchObject({ verb, seen });
  expect(steps[1].input).toMatchObject({ verb, seen, after: steps[0].id });
});

it.each<[RolloutVerb, string, State, RegExp]>([
  ['promote', 'nothing comes', THROUGH, /rolls out no version now/],
  ['promote', 'it was aborted', ABORTED, /was aborted: retry it/],
  ['promote', 'it is paused by hand', BY_HAND, /resume it first/],
  ['promote', 'it goes on by itself', MOVING, /goes on by itself/],
  ['promote', 'all of it comes', IN_FULL, /promoted in full already/],
  ['promote', 'it was just changed', NOT_SEEN, /has not looked at it yet/],
  ['promote', 'nobody has looked', {}, /has not looked at it yet/],
  ['promote-full', 'nothing comes', THROUGH, /rolls out no version now/],
  ['promote-full', 'it was aborted', ABORTED, /was aborted: retry it/],
  ['promote-full', 'all of it comes', IN_FULL, /promoted in full already/],
  ['abort', 'nothing comes', THROUGH, /rolls out no version now/],
  ['abort', 'it was aborted', ABORTED, /was aborted already/],
  ['abort', 'it cannot be', IN_FULL, /does not abort/],
  ['retry', 'it was not aborted', PAUSED, /nothing to retry/],
  ['pause', 'it is paused by hand', BY_HAND, /paused by hand already/],
  ['pause', 'nothing comes', THROUGH, /rolls out no version now/],
  ['pause', 'it was aborted', ABORTED, /nothing goes on/],
  ['resume', 'it waits at a step', PAUSED, /waits at a step is promoted/],
])('has no plan to %s where %s', async (verb, _, state, why) => {
  const { steps, problems } = await start([state]).plan(verb);
  expect(steps).toEqual([]);
  expect(problems).toMatchObject([
    {
      what: expect.stringMatching(/^Nothing to /),
      why: expect.stringMatching(why),
      ref: 'Rollout storefront/orders',
    },
  ]);
});

it('is of those of which it can be asked, unless one is named', async () => {
  const { plan } = start([PAUSED, inGreen(THROUGH)]);
  await expect(plan('abort')).resolves.toMatchObject({
    title: 'Abort Rollout orders in prod-blue',
    problems: [],
  });
  await expect(
    plan('abort', { workloads: [{ name: 'orders', cluster: 'prod-green' }] }),
  ).resolves.toMatchObject({
    steps: [],
    problems: [{ what: 'Nothing to abort' }],
  });
});

it.each<[string, State, RolloutVerb, string[]]>([
  [
    'an analysis that has not ended',
    ANALYSED,
    'promote',
    ['Skips what is under way'],
  ],
  [
    'one that could not decide',
    INCONCLUSIVE,
    'promote',
    ['The analysis could not decide'],
  ],
  ['steps that are left out', PAUSED, 'promote-full', ['Skips what is left']],
  ['what Git wants', PAUSED, 'abort', ['Git still wants it']],
  ['nothing, at a pause', PAUSED, 'promote', []],
  ['nothing, before a switch', BLUE_GREEN, 'promote', []],
])('warns of %s', async (_, state, verb, what) => {
  const { warnings } = await start([state]).plan(verb);
  expect(warnings.map(each => each.what)).toEqual(what);
});

it('warns of a cluster that does not answer', async () => {
  const { fleet, plan } = start([PAUSED]);
  fleet.clusters[0] = { ...fleet.clusters[0], state: 'unreachable' };
  const { warnings, problems } = await plan('abort');
  expect(problems).toEqual([]);
  expect(warnings.map(({ what }) => what)).toContain('Cluster unreachable');
});
