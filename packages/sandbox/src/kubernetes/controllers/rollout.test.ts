import {
  newSetSize,
  oldSetSizes,
  proportionalSizes,
  rolloutLimits,
  SetSize,
} from './rollout';

const set = (
  name: string,
  replicas: number,
  available = replicas,
  createdAt = name,
): SetSize => ({
  name,
  replicas,
  available,
  createdAt,
});

describe('rolloutLimits', () => {
  it.each([
    {
      replicas: 140,
      maxSurge: '25%',
      maxUnavailable: '25%',
      expected: [35, 35],
    },
    { replicas: 3, maxSurge: '25%', maxUnavailable: '25%', expected: [1, 0] },
    { replicas: 10, maxSurge: '25%', maxUnavailable: '25%', expected: [3, 2] },
    { replicas: 4, maxSurge: 1, maxUnavailable: 0, expected: [1, 0] },
    { replicas: 1, maxSurge: '0%', maxUnavailable: '10%', expected: [0, 1] },
    { replicas: 2, maxSurge: 0, maxUnavailable: 5, expected: [0, 2] },
  ])(
    'rounds surge up and unavailability down: $replicas, $maxSurge, $maxUnavailable',
    row => {
      const limits = rolloutLimits({ type: 'RollingUpdate', ...row });
      expect([limits.maxSurge, limits.maxUnavailable]).toEqual(row.expected);
    },
  );

  it('knows neither for Recreate', () => {
    expect(
      rolloutLimits({ type: 'Recreate', replicas: 3, maxSurge: '50%' }),
    ).toEqual({
      replicas: 3,
      maxSurge: 0,
      maxUnavailable: 0,
    });
  });
});

describe('newSetSize', () => {
  it.each([
    { surge: 1, fresh: 0, old: 4, expected: 1 },
    { surge: 2, fresh: 1, old: 4, expected: 2 },
    { surge: 1, fresh: 1, old: 4, expected: 1 },
    { surge: 1, fresh: 2, old: 2, expected: 3 },
    { surge: 10, fresh: 0, old: 4, expected: 4 },
    { surge: 1, fresh: 6, old: 0, expected: 4 },
  ])(
    'fills what surge $surge leaves beside $old old and $fresh new pods of 4',
    ({ surge, fresh, old, expected }) => {
      const newSet = set('new', fresh);
      const limits = { replicas: 4, maxSurge: surge, maxUnavailable: 0 };
      expect(newSetSize(limits, newSet, [newSet, set('old', old)])).toBe(
        expected,
      );
    },
  );
});

describe('oldSetSizes', () => {
  const limits = { replicas: 4, maxSurge: 1, maxUnavailable: 1 };

  it('takes as many as may be unavailable at the start', () => {
    expect(oldSetSizes(limits, set('new', 1, 0), [set('old', 4)])).toEqual(
      new Map([['old', 3]]),
    );
  });

  it('takes none while the new pods are not available and none may be missing', () => {
    expect(
      oldSetSizes({ ...limits, maxUnavailable: 0 }, set('new', 1, 0), [
        set('old', 4),
      ]),
    ).toEqual(new Map());
  });

  it('takes pods that do not work first, of the oldest set first', () => {
    const sizes = oldSetSizes(
      { ...limits, maxUnavailable: 0 },
      set('new', 1, 1),
      [set('b', 2, 2, '2026-02'), set('a', 2, 1, '2026-01')],
    );
    expect(sizes).toEqual(new Map([['a', 1]]));
  });

  it('takes all that are left once the new set is whole', () => {
    expect(oldSetSizes(limits, set('new', 4, 4), [set('old', 1)])).toEqual(
      new Map([['old', 0]]),
    );
  });
});

describe('proportionalSizes', () => {
  it('shares a larger size by what the sets have', () => {
    const sizes = proportionalSizes(
      { replicas: 15, maxSurge: 3, maxUnavailable: 2 },
      [
        { ...set('new', 5, 0, '2026-02'), maxReplicas: 13 },
        { ...set('old', 8, 8, '2026-01'), maxReplicas: 13 },
      ],
    );
    expect(sizes).toEqual(
      new Map([
        ['old', 11],
        ['new', 7],
      ]),
    );
  });

  it('gives what rounding leaves to the largest', () => {
    const sizes = proportionalSizes(
      { replicas: 6, maxSurge: 0, maxUnavailable: 1 },
      [
        { ...set('a', 3, 3, '2026-01'), maxReplicas: 4 },
        { ...set('b', 1, 1, '2026-02'), maxReplicas: 4 },
      ],
    );
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBe(6);
    expect(sizes.get('a')).toBeGreaterThan(sizes.get('b')!);
  });

  it('takes everything away at size 0', () => {
    const sizes = proportionalSizes(
      { replicas: 0, maxSurge: 0, maxUnavailable: 0 },
      [
        { ...set('a', 3), maxReplicas: 5 },
        { ...set('b', 2), maxReplicas: 5 },
      ],
    );
    expect(sizes).toEqual(
      new Map([
        ['a', 0],
        ['b', 0],
      ]),
    );
  });
});
