import { rolloutRow } from './rollout';

const STEPS = [
  { setWeight: 20 },
  { pause: { duration: '1h30m' } },
  { analysis: { templates: [] } },
  { setWeight: 50 },
  { pause: {} },
];

function progressOf(status: object, strategy: object = {}) {
  return rolloutRow(
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { namespace: 'storefront', name: 'orders', uid: 'u1' },
      spec: { strategy: { canary: { steps: STEPS }, ...strategy } },
      status: { stableRS: 'old', currentPodHash: 'new', ...status },
    } as any,
    { cluster: 'dev' },
  ).rollout!;
}

it.each<[string, object, number | undefined]>([
  ['its router says', { canary: { weights: { canary: { weight: 7 } } } }, 7],
  ['before any weight', { currentStepIndex: 0 }, 20],
  ['the newest step with a weight says', { currentStepIndex: 2 }, 20],
  ['after a second one', { currentStepIndex: 4 }, 50],
  ['all steps are done', { currentStepIndex: 5 }, 100],
  ['it is aborted', { currentStepIndex: 0, abort: true }, undefined],
  ['nothing is rolled out', { currentPodHash: 'old' }, undefined],
])('knows the share of the new version when %s', (_, status, weight) => {
  expect(progressOf(status).weight).toBe(weight);
});

it('knows the present step, and how long a pause lasts', () => {
  const pause = (reason: string) => ({ pauseConditions: [{ reason }] });
  expect(progressOf({ currentStepIndex: 2 }).steps).toEqual({
    done: 2,
    of: 5,
    present: 'analysis',
  });
  const seconds = (status: object, strategy?: object) =>
    progressOf(status, strategy).paused?.seconds;
  const canary = pause('CanaryPauseStep');
  expect(seconds({ currentStepIndex: 1, ...canary })).toBe(5400);
  expect(seconds({ currentStepIndex: 4, ...canary })).toBeUndefined();
  const inconclusive = pause('InconclusiveAnalysisRun');
  expect(seconds({ currentStepIndex: 1, ...inconclusive })).toBeUndefined();
  const blueGreen = {
    canary: undefined,
    blueGreen: { autoPromotionSeconds: 30 },
  };
  expect(seconds(pause('BlueGreenPause'), blueGreen)).toBe(30);
});
