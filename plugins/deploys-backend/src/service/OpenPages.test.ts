import { mockCredentials } from '@backstage/backend-test-utils';
import { blank, orders } from '../tests/ordersWorld';
import { Decisions } from './DeploymentAuthorizer';
import { OpenPages } from './OpenPages';

const ref = { kind: 'Component', namespace: 'default', name: 'orders' };
const other = { ...ref, name: 'blank' };
const dana = mockCredentials.user('user:default/dana');
const omar = mockCredentials.user('user:default/omar');
const page = { entity: orders, decisions: {} as Decisions };

describe('OpenPages', () => {
  let pages: OpenPages;
  const look = jest.fn(async () => page);

  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-20T12:00:00Z') });
    look.mockClear();
    pages = new OpenPages();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks once for a person who asks again and again', async () => {
    for (let second = 0; second < 10; second++) {
      expect(await pages.find(ref, dana, look)).toEqual(page);
      jest.advanceTimersByTime(1000);
    }
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('believes nothing for longer than fifteen seconds', async () => {
    await pages.find(ref, dana, look);
    jest.advanceTimersByTime(15_000);
    await expect(
      pages.find(ref, dana, async () => {
        throw new Error('may not');
      }),
    ).rejects.toThrow('may not');
  });

  it('finds out ahead for a page that stays open, once, and lets nobody wait for it', async () => {
    await pages.find(ref, dana, look);
    jest.advanceTimersByTime(10_000);
    let answer = (_: typeof page) => {};
    const slow = jest.fn(
      () =>
        new Promise<typeof page>(resolve => {
          answer = resolve;
        }),
    );
    expect(await pages.find(ref, dana, slow)).toEqual(page);
    expect(await pages.find(ref, dana, slow)).toEqual(page);
    expect(slow).toHaveBeenCalledTimes(1);
    answer({ ...page, entity: blank });
    jest.advanceTimersByTime(5_000);
    await Promise.resolve();
    expect((await pages.find(ref, dana, slow)).entity).toBe(blank);
    // It counts from when it was asked, not from when it was answered.
    expect(slow).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(5_000);
    await pages.find(ref, dana, slow);
    expect(slow).toHaveBeenCalledTimes(2);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('believes no more what was taken away when it finds out ahead', async () => {
    await pages.find(ref, dana, look);
    jest.advanceTimersByTime(10_000);
    const refuse = async () => {
      throw new Error('may not');
    };
    expect(await pages.find(ref, dana, refuse)).toEqual(page);
    await expect(pages.find(ref, dana, refuse)).rejects.toThrow('may not');
  });

  it('asks for each person, and for each entity', async () => {
    await pages.find(ref, dana, look);
    await expect(
      pages.find(ref, omar, async () => {
        throw new Error('may not');
      }),
    ).rejects.toThrow('may not');
    const found = { ...page, entity: blank };
    expect(await pages.find(other, dana, async () => found)).toBe(found);
    expect(await pages.find(ref, dana, look)).toEqual(page);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('shows everybody the entity as it was read last', async () => {
    await pages.find(ref, dana, look);
    const changed = {
      ...orders,
      metadata: { ...orders.metadata, title: 'New' },
    };
    await pages.find(ref, omar, async () => ({ ...page, entity: changed }));
    expect((await pages.find(ref, dana, look)).entity).toBe(changed);
    jest.advanceTimersByTime(15_000);
    expect((await pages.find(ref, dana, look)).entity).toBe(orders);
  });

  it('takes nothing for newer that a slow look has seen before', async () => {
    let answer = (_: typeof page) => {};
    const slow = pages.find(
      ref,
      dana,
      () =>
        new Promise(resolve => {
          answer = resolve;
        }),
    );
    const changed = {
      ...orders,
      metadata: { ...orders.metadata, title: 'New' },
    };
    await pages.find(ref, omar, async () => ({ ...page, entity: changed }));
    answer(page);
    expect((await slow).entity).toBe(changed);
    expect((await pages.find(ref, omar, look)).entity).toBe(changed);
    expect((await pages.find(ref, dana, look)).entity).toBe(changed);
    expect(look).not.toHaveBeenCalled();
  });

  it('believes no refusal', async () => {
    const refuse = async () => {
      throw new Error('may not');
    };
    const both = [pages.find(ref, dana, refuse), pages.find(ref, dana, refuse)];
    await Promise.allSettled(both);
    expect(await pages.find(ref, dana, look)).toBe(page);
  });

  it('asks each time for services, which may have restrictions of their own', async () => {
    const service = mockCredentials.service();
    await pages.find(ref, service, look);
    await pages.find(ref, service, look);
    expect(look).toHaveBeenCalledTimes(2);
  });

  it('remembers a thousand at most', async () => {
    await pages.find(ref, dana, look);
    for (let count = 0; count < 1000; count++) {
      await pages.find({ ...ref, name: `n-${count}` }, dana, look);
    }
    look.mockClear();
    await pages.find(ref, dana, look);
    expect(look).toHaveBeenCalledTimes(1);
  });
});
