import { Entity } from '@backstage/catalog-model';
import { SeenEntities } from './SeenEntities';

const orders: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'orders' },
};

const ref = 'component:default/orders';
const changed = { ...orders, metadata: { ...orders.metadata, title: 'New' } };

describe('SeenEntities', () => {
  let seen: SeenEntities;
  const look = jest.fn(async () => orders);

  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-20T12:00:00Z') });
    look.mockClear();
    seen = new SeenEntities();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('shows an entity to nobody who was not found to see it', async () => {
    await seen.find('dana', ref, look);
    await expect(
      seen.find('omar', ref, async () => {
        throw new Error('may not');
      }),
    ).rejects.toThrow('may not');
  });

  it('shows everybody the entity as it was read last', async () => {
    await seen.find('dana', ref, look);
    await seen.find('omar', ref, async () => changed);
    expect(await seen.find('dana', ref, look)).toBe(changed);
    expect(look).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(15_000);
    expect(await seen.find('dana', ref, look)).toBe(orders);
  });

  it('takes nothing for newer that a slow look has seen before', async () => {
    let answer = (_: typeof orders) => {};
    const slow = seen.find(
      'dana',
      ref,
      () =>
        new Promise(resolve => {
          answer = resolve;
        }),
    );
    await seen.find('omar', ref, async () => changed);
    answer(orders);
    expect(await slow).toBe(changed);
    expect(await seen.find('omar', ref, look)).toBe(changed);
    expect(await seen.find('dana', ref, look)).toBe(changed);
    expect(look).not.toHaveBeenCalled();
  });
});
