import {
  PlannedChild,
  RunPlan,
} from '@switchyard/backstage-plugin-runs-common';
import {
  childRunsStep,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { ApprovalPolicy } from '../approvals/ApprovalPolicies';
import { gatherGates } from '../children/inheritApprovals';
import { hashPlan } from '../kinds/planHash';
import { FullRun } from '../database/types';
import { TestDatabase } from '../tests/TestDatabase';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  until,
} from '../tests/testKind';
import { TestCatalog, TestReplica } from '../tests/TestReplica';

jest.setTimeout(60_000);

const NAMES = ['orders', 'search', 'payments'];
const refOf = (name: string) => `component:default/${name}`;
const SYSTEM = 'system:default/storefront';

const childOf = (name: string): PlannedChild => ({
  id: name,
  input: { version: 'v2' },
  plan: createPlan({
    kind: 'child',
    entityRef: refOf(name),
    title: `Ship ${name}`,
    intent: { name, version: 'v2' },
    keys: [`target:${name}`],
    steps: [{ ...createPlan().steps[0], id: 'ship' }],
  }),
});

/** Orders and search first, payments after them. */
const parentPlan = (more: Partial<RunPlan> = {}): Partial<RunPlan> => {
  const [step] = createPlan().steps;
  const wave = (id: string, children: string[], needs: string[]) => ({
    ...step,
    id,
    handler: 'wave',
    needs,
    input: { children },
  });
  return {
    kind: 'parent',
    entityRef: SYSTEM,
    title: 'Release v2',
    keys: [],
    children: NAMES.map(childOf),
    steps: [
      wave('wave.1', ['orders', 'search'], []),
      wave('wave.2', ['payments'], ['wave.1']),
    ],
    ...more,
  };
};

describe('runs that a run asks for', () => {
  let database: TestDatabase;
  const replicas: TestReplica[] = [];
  /** What each child does when it is carried out. */
  let ship: Map<string, () => Promise<void> | void>;
  let shipped: string[];

  beforeEach(async () => {
    database = await TestDatabase.create();
    ship = new Map();
    shipped = [];
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(replica => replica.stop()));
    await database.drop();
  });

  const start = async (
    options: Partial<Parameters<typeof TestReplica.start>[0]> = {},
  ) => {
    const catalog = new TestCatalog();
    catalog.set(SYSTEM);
    for (const name of NAMES)
      catalog.set(refOf(name), [
        { type: 'ownedBy', targetRef: 'group:default/storefront' },
      ]);
    const replica = await TestReplica.start({
      database,
      catalog,
      kinds: [
        createKind({ kind: 'parent', handlers: { wave: childRunsStep } }),
        createKind({
          kind: 'child',
          handlers: {
            work: doing(async ({ run }) => {
              const name = run.entityRef.split('/')[1];
              await ship.get(name)?.();
              shipped.push(name);
            }),
          },
        }),
      ],
      ...options,
    });
    replicas.push(replica);
    return replica;
  };
  const childrenOf = async (replica: TestReplica, id: string) =>
    (await replica.runs.listChildren(id)).values();
  const child = async (
    replica: TestReplica,
    id: string,
    name: string,
  ): Promise<FullRun> => {
    let found: string | undefined;
    await until(async () => {
      found = (await replica.runs.listChildren(id)).get(name)?.id;
      return found !== undefined;
    });
    return replica.find(found!);
  };
  const countRuns = async () => {
    const [{ count }] = await database.query('SELECT count(*) FROM run');
    return Number(count);
  };

  it('are carried out in waves, for whoever asked for the first', async () => {
    const order: string[] = [];
    for (const name of NAMES) ship.set(name, () => void order.push(name));
    const replica = await start();
    const id = await replica.request(parentPlan());
    const run = await replica.reaches(id, 'succeeded');
    expect(order.slice(0, 2).sort()).toEqual(['orders', 'search']);
    expect(order.slice(2)).toEqual(['payments']);
    expect(run.steps.map(step => [step.status, step.attempt])).toEqual([
      ['succeeded', 1],
      ['succeeded', 1],
    ]);
    for (const each of await childrenOf(replica, id)) {
      const { plan, planHash, ...about } = await replica.find(each.id);
      expect(plan).toEqual(childOf(each.childId).plan);
      expect(planHash).toBe(hashPlan(plan));
      expect(about).toMatchObject({
        status: 'succeeded',
        requestedBy: 'user:default/dana',
        reason: 'To see it work',
        parent: { id, title: 'Release v2' },
      });
    }
  });

  it('are waited for without a worker', async () => {
    const gate = createGate();
    ship.set('orders', () => gate.promise);
    const replica = await start({ config: { maxActiveRuns: 1 } });
    const id = await replica.request(parentPlan());
    const waiting = await replica.reaches(id, 'waiting');
    expect(waiting).toMatchObject({
      waitsForChildren: true,
      currentStep: {
        id: 'wave.1',
        progress: expect.stringContaining('orders'),
      },
    });
    await until(
      async () => (await child(replica, id, 'orders')).status === 'running',
    );
    gate.open();
    await replica.reaches(id, 'succeeded');
  });

  it('that end in the moment in which they are waited for are not missed', async () => {
    // Two replicas, so that a child may end while its parent is being written.
    const replica = await start();
    await start();
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        replica.request(
          parentPlan({
            children: NAMES.map(childOf).map(each => ({
              ...each,
              plan: { ...each.plan, keys: [`target:${each.id}:${index}`] },
            })),
          }),
        ),
      ),
    );
    await Promise.all(ids.map(id => replica.reaches(id, 'succeeded', 30_000)));
    expect(await countRuns()).toBe(ids.length * (1 + NAMES.length));
  });

  it('stop the rest when one fails, and are taken up where they stopped', async () => {
    let isBroken = true;
    ship.set('search', () => {
      if (isBroken) throw new StepFailedError('No such image');
    });
    const replica = await start();
    const id = await replica.request(parentPlan());
    const failed = await replica.reaches(id, 'failed');
    expect(failed.cause).toMatch(
      /^Step one: 1 of 2 succeeded\. Run #\d+ of search failed: .*No such image/,
    );
    expect(shipped).toEqual(['orders']);
    const before = await child(replica, id, 'search');

    isBroken = false;
    expect(await replica.retry(id, 'wave.1')).toBe(true);
    await replica.reaches(id, 'succeeded');
    expect(shipped).toEqual(['orders', 'search', 'payments']);
    // The same run goes on: what it had done before is known there.
    expect((await child(replica, id, 'search')).id).toBe(before.id);
    expect(await countRuns()).toBe(1 + NAMES.length);
  });

  it('fail again when trying again does not help, once per wish', async () => {
    let attempts = 0;
    ship.set('search', () => {
      attempts += 1;
      throw new StepFailedError('No such image');
    });
    const replica = await start();
    const id = await replica.request(parentPlan());
    await replica.reaches(id, 'failed');
    await replica.retry(id, 'wave.1');
    await until(async () => attempts === 2);
    await replica.reaches(id, 'failed');
    expect(attempts).toBe(2);
  });

  it('that were cancelled are asked for anew when the step is tried again', async () => {
    const gate = createGate();
    ship.set('orders', () => gate.promise);
    const replica = await start();
    const blocker = await replica.request({
      kind: 'child',
      entityRef: refOf('orders'),
      keys: ['target:search'],
    });
    await replica.begins(blocker);
    const id = await replica.request(parentPlan());
    const search = await child(replica, id, 'search');
    await replica.runs.cancel(search.id, 'user:default/omar');
    gate.open();
    expect((await replica.reaches(id, 'failed')).cause).toContain(
      'of search was cancelled',
    );
    await replica.retry(id, 'wave.1');
    await replica.reaches(id, 'succeeded');
    expect((await child(replica, id, 'search')).id).not.toBe(search.id);
  });

  it('that have not begun are cancelled with their parent, those that have go on', async () => {
    const gate = createGate();
    ship.set('orders', () => gate.promise);
    const replica = await start();
    const id = await replica.request(
      parentPlan({
        children: NAMES.map(childOf).map(each => ({
          ...each,
          plan: { ...each.plan, keys: ['the one key'] },
        })),
      }),
    );
    await until(
      async () => (await child(replica, id, 'orders')).status === 'running',
    );
    await replica.reaches(id, 'waiting');
    expect(await replica.runs.cancel(id, 'user:default/omar')).toBe(
      'cancelled',
    );
    gate.open();
    const search = await child(replica, id, 'search');
    await replica.reaches(search.id, 'cancelled');
    expect((await replica.find(search.id)).cause).toContain('omar');
    const orders = await child(replica, id, 'orders');
    await replica.reaches(orders.id, 'succeeded');
    expect(shipped).toEqual(['orders']);
  });

  it('go on one after the other where their parent is to go on', async () => {
    ship.set('orders', () => {
      throw new StepFailedError('No such image');
    });
    const replica = await start();
    const { steps } = parentPlan();
    const id = await replica.request(
      parentPlan({
        steps: [
          ...steps!.map(step => ({
            ...step,
            input: { ...step.input, goOn: true },
          })),
          {
            ...steps![1],
            id: 'outcome',
            needs: ['wave.2'],
            input: { children: NAMES },
          },
        ],
      }),
    );
    const { cause } = await replica.reaches(id, 'failed');
    expect(cause).toContain('2 of 3 succeeded');
    expect(shipped.sort()).toEqual(['payments', 'search']);
    ship.delete('orders');
    await replica.retry(id, 'outcome');
    await replica.reaches(id, 'succeeded');
  });

  describe('and approvals', () => {
    const policy: ApprovalPolicy = {
      name: 'production',
      match: { environments: ['production'], actions: ['child'] },
      needed: 1,
      from: { refs: ['group:default/platform'], owners: false },
      required: [],
      selfApproval: false,
      delegation: true,
      expiresMs: 3_600_000,
      reuseMs: undefined,
    };
    const PLATFORM = [
      { type: 'memberOf', targetRef: 'group:default/platform' },
    ];

    it('are begun with what was agreed to for all of them', async () => {
      const replica = await start({ config: { approvals: [policy] } });
      replica.catalog.set('user:default/inge', PLATFORM);
      const plan = createPlan(parentPlan());
      const gates = gatherGates(
        [],
        await Promise.all(
          plan.children!.map(async each => ({
            childId: each.id,
            gates: await replica.approvals.toGates({
              entity: replica.catalog.entities.get(each.plan.entityRef)!,
              environment: 'production',
              action: 'child',
              requestedBy: 'user:default/dana',
              plan: each.plan,
            }),
          })),
        ),
      );
      expect(gates.map(({ name, isOpen }) => [name, isOpen])).toEqual([
        ['production', false],
      ]);
      const id = await replica.request(parentPlan(), { gates });
      const parent = await replica.reaches(id, 'waiting');
      const outcome = await replica.gates.decide({
        gateId: parent.gates![0].id,
        runId: id,
        keys: [],
        person: 'user:default/inge',
        decision: 'approve',
        groups: ['group:default/platform'],
        planHash: parent.planHash,
      });
      expect(outcome).toBe('open');
      await replica.reaches(id, 'succeeded');
      const orders = await child(replica, id, 'orders');
      expect(orders.gates).toMatchObject([
        {
          name: 'production',
          status: 'open',
          planHash: orders.planHash,
          decisions: [
            { person: 'user:default/inge', reusedFrom: parent.number },
          ],
        },
      ]);
    });

    it('wait by themselves for what their parent was not asked for', async () => {
      const replica = await start({ config: { approvals: [policy] } });
      const id = await replica.request(parentPlan(), { gates: [] });
      await replica.reaches(id, 'waiting');
      const orders = await child(replica, id, 'orders');
      expect(orders).toMatchObject({
        status: 'waiting',
        gates: [{ status: 'closed' }],
      });
      expect(shipped).toEqual([]);
    });
  });
});
