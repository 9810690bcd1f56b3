import { findWaves, Waves } from './findWaves';

describe('findWaves', () => {
  it.each<[string, Record<string, string[]>, Waves]>([
    ['nothing', {}, { waves: [] }],
    [
      'all at once where none needs another',
      { b: [], a: [] },
      { waves: [['a', 'b']] },
    ],
    [
      'what is needed first',
      { api: ['match'], match: [], chat: [] },
      { waves: [['chat', 'match'], ['api']] },
    ],
    [
      'each as early as it may',
      { a: [], b: ['a'], c: ['b', 'a'], d: ['a'] },
      { waves: [['a'], ['b', 'd'], ['c']] },
    ],
    [
      'nobody waits for what is not shipped',
      { api: ['database', 'match'] },
      { waves: [['api']] },
    ],
    ['nobody waits for itself', { api: ['api'] }, { waves: [['api']] }],
    [
      'no order for those that need each other',
      { x: ['a'], a: ['b'], b: ['c'], c: ['a'] },
      { cycle: ['a', 'b', 'c', 'a'] },
    ],
  ])('%s', (_, services, expected) => {
    expect(
      findWaves(
        Object.entries(services).map(([id, dependsOn]) => ({ id, dependsOn })),
      ),
    ).toEqual(expected);
  });
});
