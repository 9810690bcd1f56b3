import zlib from 'node:zlib';
import fc from 'fast-check';
import { ObjectRow } from '../rows';
import { createDeflate, inflate } from './deflate';
import { Dictionaries } from './Dictionaries';
import { KindStore, StoreMemory } from './KindStore';
import { ObjectEncoder } from './ObjectEncoder';
import { Pacer } from './Pacer';
import { joinRow, readShared, splitRow } from './rowParts';
import { Slot, SlotArena } from './SlotArena';
import { Turnstile } from './Turnstile';

describe('createDeflate', () => {
  it.each([undefined, Buffer.from('a dictionary with words '.repeat(50))])(
    'answers what inflate understands, however often it is used',
    dictionary => {
      const deflate = createDeflate({ dictionary });
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 5_000 }), bytes => {
          const input = Buffer.from(bytes);
          const output = Buffer.from(deflate(input));
          expect(inflate(output, { dictionary }).equals(input)).toBe(true);
        }),
      );
    },
  );

  it('is not the public function, which is slow and hungry when used per object', () => {
    const spy = jest.spyOn(zlib, 'deflateRawSync');
    const deflate = createDeflate({});
    deflate(Buffer.from('x'.repeat(1000)));
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  });

  it('takes inputs larger than its buffer, also those that cannot be compressed', () => {
    const deflate = createDeflate({});
    let seed = 1;
    const noise = Buffer.from(
      Array.from({ length: 300_000 }, () => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return seed % 256;
      }),
    );
    expect(inflate(Buffer.from(deflate(noise)), {}).equals(noise)).toBe(true);
    const small = Buffer.from('small');
    expect(inflate(Buffer.from(deflate(small)), {}).equals(small)).toBe(true);
  });
});

describe('ObjectEncoder', () => {
  const podLike = (i: number) => ({
    kind: 'Pod',
    name: `pod-${i}`,
    spec: { text: 'the same words in every pod of this kind '.repeat(20) },
  });

  it('reads back what it wrote, also what was written before a dictionary was learnt', () => {
    const dictionaries = new Dictionaries();
    const encoder = new ObjectEncoder({
      onLearnt: each => dictionaries.add(each),
    });
    const written = Array.from({ length: 1_100 }, (_, i) => {
      const { bytes, dictionary } = encoder.encode(podLike(i));
      return { bytes: Buffer.from(bytes), dictionary };
    });
    expect(new Set(written.map(({ dictionary }) => dictionary)).size).toBe(3);
    written.forEach((each, i) =>
      expect(dictionaries.decode(each)).toEqual(podLike(i)),
    );
  });

  it('gets smaller once it has learnt', () => {
    const encoder = new ObjectEncoder({ onLearnt: () => 1 });
    const first = encoder.encode(podLike(0)).bytes.length;
    for (let i = 1; i < 30; i += 1) encoder.encode(podLike(i));
    expect(encoder.encode(podLike(30)).bytes.length).toBeLessThan(first / 2);
  });
});

describe('SlotArena', () => {
  it('keeps what was put, whatever is freed in between', () => {
    const arena = new SlotArena({ slabBytes: 4096 });
    const actions = fc.array(
      fc.record({ length: fc.integer({ min: 0, max: 3000 }), drop: fc.nat() }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(actions, steps => {
        const held: Array<{ slot: Slot; text: Buffer }> = [];
        steps.forEach(({ length, drop }, i) => {
          const text = Buffer.alloc(length, i % 256);
          held.push({ slot: arena.put(text), text });
          if (drop % 3 === 0) {
            const [gone] = held.splice(drop % held.length, 1);
            arena.free(gone.slot);
          }
        });
        for (const { slot, text } of held) {
          expect(arena.get(slot).equals(text)).toBe(true);
        }
        for (const { slot } of held) arena.free(slot);
        expect(arena.usage()).toEqual({ reserved: 0, stored: 0 });
      }),
      { numRuns: 50 },
    );
  });

  it('uses freed places again', () => {
    const arena = new SlotArena();
    const slots = Array.from({ length: 1000 }, () =>
      arena.put(Buffer.alloc(800)),
    );
    const { reserved } = arena.usage();
    for (let round = 0; round < 20; round += 1) {
      const places = slots.splice(0, 500);
      for (const slot of places) arena.free(slot);
      for (let i = 0; i < 500; i += 1) slots.push(arena.put(Buffer.alloc(790)));
    }
    expect(arena.usage().reserved).toBe(reserved);
  });
});

describe('KindStore', () => {
  type Row = ObjectRow & {
    containers?: Array<{ image: string; ready?: boolean }>;
    zone?: string;
  };
  const row = (uid: string, parts: Partial<Row> = {}): Row => ({
    cluster: 'blue',
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'storefront',
    name: uid,
    uid,
    resourceVersion: '1',
    labels: { app: 'orders' },
    createdAt: '',
    containers: [{ image: 'a:1', ready: true }],
    ...parts,
  });
  const origin = { managers: [] };
  const store = (memory = new StoreMemory()) => {
    const encoder = new ObjectEncoder({
      onLearnt: each => memory.dictionaries.add(each),
    });
    const kept = new KindStore<Row>({
      cluster: 'blue',
      memory,
      complete: each => {
        each.zone = 'a';
      },
    });
    return Object.assign(kept, {
      add(each: Row, object?: unknown) {
        const { shared, own } = splitRow(each);
        const encoded = object
          ? encoder.encode([object, origin])
          : { bytes: Buffer.alloc(0), dictionary: 0 };
        return kept.put({
          uid: each.uid,
          name: each.name,
          resourceVersion: each.resourceVersion,
          shared,
          bytes: Buffer.concat([Buffer.from(own), encoded.bytes]),
          ownLength: Buffer.byteLength(own),
          dictionary: encoded.dictionary,
          key: `first\n${each.name[0]}`,
        });
      },
    });
  };
  it('finds rows by everything that a query may say', () => {
    const pods = store();
    pods.add(row('a'), { n: 1 });
    pods.add(row('b', { labels: { app: 'search' }, namespace: 'other' }));
    pods.add(row('c', { owner: { kind: 'ReplicaSet', name: 'r', uid: 'rs' } }));
    const uids = (query: Parameters<typeof pods.query>[0]) =>
      pods.query(query).map(({ uid }) => uid);
    expect(uids({})).toEqual(['a', 'b', 'c']);
    expect(uids({ uid: 'b' })).toEqual(['b']);
    expect(uids({ uid: 'b', namespace: 'storefront' })).toEqual([]);
    expect(uids({ namespace: 'storefront' })).toEqual(['a', 'c']);
    expect(uids({ labels: { app: 'search' } })).toEqual(['b']);
    expect(uids({ labels: { app: 'orders', tier: 'x' } })).toEqual([]);
    expect(uids({ labels: {} })).toHaveLength(3);
    expect(uids({ ownerUid: 'rs' })).toEqual(['c']);
    expect(uids({ image: 'a:1' })).toHaveLength(3);
    expect(uids({ image: 'a:2' })).toEqual([]);
    expect(uids({ name: 'a', cluster: 'blue' })).toEqual(['a']);
    expect(uids({ cluster: 'green' })).toEqual([]);
    expect(pods.rowsByKey('first\nc')).toHaveLength(1);
    expect(pods.object('a')).toEqual({ n: 1 });
    expect(pods.origin('a')).toEqual(origin);
    expect(pods.object('b')).toBeUndefined();
  });

  it('tells whether a row says the same, whatever its object says', () => {
    const pods = store();
    expect(pods.add(row('a'), { n: 1 })).toEqual({ same: false });
    const next = row('a', { resourceVersion: '2' });
    expect(pods.add(next, { n: 2 })).toEqual({ same: true });
    expect(pods.row('a')).toEqual({ ...next, zone: 'a' });
    expect(pods.object('a')).toEqual({ n: 2 });
    const other = [{ image: 'a:1', ready: false }];
    expect(pods.add(row('a', { containers: other }))).toEqual({ same: false });
    expect(pods.row('a')).toMatchObject({ containers: other });
    expect(pods.object('a')).toBeUndefined();
  });

  it('gives all its memory back', () => {
    const memory = new StoreMemory();
    const pods = store(memory);
    pods.add(row('a'), { n: 1 });
    pods.add(row('b'), { n: 1 });
    pods.add(row('b', { namespace: 'other' }), { n: 'x'.repeat(10_000) });
    expect(memory.parts.size).toBe(2);
    pods.remove('a');
    pods.remove('b');
    expect(memory.parts.size).toBe(0);
    expect(memory.arena.usage()).toEqual({ reserved: 0, stored: 0 });
  });

  it('forgets by what it was found before', () => {
    const pods = store();
    pods.add(row('a'), { n: 1 });
    pods.add(row('a', { labels: { app: 'new' }, containers: [] }), { n: 2 });
    expect(pods.query({ labels: { app: 'orders' } })).toEqual([]);
    expect(pods.query({ labels: { app: 'new' } })).toHaveLength(1);
    expect(pods.query({ image: 'a:1' })).toEqual([]);
    expect(pods.object('a')).toEqual({ n: 2 });
    expect(pods.remove('a')).toMatchObject({ uid: 'a' });
    expect(pods.remove('a')).toBeUndefined();
    expect(pods.query({ namespace: 'storefront' })).toEqual([]);
    expect(pods.size).toBe(0);
  });

  it('answers the same as looking at every row', () => {
    const small = fc.constantFrom('a', 'b', 'c');
    const anyRow = fc.record({
      uid: fc.constantFrom(...'abcdefghij'.split('')),
      namespace: small,
      app: small,
      owner: fc.option(small, { nil: undefined }),
      isRemoved: fc.boolean(),
    });
    const anyQuery = fc.record(
      {
        namespace: small,
        labels: fc.record({ app: small }),
        ownerUid: small,
        name: small,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(anyRow), anyQuery, (steps, query) => {
        const pods = store();
        const plain = new Map<string, Row>();
        for (const step of steps) {
          const { uid, namespace, app, owner } = step;
          if (step.isRemoved) {
            pods.remove(uid);
            plain.delete(uid);
            continue;
          }
          const each = row(uid, {
            namespace,
            labels: { app },
            ...(owner && { owner: { kind: 'R', name: 'r', uid: owner } }),
          });
          pods.add(each);
          plain.set(uid, { ...each, zone: 'a' });
        }
        const expected = Array.from(plain.values()).filter(
          each =>
            (query.namespace ?? each.namespace) === each.namespace &&
            (query.labels?.app ?? each.labels.app) === each.labels.app &&
            (query.ownerUid === undefined ||
              query.ownerUid === each.owner?.uid) &&
            (query.name ?? each.name) === each.name,
        );
        expect(new Set(pods.query(query))).toEqual(new Set(expected));
      }),
    );
  });
});

describe('splitRow', () => {
  it('loses nothing, and has in the shared part what all pods of a rollout share', () => {
    const pod = (uid: string, ready: boolean) => ({
      cluster: 'blue',
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'storefront',
      name: `orders-${uid}`,
      uid,
      resourceVersion: '7',
      labels: { app: 'orders' },
      createdAt: '2026-01-01T00:00:00Z',
      owner: { kind: 'ReplicaSet', name: 'orders-1', uid: 'rs' },
      phase: 'Running',
      containers: [
        { name: 'app', kind: 'container', image: 'a:1', ready, restarts: 0 },
        { name: 'proxy', kind: 'sidecar', image: 'b:1', ready, restarts: 2 },
      ],
    });
    const [one, other] = [pod('a', true), pod('ä', false)];
    const { shared, own } = splitRow(one);
    expect(splitRow(other).shared).toBe(shared);
    expect(own).not.toContain('orders-1');
    for (const each of [one, other]) {
      const parts = splitRow(each);
      expect(joinRow(each, readShared(parts.shared), parts.own)).toEqual(each);
    }
  });
});

describe('Pacer', () => {
  const busy = (ms: number) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  };

  it('leaves the event loop to others between pieces of work', async () => {
    const pacer = new Pacer({ budgetMs: 3 });
    let done = 0;
    const piece = () => {
      busy(1);
      done += 1;
    };
    let turnsOfOthers = 0;
    const timer = setInterval(() => {
      turnsOfOthers += 1;
    }, 0);
    // Ten watches at once, each with ten pieces.
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let i = 0; i < 10; i += 1) {
          await pacer.run(piece);
        }
      }),
    );
    clearInterval(timer);
    expect(done).toBe(100);
    expect(turnsOfOthers).toBeGreaterThan(10);
  });

  it('keeps the order, and hands on what the work throws', async () => {
    const pacer = new Pacer({ budgetMs: 0.5 });
    const order: number[] = [];
    const failing = () => {
      throw new Error('broken');
    };
    expect(() => pacer.run(failing)).toThrow('broken');
    pacer.run(() => busy(1));
    const waits = [1, 2, 3].map(n => pacer.run(() => void order.push(n)));
    const failed = pacer.run(failing);
    await expect(failed).rejects.toThrow('broken');
    await Promise.all(waits);
    expect(order).toEqual([1, 2, 3]);
  });

  it('does what somebody waits for before the rest', async () => {
    const pacer = new Pacer({ budgetMs: 0.5 });
    const order: string[] = [];
    const piece = (name: string) => () => {
      busy(1);
      order.push(name);
    };
    const all = [
      ...['a', 'b', 'c'].map(name => pacer.run(piece(name))),
      ...['x', 'y'].map(name => pacer.run(piece(name), { urgent: true })),
    ];
    await Promise.all(all);
    expect(order).toEqual(['a', 'x', 'y', 'b', 'c']);
  });
});

describe('Turnstile', () => {
  it('lets in so many at a time, in order, also after one that fails', async () => {
    const turnstile = new Turnstile({ width: 2 });
    const order: string[] = [];
    let inside = 0;
    let most = 0;
    const visit = (name: string) =>
      turnstile.pass(async () => {
        order.push(name);
        inside += 1;
        most = Math.max(most, inside);
        await new Promise(resolve => setImmediate(resolve));
        inside -= 1;
        if (name === 'b') throw new Error('broken');
        return name;
      });
    const visits = ['a', 'b', 'c', 'd', 'e'].map(visit);
    const results = await Promise.allSettled(visits);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(most).toBe(2);
    await expect(visit('f')).resolves.toBe('f');
  });
});
