import {
  ApprovalRule,
  PlannedGate,
} from '@switchyard/backstage-plugin-runs-common';
import { ApprovalPolicy } from '../approvals/ApprovalPolicies';
import { GateWord } from '../database/GateStore';
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

const PLATFORM = 'group:default/platform';
const policy = (more: Partial<ApprovalPolicy> = {}): ApprovalPolicy => ({
  name: 'production',
  match: { environments: ['production'] },
  needed: 1,
  from: { refs: [PLATFORM], owners: false },
  required: [],
  selfApproval: false,
  delegation: true,
  expiresMs: 3_600_000,
  ...more,
});

/** A catalog in which people are of the platform team. */
function createCatalog(): TestCatalog {
  const catalog = new TestCatalog();
  const crowd = Array.from({ length: 8 }, (_, index) => `p${index}`);
  for (const name of ['inge', 'ivo', 'eve', ...crowd])
    catalog.set(`user:default/${name}`, [
      { type: 'memberOf', targetRef: PLATFORM },
    ]);
  return catalog;
}

describe('gates', () => {
  let database: TestDatabase;
  const replicas: TestReplica[] = [];

  beforeEach(async () => {
    database = await TestDatabase.create();
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(replica => replica.stop()));
    await database.drop();
  });

  const start = async (
    options: Partial<Parameters<typeof TestReplica.start>[0]> = {},
    approvals: ApprovalPolicy[] = [policy()],
  ) => {
    const replica = await TestReplica.start({
      database,
      kinds: [createKind({})],
      catalog: createCatalog(),
      config: { approvals, leaseMs: 1_500, sweepIntervalMs: 100 },
      ...options,
    });
    replicas.push(replica);
    return replica;
  };

  const word = (
    run: FullRun,
    person: string,
    more: Partial<GateWord> = {},
  ): GateWord => ({
    gateId: run.gates![0].id,
    runId: run.id,
    keys: run.plan.keys,
    person: `user:default/${person}`,
    decision: 'approve',
    groups: [PLATFORM],
    planHash: run.planHash,
    ...more,
  });
  const keysOf = (id: string) =>
    database.query('SELECT key, active FROM run_key WHERE run_id = $1', [id]);

  it('before the first effect hold no key and no place; whoever comes later goes ahead', async () => {
    const replica = await start();
    const gated = await replica.request();
    expect(await replica.find(gated)).toMatchObject({
      status: 'waiting',
      parked: undefined,
      gates: [{ name: 'production', status: 'closed' }],
    });
    expect(await keysOf(gated)).toEqual([]);

    const other = await replica.request({ environment: 'development' });
    await replica.reaches(other, 'succeeded');
    expect((await replica.find(gated)).status).toBe('waiting');

    const run = await replica.find(gated);
    expect(await replica.gates.decide(word(run, 'inge'))).toBe('open');
    expect(
      (await replica.reaches(gated, 'succeeded')).gates![0].decisions,
    ).toEqual([expect.objectContaining({ person: 'user:default/inge' })]);
  });

  it('all have to open, each once, and count a person once', async () => {
    const replica = await start({}, [
      policy({ needed: 2 }),
      policy({ name: 'security' }),
    ]);
    const run = await replica.find(await replica.request());
    const [first, second] = run.gates!;
    const at = (gateId: string) => ({ gateId });
    expect(await replica.gates.decide(word(run, 'inge', at(first.id)))).toBe(
      'noted',
    );
    expect(await replica.gates.decide(word(run, 'inge', at(first.id)))).toBe(
      'said',
    );
    // Who asked does not count, whatever group that is.
    expect(await replica.gates.decide(word(run, 'dana', at(first.id)))).toBe(
      'noted',
    );
    expect(await replica.gates.decide(word(run, 'ivo', at(first.id)))).toBe(
      'open',
    );
    expect(await replica.find(run.id)).toMatchObject({ status: 'waiting' });
    expect(await keysOf(run.id)).toEqual([]);
    expect(await replica.gates.decide(word(run, 'ivo', at(second.id)))).toBe(
      'open',
    );
    await replica.reaches(run.id, 'succeeded');
    expect(await replica.gates.decide(word(run, 'eve', at(second.id)))).toBe(
      'decided',
    );
  });

  it('that are rejected end the run, with the comment, for good', async () => {
    const replica = await start();
    const run = await replica.find(await replica.request());
    const rejection = {
      decision: 'reject',
      comment: 'Not on a Friday',
    } as const;
    expect(await replica.gates.decide(word(run, 'inge', rejection))).toBe(
      'rejected',
    );
    expect(await replica.find(run.id)).toMatchObject({
      status: 'cancelled',
      cause: 'Rejected by inge: Not on a Friday',
      gates: [{ status: 'rejected' }],
    });
    expect(await replica.gates.decide(word(run, 'ivo'))).toBe('decided');
    await expect(
      database.query(`UPDATE gate SET status = 'open'`),
    ).rejects.toThrow('it has been decided');
  });

  it('let one of an approval and a rejection win that come at the same time', async () => {
    const replica = await start({ working: false });
    const other = await start({ working: false });
    for (let round = 0; round < 25; round++) {
      const id = await replica.request({ keys: [`target:${round}`] });
      const run = await replica.find(id);
      const approve = () => replica.gates.decide(word(run, 'inge'));
      const reject = () =>
        other.gates.decide(
          word(run, 'ivo', { decision: 'reject', comment: 'No' }),
        );
      // Whoever begins has the better chance; each does in turn.
      const outcomes = await Promise.all(
        round % 2 === 0
          ? [approve(), reject()]
          : [reject(), approve()].reverse(),
      );
      const { status, gates } = await replica.find(id);
      const [gate] = gates!;
      expect(outcomes.filter(each => each === 'decided')).toHaveLength(1);
      expect([status, gate.status, (await keysOf(id)).length]).toEqual(
        outcomes[0] === 'open'
          ? ['queued', 'open', 1]
          : ['cancelled', 'rejected', 0],
      );
      expect(gate.decisions).toHaveLength(1);
    }
  });

  it('let exactly one word open, of many at the same time, and the run is carried out once', async () => {
    const begun: string[] = [];
    const handlers = { work: doing(context => begun.push(context.step.id)) };
    const kinds = [createKind({ handlers })];
    const a = await start({ kinds });
    const b = await start({ kinds });
    const run = await a.find(await a.request());
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        [a, b][index % 2].gates.decide(word(run, `p${index}`)),
      ),
    );
    expect(outcomes.filter(each => each === 'open')).toHaveLength(1);
    await a.reaches(run.id, 'succeeded');
    expect(begun).toEqual(['one', 'two']);
  });

  it('open and give a place in line in one transaction: a crash in between leaves neither', async () => {
    const replica = await start({ working: false });
    const run = await replica.find(await replica.request());
    // The connection dies after the gate was opened, and before the place in line was taken.
    await database.query(`
      CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`);
    await database.query(
      `CREATE TRIGGER die BEFORE INSERT ON run_key FOR EACH ROW EXECUTE FUNCTION die()`,
    );
    await expect(replica.gates.decide(word(run, 'inge'))).rejects.toThrow();
    await database.query(`DROP TRIGGER die ON run_key`);
    expect(await replica.find(run.id)).toMatchObject({
      status: 'waiting',
      gates: [{ status: 'closed', decisions: [] }],
    });
    expect(await replica.gates.decide(word(run, 'inge'))).toBe('open');
    // Whoever comes up later finds it, whether or not anybody heard the ring.
    await database.query('DELETE FROM graphile_worker._private_jobs');
    const late = await start();
    await late.reaches(run.id, 'succeeded');
  });

  it('that were opened by the approval of another plan do not let the run begin', async () => {
    const replica = await start({ working: false });
    const run = await replica.find(await replica.request());
    expect(await replica.gates.decide(word(run, 'inge'))).toBe('open');
    // No statement of ours can do this; somebody with the rights of an administrator can.
    await database.query(`ALTER TABLE run DISABLE TRIGGER USER`);
    await database.query(
      `UPDATE run SET plan = jsonb_set(plan::jsonb, '{intent,version}', '"v9"')::json`,
    );
    await database.query(`ALTER TABLE run ENABLE TRIGGER USER`);
    const begun: string[] = [];
    const handlers = { work: doing(context => begun.push(context.step.id)) };
    const worker = await start({ kinds: [createKind({ handlers })] });
    expect(await worker.reaches(run.id, 'waiting')).toMatchObject({
      parked: {
        blockers: [
          {
            type: 'approval',
            what: 'Approval is void',
            why: expect.stringContaining('inge'),
          },
        ],
      },
    });
    expect(begun).toEqual([]);
    // A person's word does not help.
    await worker.confirm(run.id);
    await worker.reaches(run.id, 'waiting');
    expect(begun).toEqual([]);
  });

  it.each([
    [
      'left the catalog',
      {},
      (catalog: TestCatalog) => catalog.entities.delete('user:default/inge'),
    ],
    [
      'left the group',
      {},
      (catalog: TestCatalog) => catalog.set('user:default/inge'),
    ],
    [
      'left the group, and somebody else had acted for the person',
      { person: 'user:default/ivo', onBehalfOf: 'user:default/inge' },
      (catalog: TestCatalog) => catalog.set('user:default/inge'),
    ],
  ])(
    'that were opened by who has %s since do not let the run begin',
    async (_, more, leave) => {
      const front = await start({ working: false });
      const run = await front.find(await front.request());
      expect(await front.gates.decide(word(run, 'inge', more))).toBe('open');
      const catalog = createCatalog();
      leave(catalog);
      const begun: string[] = [];
      const handlers = { work: doing(context => begun.push(context.step.id)) };
      const kinds = [createKind({ handlers })];
      const worker = await start({ catalog, kinds });
      const stopped = await worker.reaches(run.id, 'waiting');
      expect(stopped.parked?.blockers).toMatchObject([
        {
          type: 'approval',
          what: 'Approval has lapsed',
          why: expect.stringContaining('inge'),
        },
      ]);
      expect(begun).toEqual([]);
      // Back again, the word is what it was.
      catalog.set('user:default/inge', [
        { type: 'memberOf', targetRef: PLATFORM },
      ]);
      await worker.confirm(run.id);
      await worker.reaches(run.id, 'succeeded');
    },
  );

  it('refuse the word on a plan that was not the run’s', async () => {
    const replica = await start({ working: false });
    const run = await replica.find(await replica.request());
    expect(
      await replica.gates.decide(
        word(run, 'inge', { planHash: 'f'.repeat(64) }),
      ),
    ).toBe('other-plan');
    expect((await replica.find(run.id)).gates![0].decisions).toEqual([]);
  });

  it('cannot be gone around: no statement puts a run in line behind a closed one', async () => {
    const replica = await start();
    const run = await replica.find(await replica.request());
    expect(await replica.confirm(run.id)).toBe(false);
    await expect(
      database.query(`UPDATE run SET status = 'queued'`),
    ).rejects.toThrow('a gate before its first effect is not open');
    // A run that came without the gate that its target needs is stopped at the claim.
    const bare = await replica.request({}, { gates: [] });
    expect(await replica.reaches(bare, 'waiting')).toMatchObject({
      parked: { blockers: [{ what: 'Approval was not asked for' }] },
    });
  });

  it('end the run when nobody opens them in time, by the clock of the database', async () => {
    const replica = await start({}, [policy({ expiresMs: 1 })]);
    const id = await replica.request();
    await until(
      async () => (await replica.find(id)).gates![0].expiresAt! < new Date(),
    );
    const run = await replica.find(id);
    // Whether or not the run has ended by now.
    expect(await replica.gates.decide(word(run, 'inge'))).toBe('decided');
    expect(await replica.reaches(id, 'cancelled')).toMatchObject({
      cause: 'Nobody has opened the gate in time: Needs 1 approval of platform',
      gates: [{ status: 'expired' }],
    });
    await until(() =>
      replica.audited.some(
        meta => meta.actionType === 'expire' && meta.run === id,
      ),
    );
  });

  it('take an approval of the same plan again, where the policy says so, and of no other', async () => {
    const replica = await start({}, [policy({ reuseMs: 3_600_000 })]);
    const first = await replica.find(await replica.request());
    await replica.gates.decide(word(first, 'inge'));
    await replica.reaches(first.id, 'succeeded');

    const again = await replica.reaches(await replica.request(), 'succeeded');
    expect(again.gates![0].decisions).toEqual([
      expect.objectContaining({
        person: 'user:default/inge',
        reusedFrom: first.number,
      }),
    ]);
    const others = [
      await replica.request({ intent: { version: 'v2' } }),
      await replica.request({}, { requestedBy: 'user:default/inge' }),
    ];
    for (const id of others)
      expect((await replica.find(id)).status).toBe('waiting');
  });

  describe('between steps', () => {
    const rule: ApprovalRule = {
      needed: 1,
      from: [PLATFORM],
      required: [],
      selfApproval: false,
      delegation: true,
    };
    const planned = (more: Partial<PlannedGate> = {}): PlannedGate => ({
      name: 'canary',
      kind: 'approval',
      title: 'The canary looks good',
      before: 'two',
      rule,
      ...more,
    });
    const effect = {
      effect: 'idempotent' as const,
      run: async (context: any) => {
        await context.beforeEffect();
        return { output: {} };
      },
    };
    const withEffects = createPlan().steps.map(step => ({
      ...step,
      effect: 'idempotent' as const,
    }));

    it('hold the keys, no worker, and go on after a restart', async () => {
      const kinds = [createKind({ handlers: { work: effect } })];
      const first = await start({ kinds }, []);
      const id = await first.request({
        steps: withEffects,
        gates: [planned()],
      });
      const run = await first.reaches(id, 'waiting');
      expect(run).toMatchObject({
        parked: undefined,
        steps: [{ status: 'succeeded' }, { status: 'pending' }],
      });
      await until(() => first.activeRuns === 0);
      expect(await keysOf(id)).toEqual([
        { key: run.plan.keys[0], active: true },
      ]);
      const behind = await first.request();
      await first.stop();

      const second = await start({ kinds }, []);
      expect(await second.gates.decide(word(run, 'inge'))).toBe('open');
      await second.reaches(id, 'succeeded');
      await second.reaches(behind, 'succeeded');
      expect(await keysOf(id)).toEqual([]);
    });

    it('give the keys back when they are rejected', async () => {
      const kinds = [createKind({ handlers: { work: effect } })];
      const replica = await start({ kinds }, []);
      const id = await replica.request({
        steps: withEffects,
        gates: [planned()],
      });
      const run = await replica.reaches(id, 'waiting');
      const behind = await replica.request({ steps: withEffects });
      await replica.gates.decide(
        word(run, 'inge', { decision: 'reject', comment: 'Errors' }),
      );
      expect(await replica.reaches(id, 'cancelled')).toMatchObject({
        steps: [{ status: 'succeeded' }, { status: 'cancelled' }],
      });
      await replica.reaches(behind, 'succeeded');
    });

    it('of a pause open by one word; what does not need the step goes on beside it', async () => {
      const beside = createGate();
      const kinds = [
        createKind({ handlers: { beside: doing(() => beside.promise) } }),
      ];
      const replica = await start({ kinds }, []);
      const { steps } = createPlan();
      const id = await replica.request({
        steps: [...steps, { ...steps[0], id: 'three', handler: 'beside' }],
        gates: [planned({ kind: 'pause', rule: undefined })],
      });
      await until(
        async () =>
          (await replica.find(id)).steps[2].status === 'running' &&
          (await replica.find(id)).steps[0].status === 'succeeded',
      );
      const early = await replica.find(id);
      // It has not come to the gate yet.
      expect(
        await replica.gates.decide(word(early, 'inge', { decision: 'open' })),
      ).toBe('decided');
      beside.open();
      const run = await replica.reaches(id, 'waiting');
      expect(run.steps[2].status).toBe('succeeded');
      expect(
        await replica.gates.decide(
          word(run, 'inge', { decision: 'open', groups: [] }),
        ),
      ).toBe('open');
      await replica.reaches(id, 'succeeded');
    });
  });
});
