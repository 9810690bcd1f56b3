import { aRunDetail, aStep } from '../../__testUtils__';
import { layerSteps, stepOfInterest, timeBar } from './stepGraph';

describe('layerSteps', () => {
  it('puts steps that may run at the same time into one layer', () => {
    const layers = layerSteps(aRunDetail().steps);
    expect(layers.map(layer => layer.map(step => step.id))).toEqual([
      ['commit.blue', 'commit.green'],
      ['sync.blue', 'sync.green'],
      ['rollout.blue'],
    ]);
  });

  it('survives a plan that is broken', () => {
    const steps = [
      aStep({ id: 'a', needs: ['b'] }),
      aStep({ id: 'b', needs: ['a', 'nowhere'] }),
    ];
    expect(
      layerSteps(steps)
        .flat()
        .map(step => step.id)
        .sort(),
    ).toEqual(['a', 'b']);
  });
});

describe('stepOfInterest', () => {
  it.each([
    [['succeeded', 'failed', 'running'], 'failed'],
    [['succeeded', 'running', 'pending'], 'running'],
    [['succeeded', 'pending'], 'pending'],
    [['succeeded', 'succeeded'], 'succeeded'],
  ] as const)('of %j is the %s one', (statuses, expected) => {
    const steps = statuses.map((status, index) =>
      aStep({ id: String(index), status }),
    );
    expect(stepOfInterest(steps)?.status).toBe(expected);
  });
});

describe('timeBar', () => {
  const span = {
    from: Date.parse('2026-11-21T08:00:00.000Z'),
    to: Date.parse('2026-11-21T08:01:40.000Z'),
  };

  it('lies where the step was in the time of the run', () => {
    expect(
      timeBar(
        {
          startedAt: '2026-11-21T08:00:10.000Z',
          finishedAt: '2026-11-21T08:00:30.000Z',
        },
        span,
      ),
    ).toEqual({ left: 10, width: 20 });
  });

  it('reaches to the present while the step runs, and is not there before', () => {
    expect(timeBar({ startedAt: '2026-11-21T08:00:40.000Z' }, span)).toEqual({
      left: 40,
      width: 60,
    });
    expect(timeBar({}, span)).toBeUndefined();
  });
});
