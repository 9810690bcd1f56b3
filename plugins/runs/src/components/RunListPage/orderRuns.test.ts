import { aRun } from '../../__testUtils__';
import { orderRuns, summarize, urgencyOf } from './orderRuns';

const parked = aRun({
  number: 4,
  status: 'waiting',
  environment: 'dev',
  waiting: { reason: 'parked', message: '', since: '', blockers: [] },
});
const turn = aRun({
  number: 6,
  status: 'waiting',
  waiting: { reason: 'key-taken', message: '', since: '', blockers: [] },
});

describe('orderRuns', () => {
  it('puts what needs a person first, then what is under way, then the newest', () => {
    const runs = [
      aRun({ number: 9, status: 'succeeded', environment: 'dev' }),
      aRun({ number: 8, status: 'cancelled' }),
      aRun({ number: 7, status: 'running' }),
      turn,
      aRun({ number: 5, status: 'needs-attention' }),
      parked,
      aRun({ number: 3, status: 'dead' }),
    ];
    expect(orderRuns(runs).map(run => run.number)).toEqual([
      5, 4, 3, 7, 6, 9, 8,
    ]);
  });

  it('lets a failed run rest once a later one of its target has followed', () => {
    const failed = aRun({ number: 3, status: 'failed' });
    expect(urgencyOf(failed, [failed])).toBe('person');
    expect(
      urgencyOf(failed, [failed, aRun({ number: 4, status: 'succeeded' })]),
    ).toBe('over');
    expect(
      urgencyOf(failed, [failed, aRun({ number: 4, status: 'cancelled' })]),
    ).toBe('person');
    expect(
      urgencyOf(failed, [
        failed,
        aRun({ number: 4, status: 'succeeded', environment: 'dev' }),
      ]),
    ).toBe('person');
  });
});

describe('summarize', () => {
  it.each([
    [[], 'No run needs a person'],
    [[aRun({ status: 'succeeded' })], 'No run needs a person'],
    [[aRun()], '1 run is under way'],
    [[parked], '1 run needs a person'],
    [
      [parked, aRun({ status: 'dead' }), aRun()],
      '2 runs need a person, 1 is under way',
    ],
  ])('%#', (runs, text) => {
    expect(summarize(runs).text).toBe(text);
  });
});
