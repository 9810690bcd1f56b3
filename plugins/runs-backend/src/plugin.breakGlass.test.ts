import { createBackendModule } from '@backstage/backend-plugin-api';
import { Permission } from '@backstage/plugin-permission-common';
import { breakGlassPermission } from '@switchyard/backstage-plugin-runs-common';
import { runsFactsExtensionPoint } from '@switchyard/backstage-plugin-runs-node';
import { randomUUID } from 'node:crypto';
import {
  ALLOW,
  anEntity,
  DENY,
  TestRunsBackend,
} from './tests/startRunsBackend';
import {
  createGate,
  createKind,
  createPlan,
  ENTITY_REF,
  until,
} from './tests/testKind';

jest.setTimeout(60_000);

const HOLDERS = ['dana', 'omar', 'inge'];
const FREEZE = {
  scope: 'environment',
  environment: 'production',
  kind: 'freeze',
  reason: 'Black Friday',
};
const WISH = { reason: 'Totals are wrong, money is lost' };

const SEARCH = 'component:default/search';
/** Deploys the same as orders. */
let sharer: string | undefined;
const sharing = createBackendModule({
  pluginId: 'runs',
  moduleId: 'sharing',
  register(env) {
    env.registerInit({
      deps: { facts: runsFactsExtensionPoint },
      async init({ facts }) {
        facts.addSource({
          id: 'sharing',
          actions: ['test', 'approved'],
          read: async () => ({
            state: 'read',
            asOf: new Date().toISOString(),
            facts: sharer
              ? [
                  {
                    type: 'shared-target',
                    ref: 'Application argocd/shop',
                    entityRef: sharer,
                  },
                ]
              : [],
          }),
        });
      },
    });
  },
});

/** What a step waits for before its effect, by version. */
const held = new Map<string, ReturnType<typeof createGate>>();
/** Versions whose step has come to its effect. */
const effects: string[] = [];

const kindOf = (name: string) =>
  createKind({
    kind: name,
    plan: version => {
      const plan = createPlan({
        kind: name,
        intent: { version },
        keys: [`target:${version}`],
      });
      const steps = plan.steps.map(step => ({
        ...step,
        effect: 'idempotent' as const,
        input: { version },
      }));
      return { ...plan, steps };
    },
    handlers: {
      work: {
        effect: 'idempotent',
        run: async ({ step, beforeEffect }) => {
          const version = String(step.input.version);
          if (step.id === 'two') await held.get(version)?.promise;
          await beforeEffect();
          effects.push(`${version} ${step.id}`);
          return { output: {} };
        },
      },
    },
  });

describe('break-glass', () => {
  let world: TestRunsBackend;
  let locks: string[] = [];

  const release = async (id: string) => {
    await world.as('inge').post(`/v1/locks/${id}/release`).expect(200);
  };

  beforeAll(async () => {
    world = await TestRunsBackend.start({
      kinds: [kindOf('test'), kindOf('approved')],
      features: [sharing],
      config: {
        runs: {
          approvals: [
            {
              name: 'two pairs of eyes',
              match: { actions: ['approved'] },
              from: { users: ['user:default/inge'] },
            },
          ],
        },
      },
      entities: [
        anEntity(ENTITY_REF),
        anEntity(SEARCH),
        ...[...HOLDERS, 'ravi'].map(name => anEntity(`user:default/${name}`)),
      ],
      decide: (name: string, permission: Permission) =>
        permission.name === breakGlassPermission.name && !HOLDERS.includes(name)
          ? DENY
          : ALLOW,
    });
  });
  afterAll(async () => world?.stop());
  afterEach(async () => {
    for (const id of locks) await release(id);
    locks = [];
    for (const gate of held.values()) gate.open();
    held.clear();
  });

  const lock = async (more: object = {}) => {
    const { body } = await world
      .as('inge')
      .post('/v1/locks', { ...FREEZE, ...more })
      .expect(201);
    locks.push(body.id);
    return body.id as string;
  };

  const choose = (environment = 'production') => ({
    action: 'test',
    entityRef: ENTITY_REF,
    environment,
    input: { version: randomUUID() },
  });
  const preview = async (name: string, choice: object) =>
    (await world.as(name).post('/v1/previews', choice).expect(200)).body;
  /** Asks for a run with a pass. */
  const ask = async (
    name: string,
    choice = choose(),
    wish: object | null = WISH,
  ) => {
    const { planHash } = await preview(name, choice);
    return world
      .as(name)
      .post('/v1/runs', {
        ...choice,
        reason: 'r',
        planHash,
        ...(wish && { breakGlass: wish }),
      })
      .set('Idempotency-Key', randomUUID());
  };
  const asked = async (name: string, choice = choose()) => {
    const answer = await ask(name, choice);
    expect(answer.status).toBe(201);
    await world.reaches(answer.body.id, 'waiting');
    return world.read(answer.body.id);
  };
  const say = (
    name: string,
    verb: 'confirm' | 'refuse',
    run: any,
    body: object = {},
  ) =>
    world.as(name).post(`/v1/break-glass/${run.passes[0].id}/${verb}`, {
      planHash: run.planHash,
      ...body,
    });
  const trail = async (run: any) => {
    const { body } = await world
      .as('dana')
      .get(`/v1/audit?run=${run.number}`)
      .expect(200);
    return body.items
      .filter(({ event }: any) => event.startsWith('break-glass'))
      .map(({ event, actor }: any) => `${event} ${actor.split('/')[1]}`)
      .reverse();
  };
  /** Writes the time of a pass into the past. */
  const age = async (run: any, column: 'confirm_until' | 'valid_until') => {
    const knex = world.database.createKnex();
    await knex.raw(
      `ALTER TABLE break_glass DISABLE TRIGGER break_glass_is_immutable`,
    );
    await knex.raw(
      `UPDATE break_glass SET ${column} = now() - interval '1 second' WHERE id = ?`,
      [run.passes[0].id],
    );
    await knex.raw(
      `ALTER TABLE break_glass ENABLE TRIGGER break_glass_is_immutable`,
    );
    await knex.destroy();
  };

  it('ships one run through a freeze once a second person has confirmed it, and no other', async () => {
    await lock();
    const offer = (await preview('dana', choose())).passOffer;
    expect(offer).toMatchObject({
      allowed: true,
      needsSecond: true,
      validForMs: 1_800_000,
      passes: [
        {
          type: 'freeze',
          why: 'Frozen by inge: Black Friday (all of production)',
        },
      ],
    });
    const run = await asked('dana');
    expect(run).toMatchObject({
      waiting: { reason: 'parked', blockers: [{ type: 'freeze' }] },
      breakGlass: { status: 'asked', used: false },
      passes: [{ status: 'asked', askedBy: 'user:default/dana', ...WISH }],
    });
    expect(run.passOffer).toBeUndefined();

    const { body: inbox } = await world.as('omar').get('/v1/gates').expect(200);
    expect(inbox.passes.forMe).toMatchObject([
      {
        run: { number: run.number },
        pass: {
          verbs: [
            { verb: 'confirm', allowed: true },
            { verb: 'refuse', allowed: true },
            { verb: 'withdraw', allowed: true },
          ],
        },
      },
    ]);
    const { body: own } = await world.as('dana').get('/v1/gates').expect(200);
    expect(own.passes).toMatchObject({ forMe: [], mine: [{}] });

    await say('omar', 'confirm', run, { comment: 'Saw it too' }).expect(200);
    const done = await world.reaches(run.id, 'succeeded');
    expect(done.passes).toMatchObject([
      {
        status: 'given',
        answer: { by: 'user:default/omar', comment: 'Saw it too' },
        usedAt: expect.any(String),
      },
    ]);
    expect(done.breakGlass).toEqual({ status: 'given', used: true });
    expect(await trail(run)).toEqual([
      'break-glass-ask dana',
      'break-glass-give omar',
      'break-glass-use dana',
    ]);

    const other = await ask('dana', choose(), null);
    expect(other.status).toBe(409);
    expect(other.body.error.blockers).toMatchObject([{ type: 'freeze' }]);
  });

  it('needs no second person where the config asks for none', async () => {
    await lock({ environment: 'development' });
    const answer = await ask('dana', choose('development'));
    expect(answer.status).toBe(201);
    const run = await world.reaches(answer.body.id, 'succeeded');
    expect(run.passes).toMatchObject([{ status: 'given', needsSecond: false }]);
  });

  it('never lets who asked for the pass or for the run be the second person, nor who may not break the glass', async () => {
    await lock();
    const run = await asked('dana');
    for (const [name, why] of [
      ['dana', /somebody else has to confirm/],
      ['ravi', /You may not break the glass/],
    ] as const) {
      const answer = await say(name, 'confirm', run);
      expect(answer.status).toBe(403);
      expect(answer.body.error.message).toMatch(why);
    }
    // A pass that omar asks for, for the run of dana: dana cannot confirm it either.
    await say('omar', 'refuse', run, { comment: 'Not yet' }).expect(200);
    await world
      .as('omar')
      .post(`/v1/runs/${run.id}/break-glass`, {
        ...WISH,
        planHash: run.planHash,
      })
      .expect(200);
    const again = await world.read(run.id);
    expect((await say('dana', 'confirm', again)).status).toBe(403);
    expect((await say('omar', 'confirm', again)).status).toBe(403);
    await say('inge', 'confirm', again).expect(200);
    await world.reaches(run.id, 'succeeded');
  });

  it('is for those only who may', async () => {
    await lock();
    const choice = choose();
    expect((await preview('ravi', choice)).passOffer).toBeUndefined();
    expect((await ask('ravi', choice)).status).toBe(403);
    const state = async (name: string) => {
      const { body } = await world
        .as(name)
        .get('/v1/entities/component/default/orders/state')
        .expect(200);
      return body.actions.find(
        (each: any) =>
          each.action === 'test' && each.environment === 'production',
      );
    };
    expect(await state('ravi')).toMatchObject({ allowed: false });
    expect((await state('ravi')).breakGlass).toBeUndefined();
    expect(await state('dana')).toMatchObject({
      allowed: false,
      breakGlass: true,
    });
  });

  it('is nothing where nothing is in the way', async () => {
    const answer = await ask('dana');
    expect(answer.status).toBe(409);
    expect(answer.body.error.message).toMatch(/nothing is in the way/);
  });

  it('is for the plan that was shown', async () => {
    await lock();
    const run = await asked('dana');
    const answer = await say('omar', 'confirm', {
      ...run,
      planHash: '0'.repeat(64),
    });
    expect(answer.status).toBe(409);
    expect(answer.body.error.message).toMatch(/another plan/);
  });

  it('leaves the run parked when it is refused, or when nobody confirms it in time', async () => {
    await lock();
    const run = await asked('dana');
    await say('omar', 'refuse', run, { comment: 'It can wait' }).expect(200);
    expect((await say('inge', 'confirm', run)).status).toBe(409);
    expect(await world.read(run.id)).toMatchObject({
      status: 'waiting',
      passes: [{ status: 'refused', answer: { comment: 'It can wait' } }],
      passOffer: { allowed: true },
    });
    // The offer is taken up, and its time goes by.
    await world
      .as('dana')
      .post(`/v1/runs/${run.id}/break-glass`, {
        ...WISH,
        planHash: run.planHash,
      })
      .expect(200);
    const again = await world.read(run.id);
    await age(again, 'confirm_until');
    expect((await say('omar', 'confirm', again)).status).toBe(409);
    const late = await world.read(run.id);
    expect(late.passes.map(({ status }: any) => status)).toEqual([
      'expired',
      'refused',
    ]);
    expect(late.passOffer).toBeDefined();
  });

  it('passes the locks that it names: one that is set later stops the run', async () => {
    await lock();
    const run = await asked('dana');
    const later = await lock({ kind: 'lock', reason: 'Database is restored' });
    await say('omar', 'confirm', run).expect(200);
    await until(
      async () =>
        (await world.read(run.id)).waiting?.blockers[0]?.type === 'lock',
    );
    const stopped = await world.read(run.id);
    expect(stopped.waiting.blockers).toMatchObject([
      { type: 'lock', ref: later },
    ]);
    expect(stopped.passes).toMatchObject([{ status: 'given' }]);
    expect(stopped.passes[0].usedAt).toBeUndefined();
    // What the pass names goes on being passed.
    await release(later);
    locks = locks.filter(id => id !== later);
    await world.as('dana').post(`/v1/runs/${run.id}/confirm`).expect(200);
    await world.reaches(run.id, 'succeeded');
  });

  it.each(['withdrawn', 'over'] as const)(
    'stops before the next effect when it is %s',
    async how => {
      await lock();
      const choice = choose();
      held.set(choice.input.version, createGate());
      const run = await asked('dana', choice);
      await say('omar', 'confirm', run).expect(200);
      await until(() => effects.includes(`${choice.input.version} one`));
      if (how === 'over') await age(run, 'valid_until');
      else
        await world
          .as('omar')
          .post(`/v1/break-glass/${run.passes[0].id}/withdraw`)
          .expect(200);
      held.get(choice.input.version)!.open();
      await until(async () => (await world.read(run.id)).status === 'waiting');
      expect(await world.read(run.id)).toMatchObject({
        stepsDone: 1,
        waiting: { reason: 'parked', blockers: [{ type: 'freeze' }] },
        passes: [{ status: how === 'over' ? 'expired' : 'withdrawn' }],
      });
      expect(effects).not.toContain(`${choice.input.version} two`);
    },
  );

  it('names no lock that the person may not see, and shows it to nobody else who may not', async () => {
    sharer = SEARCH;
    const { body } = await world
      .as('inge')
      .post('/v1/locks', { entityRef: SEARCH, reason: 'Secret project' })
      .expect(201);
    locks.push(body.id);
    world.hidden.set('omar', [SEARCH]);
    const unseen = await preview('omar', choose());
    expect(unseen.verdict.blockers).toMatchObject([{ type: 'lock' }]);
    expect(unseen.passOffer).toBeUndefined();
    const refused = await ask('omar');
    expect(refused.status).toBe(409);

    const run = await asked('dana');
    expect(run.passes[0].passes[0].why).toMatch(/Secret project/);
    const { body: shown } = await world
      .as('omar')
      .get(`/v1/runs/${run.id}`)
      .expect(200);
    expect(shown.passes[0].passes).toMatchObject([
      { type: 'lock', why: 'A lock elsewhere.' },
    ]);
    expect(JSON.stringify(shown.passes)).not.toMatch(/Secret project|search/);
    await say('omar', 'confirm', run).expect(200);
    await world.reaches(run.id, 'succeeded');
    world.hidden.clear();
    sharer = undefined;
  });

  it('leaves approvals to those who give them, unless the config says otherwise', async () => {
    await lock({ environment: 'development' });
    const choice = { ...choose('development'), action: 'approved' };
    const { passOffer } = await preview('dana', choice);
    expect(passOffer).toMatchObject({
      lifts: [],
      passes: [{ type: 'freeze' }],
    });
    const answer = await ask('dana', choice);
    expect(answer.body.waiting).toMatchObject({ reason: 'gate' });
    expect(await world.read(answer.body.id)).toMatchObject({
      gates: [{ status: 'closed' }],
      passes: [{ status: 'given' }],
    });
  });

  it.each([
    [{ reason: '' }, /reason/],
    [{ reason: 'r', incident: 'INC-42' }, /incident/],
  ])('refuses %j and says why', async (wish, message) => {
    await lock();
    const answer = await ask('dana', choose(), wish);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toMatch(message);
  });

  it('tells those who may confirm and the owners, whatever is quiet', async () => {
    await lock();
    const run = await asked('dana');
    const knex = world.database.createKnex();
    const told = async () =>
      (
        await knex('notice')
          .where({ run_id: run.id, event: 'break-glass' })
          .orderBy('seq')
          .select('payload')
      ).map(({ payload }) => payload.title);
    await until(async () => (await told()).length === 1);
    await say('omar', 'confirm', run).expect(200);
    await world.reaches(run.id, 'succeeded');
    await until(async () => (await told()).length === 3);
    expect(await told()).toEqual(
      ['asked for', 'given', 'used'].map(
        what =>
          `Break-glass ${what}: Try it of orders in production (#${run.number})`,
      ),
    );
    await knex.destroy();
  });
});

describe('break-glass that lifts approvals', () => {
  it('asks nobody for the approval, and says so', async () => {
    const world = await TestRunsBackend.start({
      kinds: [kindOf('test')],
      config: {
        runs: {
          breakGlass: { lifts: ['approvals'], secondPerson: [] },
          approvals: [
            {
              name: 'two pairs of eyes',
              from: { users: ['user:default/inge'] },
            },
          ],
        },
      },
      entities: [
        anEntity(ENTITY_REF),
        anEntity('user:default/dana'),
        anEntity('user:default/inge'),
      ],
    });
    const choice = {
      action: 'test',
      entityRef: ENTITY_REF,
      environment: 'production',
      input: { version: 'v1' },
    };
    const { body: preview } = await world
      .as('dana')
      .post('/v1/previews', choice)
      .expect(200);
    expect(preview.passOffer).toMatchObject({
      lifts: ['approvals'],
      needsSecond: false,
      passes: [{ type: 'approval', ref: 'two pairs of eyes' }],
    });
    const { body } = await world
      .as('dana')
      .post('/v1/runs', {
        ...choice,
        reason: 'r',
        planHash: preview.planHash,
        breakGlass: WISH,
      })
      .set('Idempotency-Key', 'k')
      .expect(201);
    const run = await world.reaches(body.id, 'succeeded');
    expect(run).toMatchObject({
      gates: [],
      passes: [{ lifts: ['approvals'], usedAt: expect.any(String) }],
    });
    await world.stop();
  });
});
