import { JsonObject } from '@backstage/types';
import { KubernetesWriteError } from '@switchyard/fleet-node/effects';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { workloadRow } from '../__testUtils__/workloads';
import { RolloutVerb, SeenRollout } from '../rollouts/types';
import { DEFAULT_PATIENCE } from '../steps/types';
import { createRolloutVerbStep } from './rolloutVerbStep';

const WORKLOAD = {
  cluster: 'prod-blue',
  kind: 'Rollout',
  namespace: 'storefront',
  name: 'orders',
};
const STEPS = [{ setWeight: 20 }, { pause: {} }, { analysis: {} }];
const SINCE = '2026-11-20T10:00:00Z';
const PAUSED = {
  currentPodHash: 'new',
  stableRS: 'old',
  currentStepIndex: 1,
  controllerPause: true,
  pauseConditions: [{ reason: 'CanaryPauseStep', startTime: SINCE }],
};

/** A Rollout in a cluster that takes a patch at the version that it is at. */
function start(status: JsonObject, spec: JsonObject = {}) {
  const fleet = createTestFleet();
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://blue',
    state: 'live',
    since: SINCE,
    kinds: [],
  });
  const put = (version: number, next: JsonObject) => {
    fleet.workloads.splice(
      0,
      Infinity,
      workloadRow({ kind: 'Rollout', resourceVersion: String(version) }),
    );
    fleet.objects.set('uid-orders', {
      spec: { strategy: { canary: { steps: STEPS } }, ...spec },
      status: next,
    });
  };
  put(10, status);
  const sent: JsonObject[] = [];
  const faults: Error[] = [];
  const step = createRolloutVerbStep({
    fleet: fleet.service,
    patience: { ...DEFAULT_PATIENCE, lookEveryMs: 5, beginMs: 40 },
    kubernetesWriter: {
      async patch(_, { resourceVersion, change, subresource }) {
        sent.push({
          resourceVersion,
          change,
          ...(subresource && { subresource }),
        });
        const fault = faults.shift();
        if (fault) throw fault;
        return { uid: 'uid-orders', resourceVersion: '11', generation: 3 };
      },
    },
  });
  const contextOf = (
    verb: RolloutVerb,
    seen: Partial<SeenRollout> = {},
    more: object = {},
  ) =>
    createTestContext({
      input: { workload: WORKLOAD, verb, seen: { hash: 'new', ...seen } },
      ...more,
    });
  return { put, sent, faults, step, contextOf };
}

const AT_PAUSE = { step: 1, since: SINCE };
const lost = () =>
  new KubernetesWriteError({
    kind: 'unreachable',
    cluster: 'prod-blue',
    message: 'Cluster prod-blue broke off',
    outcome: 'unknown',
  });

it.each<[string, RolloutVerb, Partial<SeenRollout>, JsonObject, JsonObject]>([
  ['a pause', 'promote', AT_PAUSE, PAUSED, { pauseConditions: null }],
  [
    'an analysis',
    'promote',
    { step: 2, analysis: 'run-1' },
    {
      ...PAUSED,
      currentStepIndex: 2,
      pauseConditions: null,
      canary: {
        currentStepAnalysisRunStatus: { name: 'run-1', status: 'Running' },
      },
    },
    { pauseConditions: null, currentStepIndex: 3 },
  ],
  [
    'an analysis that could not decide',
    'promote',
    { step: 2, since: SINCE, analysis: 'run-1' },
    {
      ...PAUSED,
      currentStepIndex: 2,
      canary: {
        currentStepAnalysisRunStatus: { name: 'run-1', status: 'Inconclusive' },
      },
    },
    { pauseConditions: null, controllerPause: false, currentStepIndex: 3 },
  ],
  ['all', 'promote-full', {}, PAUSED, { promoteFull: true }],
  ['a version that is to go', 'abort', {}, PAUSED, { abort: true }],
  [
    'an abort',
    'retry',
    { abortedAt: SINCE },
    { currentPodHash: 'new', stableRS: 'old', abort: true, abortedAt: SINCE },
    { abort: false },
  ],
])(
  'writes what the kubectl plugin writes, for %s: %s',
  async (_, verb, seen, status, written) => {
    const { step, sent, contextOf } = start(status);
    const context = contextOf(verb, seen);
    await expect(step.run(context)).resolves.toEqual({
      output: { uid: 'uid-orders', generation: 3 },
    });
    expect(sent).toEqual([
      {
        resourceVersion: '10',
        change: { status: written },
        subresource: 'status',
      },
    ]);
    expect(context.changes).toHaveLength(1);
  },
);

it.each<[RolloutVerb, boolean, string]>([
  ['pause', false, 'switchyard/paused-by-run'],
  ['resume', true, 'switchyard/resumed-by-run'],
])('leaves its name with a %s', async (verb, paused, annotation) => {
  const { step, sent, contextOf } = start(PAUSED, { paused });
  await step.run(contextOf(verb));
  expect(sent).toEqual([
    {
      resourceVersion: '10',
      change: {
        spec: { paused: !paused },
        metadata: { annotations: { [annotation]: 'run-1' } },
      },
    },
  ]);
});

it.each<[string, RolloutVerb, Partial<SeenRollout>, JsonObject, string]>([
  [
    'another version',
    'promote',
    AT_PAUSE,
    { ...PAUSED, currentPodHash: 'newer' },
    'rolls out another version by now',
  ],
  [
    'the same step, reached again',
    'promote',
    AT_PAUSE,
    {
      ...PAUSED,
      pauseConditions: [
        { reason: 'CanaryPauseStep', startTime: '2026-11-20T11:00:00Z' },
      ],
    },
    'is no longer at the step that was shown; nothing was promoted',
  ],
  [
    'a step before it',
    'promote',
    AT_PAUSE,
    { ...PAUSED, currentStepIndex: 0, pauseConditions: null },
    'is no longer at the step that was shown; nothing was promoted',
  ],
  [
    'an abort',
    'promote',
    AT_PAUSE,
    { ...PAUSED, abort: true, pauseConditions: null },
    'was aborted meanwhile',
  ],
  [
    'a second abort',
    'retry',
    { abortedAt: SINCE },
    { ...PAUSED, abort: true, abortedAt: '2026-11-20T11:00:00Z' },
    'was retried and aborted again meanwhile',
  ],
  [
    'what is through',
    'abort',
    {},
    { ...PAUSED, stableRS: 'new' },
    'has rolled it out completely meanwhile: roll back instead',
  ],
  [
    'what is promoted in full',
    'abort',
    {},
    { ...PAUSED, promoteFull: true },
    'is being promoted in full by now, which Argo Rollouts does not abort',
  ],
])('sends nothing to %s (%s)', async (_, verb, seen, status, why) => {
  const { step, sent, contextOf } = start(status);
  await expect(step.run(contextOf(verb, seen))).rejects.toMatchObject({
    name: 'StepFailedError',
    message: `Rollout orders in cluster prod-blue ${why}`,
  });
  expect(sent).toEqual([]);
});

it('says that it was so already, and records no change', async () => {
  const { step, sent, contextOf } = start({ ...PAUSED, abort: true });
  const context = contextOf('abort');
  await expect(step.run(context)).resolves.toEqual({
    output: { uid: 'uid-orders', generation: 3, found: true },
  });
  expect([sent, context.changes]).toEqual([[], []]);
});

it('finds a promotion of an attempt before, wherever the Rollout is by now', async () => {
  const { step, put, contextOf } = start(PAUSED);
  const later = { attempt: 2, reference: { resourceVersion: '10' } };
  await expect(
    step.adopt!(contextOf('promote', AT_PAUSE, later)),
  ).resolves.toBeUndefined();
  for (const status of [
    { ...PAUSED, pauseConditions: null },
    { ...PAUSED, currentStepIndex: 2, pauseConditions: null },
    { ...PAUSED, stableRS: 'new', currentStepIndex: 3, pauseConditions: null },
  ]) {
    put(12, status);
    const context = contextOf('promote', AT_PAUSE, later);
    await expect(step.adopt!(context)).resolves.toMatchObject({ output: {} });
    expect(context.changes).toHaveLength(1);
  }
});

describe('an abort that somebody may have taken back', () => {
  const GOING_ON = {
    currentPodHash: 'new',
    stableRS: 'old',
    currentStepIndex: 0,
  };
  const later = { attempt: 2, reference: { resourceVersion: '10' } };

  it('is not sent again after a worker that is gone', async () => {
    const { step, put, sent, contextOf } = start(GOING_ON);
    put(12, GOING_ON);
    await expect(step.run(contextOf('abort', {}, later))).rejects.toMatchObject(
      {
        name: 'OutcomeUnknownError',
        message: expect.stringContaining(
          'Whether Rollout orders in cluster prod-blue was asked to abort is not known',
        ),
      },
    );
    expect(sent).toEqual([]);
  });

  it('is sent where the Rollout is as it was, and where a person says so', async () => {
    const same = start(GOING_ON);
    await same.step.run(same.contextOf('abort', {}, later));
    expect(same.sent).toHaveLength(1);
    const other = start(GOING_ON);
    other.put(12, GOING_ON);
    const retried = { by: 'user:default/dana', at: '2026-11-20T12:00:00Z' };
    const context = other.contextOf('abort', {}, { ...later, retried });
    await other.step.run(context);
    expect(context.effects).toEqual([
      { resourceVersion: '12', word: retried.at },
    ]);
    // That word is good for one request.
    const again = other.contextOf(
      'abort',
      {},
      {
        attempt: 3,
        reference: { resourceVersion: '10', word: retried.at },
        retried,
      },
    );
    await expect(other.step.run(again)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
    expect(other.sent).toHaveLength(1);
  });

  it('is not sent again after a lost answer either', async () => {
    const { step, put, sent, faults, contextOf } = start(GOING_ON);
    faults.push(lost());
    setTimeout(() => put(13, GOING_ON), 1);
    await expect(step.run(contextOf('abort'))).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
    });
    expect(sent).toHaveLength(1);
  });
});
