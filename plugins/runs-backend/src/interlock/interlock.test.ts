import {
  Fact,
  FactReading,
  FactSource,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { NewLock } from '../database/types';
import { newLock } from '../tests/newLock';
import { TestDatabase } from '../tests/TestDatabase';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  ENTITY_REF,
  until,
} from '../tests/testKind';
import { TestCatalog, TestReplica } from '../tests/TestReplica';

jest.setTimeout(30_000);

const OMAR = 'user:default/omar';
const step = (handler: string, more: object = {}) => ({
  ...createPlan().steps[0],
  id: handler,
  handler,
  ...more,
});
const effect = (id: string, needs: string[] = []) =>
  step(id, { effect: 'idempotent', needs });

/** An effect on another system that counts how often it was really begun. */
function counting(
  before?: () => Promise<unknown>,
): StepHandler & { count: number } {
  const handler: StepHandler & { count: number } = {
    count: 0,
    effect: 'idempotent',
    run: async context => {
      await before?.();
      await context.beforeEffect();
      handler.count += 1;
      return { output: {} };
    },
  };
  return handler;
}

describe('the interlock at work', () => {
  let database: TestDatabase;
  let replica: TestReplica;
  let catalog: TestCatalog;

  beforeEach(async () => {
    database = await TestDatabase.create();
    catalog = new TestCatalog();
  });

  afterEach(async () => {
    await replica?.stop();
    await database.drop();
  });

  const start = async (
    handlers: Record<string, StepHandler>,
    sources: FactSource[] = [],
  ) => {
    replica = await TestReplica.start({
      database,
      kinds: [createKind({ handlers })],
      sources,
      catalog,
    });
  };
  const lock = () =>
    replica.locks.create(
      newLock({
        entityRef: ENTITY_REF,
        reason: 'Stock-taking',
        createdBy: OMAR,
      }),
    );

  it('parks a run that was locked between request and claim; it holds no key, and lifting fires nothing', async () => {
    const one = counting();
    await start({ one });
    const { id: lockId } = await lock();
    const id = await replica.request({ steps: [effect('one')] });
    const run = await replica.reaches(id, 'waiting');
    expect(run.parked).toMatchObject({
      message: 'Locked by omar: Stock-taking',
      ready: false,
      blockers: [{ type: 'lock', ref: lockId }],
    });
    expect(await database.query('SELECT FROM run_key')).toEqual([]);

    await replica.locks.release(lockId, OMAR);
    await until(
      async () => (await replica.find(id)).parked?.ready === true,
      2_000,
    );
    await new Promise(resolve => setTimeout(resolve, 500));
    expect((await replica.find(id)).status).toBe('waiting');
    expect(one.count).toBe(0);

    await replica.confirm(id);
    await replica.reaches(id, 'succeeded');
    expect(one.count).toBe(1);
  });

  it('parks a run that was locked between claim and effect, before the effect', async () => {
    const gate = createGate();
    const one = counting(() => gate.promise);
    await start({ one });
    const id = await replica.request({ steps: [effect('one')] });
    await replica.begins(id);
    const { id: lockId } = await lock();
    gate.open();
    const run = await replica.reaches(id, 'waiting');
    expect(one.count).toBe(0);
    expect(run.steps[0]).toMatchObject({
      status: 'pending',
      effectStarted: false,
    });
    // Nothing has been changed yet: others may pass.
    expect(await database.query('SELECT FROM run_key')).toEqual([]);

    await replica.locks.release(lockId, OMAR);
    await replica.confirm(id);
    await replica.reaches(id, 'succeeded');
    expect(one.count).toBe(1);
  });

  describe('where more than the component is frozen', () => {
    const SHOP = 'system:default/shop';
    const clusters: FactSource = {
      id: 'clusters',
      actions: ['test'],
      read: async () => ({
        state: 'read',
        asOf: '',
        facts: [{ type: 'cluster', name: 'blue' }],
      }),
    };
    const places: Array<Partial<NewLock>> = [
      { scope: 'platform' },
      { scope: 'environment', environment: 'production' },
      { scope: 'cluster', cluster: 'blue' },
      { scope: 'system', entityRef: SHOP, environment: 'production' },
    ];
    const freeze = (place: Partial<NewLock>) =>
      replica.locks.create(
        newLock({ ...place, kind: 'freeze', holderMayDeploy: false }),
      );
    beforeEach(() =>
      catalog.set(ENTITY_REF, [
        { type: 'ownedBy', targetRef: 'group:default/storefront' },
        { type: 'partOf', targetRef: SHOP },
      ]),
    );

    it.each(places)('parks before the effect, at %j', async place => {
      const gate = createGate();
      const one = counting(() => gate.promise);
      await start({ one }, [clusters]);
      const id = await replica.request({ steps: [effect('one')] });
      await replica.begins(id);
      const { id: lockId } = await freeze(place);
      gate.open();
      const run = await replica.reaches(id, 'waiting');
      expect(run.parked?.blockers).toMatchObject([
        { type: 'freeze', ref: lockId },
      ]);
      expect(one.count).toBe(0);
      await replica.locks.release(lockId, OMAR);
      await until(async () => (await replica.find(id)).parked?.ready === true);
      expect(one.count).toBe(0);
      await replica.confirm(id);
      await replica.reaches(id, 'succeeded');
      expect(one.count).toBe(1);
    });

    it.each(places)('parks at the claim, at %j', async place => {
      const one = counting();
      await start({ one }, [clusters]);
      await freeze(place);
      const id = await replica.request({ steps: [effect('one')] });
      const run = await replica.reaches(id, 'waiting');
      expect(run.parked?.blockers).toMatchObject([{ type: 'freeze' }]);
      expect(one.count).toBe(0);
    });

    it('parks within the window of a schedule that was set between claim and effect', async () => {
      const gate = createGate();
      const one = counting(() => gate.promise);
      await start({ one }, [clusters]);
      const id = await replica.request({ steps: [effect('one')] });
      await replica.begins(id);
      await freeze({
        scope: 'platform',
        schedule: {
          mode: 'deny',
          rule: 'FREQ=DAILY',
          start: new Date(Date.now() - 3_600_000).toISOString().slice(0, 16),
          durationMinutes: 120,
          timeZone: 'UTC',
        },
      });
      gate.open();
      await replica.reaches(id, 'waiting');
      expect(one.count).toBe(0);
    });
  });

  it('keeps the keys of a run that was locked between two effects', async () => {
    const gate = createGate();
    const one = counting();
    const two = counting(() => gate.promise);
    await start({ one, two });
    const id = await replica.request({
      steps: [effect('one'), effect('two', ['one'])],
    });
    await until(() => one.count === 1);
    const { id: lockId } = await lock();
    gate.open();
    await replica.reaches(id, 'waiting');
    const other = await replica.request({ steps: [] });
    await new Promise(resolve => setTimeout(resolve, 300));
    expect((await replica.find(other)).behind).toMatchObject({ id });

    await replica.locks.release(lockId, OMAR);
    await replica.confirm(id);
    await replica.reaches(id, 'succeeded');
    await replica.reaches(other, 'succeeded');
    expect([one.count, two.count]).toEqual([1, 1]);
  });

  describe('where another component deploys the same target', () => {
    const SHARER = 'component:default/web';
    const MESSAGE =
      'Locked on another component, which also deploys Application argocd/shop.';
    const lockSharer = () =>
      replica.locks.create(
        newLock({
          entityRef: SHARER,
          environment: 'production',
          reason: 'Stock-taking',
          createdBy: OMAR,
        }),
      );
    /** Says who shares; does something meanwhile, when told to. */
    const sharing = () => {
      const source = {
        id: 'shared-targets',
        actions: ['test'],
        meanwhile: async () => {},
        read: async (): Promise<FactReading> => {
          await source.meanwhile();
          const ref = 'Application argocd/shop';
          return {
            state: 'read',
            asOf: '',
            facts: [{ type: 'shared-target', ref, entityRef: SHARER }],
          };
        },
      };
      return source;
    };

    it('parks a run that was locked there between request and claim, until that is lifted', async () => {
      const one = counting();
      await start({ one }, [sharing()]);
      const { id: lockId } = await lockSharer();
      const id = await replica.request({
        steps: [step('work'), effect('one')],
      });
      const run = await replica.reaches(id, 'waiting');
      expect(run.parked).toMatchObject({
        message: MESSAGE,
        ready: false,
        blockers: [{ type: 'lock' }],
      });
      // At the claim: not even a step without an effect has begun.
      expect(run.steps.map(each => each.attempt)).toEqual([0, 0]);
      expect(await database.query('SELECT FROM run_key')).toEqual([]);

      await replica.locks.release(lockId, OMAR);
      await until(async () => (await replica.find(id)).parked?.ready === true);
      await replica.confirm(id);
      await replica.reaches(id, 'succeeded');
      expect(one.count).toBe(1);
    });

    it('parks a run that is locked there at the last moment, between check and effect', async () => {
      const gate = createGate();
      const one = counting(() => gate.promise);
      const source = sharing();
      await start({ one }, [source]);
      const id = await replica.request({ steps: [effect('one')] });
      await replica.begins(id);
      // While the facts are read everything is open still.
      source.meanwhile = async () => {
        source.meanwhile = async () => {};
        await lockSharer();
      };
      gate.open();
      const run = await replica.reaches(id, 'waiting');
      expect(run.parked?.message).toBe(MESSAGE);
      expect(one.count).toBe(0);
      expect(run.steps[0]).toMatchObject({
        status: 'pending',
        effectStarted: false,
      });
    });

    it('lets a run in another environment go on', async () => {
      const one = counting();
      await start({ one }, [sharing()]);
      await lockSharer();
      const id = await replica.request({
        environment: 'development',
        steps: [effect('one')],
      });
      await replica.reaches(id, 'succeeded');
      expect(one.count).toBe(1);
    });

    it('lets the holder of the lock go on', async () => {
      const one = counting();
      await start({ one }, [sharing()]);
      await lockSharer();
      const id = await replica.request(
        { steps: [effect('one')] },
        { requestedBy: OMAR },
      );
      await replica.reaches(id, 'succeeded');
      expect(one.count).toBe(1);
    });
  });

  it('lets the holder of the lock go on', async () => {
    const one = counting();
    await start({ one });
    await lock();
    const id = await replica.request(
      { steps: [effect('one')] },
      { requestedBy: OMAR },
    );
    await replica.reaches(id, 'succeeded');
    expect(one.count).toBe(1);
  });

  it('is bound by no lock that has expired, whether or not anything has cleaned up', async () => {
    const one = counting();
    await start({ one });
    await replica.locks.create(
      newLock({
        entityRef: ENTITY_REF,
        reason: 'Short',
        createdBy: OMAR,
        expiresAt: new Date(Date.now() + 300),
      }),
    );
    expect(await replica.locks.list([ENTITY_REF])).toHaveLength(1);
    await until(
      async () => (await replica.locks.list([ENTITY_REF])).length === 0,
      2_000,
    );
    const run = await replica.reaches(
      await replica.request({ steps: [effect('one')] }),
      'succeeded',
    );
    expect(run.parked).toBeUndefined();
  });

  it('parks when the requester has left the group that owns the component, and goes on under who confirms', async () => {
    const gate = createGate();
    const one = counting(() => gate.promise);
    await start({ one });
    const id = await replica.request({ steps: [effect('one')] });
    await replica.begins(id);
    catalog.set('user:default/dana', []);
    gate.open();
    const run = await replica.reaches(id, 'waiting');
    expect(run.parked?.blockers).toMatchObject([
      { type: 'requester', ref: 'group:default/storefront' },
    ]);
    await replica.confirm(id, OMAR);
    expect((await replica.reaches(id, 'succeeded')).actor).toBe(OMAR);
  });

  it('parks when the requester is gone', async () => {
    await start({ one: counting() });
    catalog.entities.delete('user:default/dana');
    const id = await replica.request({ steps: [effect('one')] });
    expect(
      (await replica.reaches(id, 'waiting')).parked?.blockers,
    ).toMatchObject([{ type: 'requester' }]);
  });

  it('counts groups that the requester is in by way of others', async () => {
    await start({ one: counting() });
    catalog.set('user:default/dana', [
      { type: 'memberOf', targetRef: 'group:default/checkout' },
    ]);
    catalog.set('group:default/checkout', [
      { type: 'childOf', targetRef: 'group:default/storefront' },
    ]);
    const run = await replica.reaches(
      await replica.request({ steps: [effect('one')] }),
      'succeeded',
    );
    expect(run.parked).toBeUndefined();
  });

  it('parks when the component is gone', async () => {
    await start({ one: counting() });
    catalog.entities.delete(ENTITY_REF);
    const id = await replica.request({ steps: [effect('one')] });
    expect(
      (await replica.reaches(id, 'waiting')).parked?.blockers,
    ).toMatchObject([{ type: 'plan-problem' }]);
  });

  it('waits a moment for a source that cannot be read, and then says no', async () => {
    const one = counting();
    let reads = 0;
    let answer: FactReading = {
      state: 'not-readable',
      why: 'Argo CD does not answer.',
    };
    const source: FactSource = {
      id: 'windows',
      actions: ['test'],
      read: async () => {
        reads += 1;
        if (reads === 2) throw new Error('secret-host.internal refused');
        return answer;
      },
    };
    await start({ one }, [source]);
    const id = await replica.request({ steps: [effect('one')] });
    const run = await replica.reaches(id, 'waiting', 15_000);
    expect(reads).toBeGreaterThanOrEqual(4);
    expect(run.parked?.blockers).toMatchObject([
      { type: 'source-not-readable', why: 'Argo CD does not answer.' },
    ]);
    expect(one.count).toBe(0);

    const facts: Fact[] = [
      { type: 'sync-window', ref: 'a', open: true, why: '' },
    ];
    answer = { state: 'read', asOf: '', facts };
    await replica.confirm(id);
    await replica.reaches(id, 'succeeded');
  });

  it('counts a source that hangs as not readable, without holding up the others', async () => {
    const source: FactSource = {
      id: 'slow',
      actions: ['test'],
      read: () => new Promise(() => {}),
    };
    await start({ one: counting() }, [source]);
    const [reading] = await replica.reader.readFacts({
      entity: catalog.entities.get(ENTITY_REF)!,
      environment: 'production',
      action: 'test',
    });
    expect(reading).toEqual({
      sourceId: 'slow',
      reading: { state: 'not-readable', why: 'No answer within 2 s.' },
    });
    expect(
      await replica.reader.readFacts({
        ...{ entity: catalog.entities.get(ENTITY_REF)! },
        environment: 'x',
        action: 'other',
      }),
    ).toEqual([]);
  });

  it('parks when the catalog cannot be asked, and takes no silence for a yes afterwards', async () => {
    const one = counting();
    await start({ one });
    catalog.fault = 'down';
    const id = await replica.request({ steps: [effect('one')] });
    const run = await replica.reaches(id, 'waiting', 15_000);
    expect(run.parked).toMatchObject({
      ready: false,
      blockers: [
        {
          type: 'source-not-readable',
          what: 'Catalog cannot be read',
          why: 'The catalog cannot be reached.',
        },
      ],
    });
    // A lock rings, and parked runs are looked at; the second look begins when the first has written what it found.
    const before = catalog.asked;
    await until(async () => {
      await replica.locks.release((await lock()).id, OMAR);
      return catalog.asked >= before + 2;
    });
    expect((await replica.find(id)).parked?.ready).toBe(false);
    expect(one.count).toBe(0);

    catalog.fault = undefined;
    await until(async () => (await replica.find(id)).parked?.ready === true);
  });

  it('counts a catalog that hangs as not readable', async () => {
    await start({});
    catalog.fault = 'silent';
    await expect(
      replica.reader.readBackground({
        entityRef: ENTITY_REF,
        actor: OMAR,
        actorGroups: [],
      }),
    ).resolves.toEqual({
      state: 'not-readable',
      why: 'The catalog cannot be reached.',
    });
  });

  it('cannot be asked for an attempt that has ended', async () => {
    let late: (() => Promise<void>) | undefined;
    await start({
      one: doing(context => {
        late = () => context.beforeEffect();
      }),
    });
    await replica.reaches(
      await replica.request({ steps: [step('one')] }),
      'succeeded',
    );
    await expect(late!()).rejects.toThrow('The attempt has ended');
  });
});
