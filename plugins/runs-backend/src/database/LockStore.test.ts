import { newLock } from '../tests/newLock';
import { TestDatabase } from '../tests/TestDatabase';
import { openDatabase, RunsDatabase } from './openDatabase';
import { silentLogger, testConfig } from '../tests/TestDatabase';
import { DatabaseLockStore } from './LockStore';
import { DatabaseOutboxStore } from './OutboxStore';

const ORDERS = 'component:default/orders';
const ALL = 10_000;

describe('DatabaseLockStore', () => {
  let test: TestDatabase;
  let database: RunsDatabase;
  let store: DatabaseLockStore;

  beforeAll(async () => {
    test = await TestDatabase.create();
    database = await openDatabase({
      database: test.createService(test.createKnex()),
      config: testConfig,
      logger: silentLogger,
    });
    store = DatabaseLockStore.create(database);
  });
  afterAll(async () => {
    await database?.close();
    await test?.drop();
  });

  const drain = async () => {
    const told: unknown[] = [];
    await DatabaseOutboxStore.create(database).drain(ALL, async record => {
      told.push(record);
    });
    return told;
  };
  const expire = (id: string, seconds: number) =>
    database.pool.query(
      `UPDATE "${database.schema}"."lock" SET expires_at = clock_timestamp() - $2 * interval '1 second' WHERE id = $1`,
      [id, seconds],
    );

  it('puts away what has expired, once, and leaves word for the auditor', async () => {
    const lasting = await store.create(newLock({ entityRef: ORDERS }));
    const gone = await store.create(
      newLock({
        scope: 'cluster',
        cluster: 'blue',
        expiresAt: new Date(Date.now() + 60_000),
      }),
    );
    expect(await store.reap(ALL)).toBe(0);
    await expire(gone.id, 1);
    const reaped = await Promise.all([store.reap(ALL), store.reap(ALL)]);
    expect(reaped.reduce((a, b) => a + b)).toBe(1);
    expect(await drain()).toMatchObject([
      {
        topic: 'audit-lock',
        payload: {
          lock: gone.id,
          scope: 'cluster',
          cluster: 'blue',
          environment: '*',
          holder: 'user:default/omar',
        },
      },
    ]);
    expect(await store.find(lasting.id)).toMatchObject({ key: ORDERS });
    await store.release(lasting.id, 'user:default/omar');
  });

  it('does not bind from its end on, and is shown as overdue when nothing puts it away', async () => {
    const lock = await store.create(newLock({ entityRef: ORDERS }));
    const seen = async () => [
      (await store.list([ORDERS])).length,
      (await store.search({})).length,
    ];
    expect(await seen()).toEqual([1, 1]);
    await expire(lock.id, 10);
    expect(await seen()).toEqual([0, 0]);
    await expire(lock.id, 120);
    expect(await seen()).toEqual([0, 1]);
    await store.reap(ALL);
    expect(await seen()).toEqual([0, 0]);
  });

  it('finds by an index the few that bind among ten thousand', async () => {
    await database.pool.query(
      `INSERT INTO "${database.schema}"."lock" (id, entity_ref, reason, created_by)
       SELECT gen_random_uuid(), 'component:default/c' || n, 'r', 'user:default/omar' FROM generate_series(1, 10000) AS n`,
    );
    await database.pool.query(`ANALYZE "${database.schema}"."lock"`);
    const { rows } = await database.pool.query(
      `EXPLAIN SELECT * FROM "${database.schema}"."lock" WHERE entity_ref = ANY ($1::text[]) AND released_at IS NULL`,
      [['platform', 'system:default/shop', 'component:default/c77']],
    );
    const plan = rows.map(row => row['QUERY PLAN']).join(' ');
    expect(plan).toContain('lock_of_entity');
    expect(plan).not.toContain('Seq Scan');
    expect(
      await store.list(['platform', 'component:default/c77']),
    ).toHaveLength(1);
    expect(await store.search({})).toHaveLength(1_000);
  });
});
