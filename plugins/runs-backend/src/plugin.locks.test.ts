import { LockRequest } from '@switchyard/backstage-plugin-runs-common';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { mockCredentials } from '@backstage/backend-test-utils';
import { callAs } from './tests/callAs';
import { SHOP, startLockWorld } from './tests/startLockWorld';
import { ENTITY_REF } from './tests/testKind';

jest.setTimeout(30_000);

const DAY_MS = 24 * 3_600_000;

describe('locks, warnings and freezes over HTTP', () => {
  let world: Awaited<ReturnType<typeof startLockWorld>>;
  let set: Array<{ id: string; by: string }> = [];

  const as = (name: string) => callAs(world.backend, name);

  beforeAll(async () => {
    world = await startLockWorld({
      runs: {
        locks: {
          expiry: [
            {
              match: { environments: ['production'], kinds: ['lock'] },
              default: { hours: 24 },
              longest: { days: 7 },
            },
          ],
        },
      },
    });
  });
  afterAll(async () => world?.stop());
  afterEach(async () => {
    for (const { id, by } of set)
      await as(by).post(`/v1/locks/${id}/release`).expect(200);
    set = [];
  });

  const lock = async (by: string, body: Partial<LockRequest>) => {
    const answer = await as(by).post('/v1/locks', {
      reason: 'Stock-taking',
      ...body,
    });
    if (answer.status === 201) set.push({ id: answer.body.id, by });
    return answer;
  };
  const verdictIn = async (environment: string, name = 'orders') => {
    const { body } = await as('dana')
      .get(`/v1/entities/component/default/${name}/state`)
      .expect(200);
    const { blockers, warnings } = body.actions.find(
      (action: any) =>
        action.action === 'test' && action.environment === environment,
    );
    return { blockers, warnings, locks: body.locks };
  };
  const ask = async (by: string) => {
    const wish = {
      action: 'test',
      entityRef: ENTITY_REF,
      environment: 'production',
      input: { version: 'v2' },
    };
    const preview = await as(by).post('/v1/previews', wish).expect(200);
    return request(world.backend.server)
      .post('/api/runs/v1/runs')
      .set({
        Authorization: mockCredentials.user.header(`user:default/${by}`),
        'Idempotency-Key': randomUUID(),
      })
      .send({ ...wish, reason: 'r', planHash: preview.body.planHash });
  };

  it.each<[Partial<LockRequest>, string]>([
    [{ scope: 'platform' }, 'everything'],
    [{ scope: 'environment', environment: 'production' }, 'all of production'],
    [{ scope: 'cluster', cluster: 'blue' }, 'all on cluster blue'],
    [
      { scope: 'system', entityRef: SHOP, environment: 'production' },
      'all of system:default/shop in production',
    ],
  ])('a freeze of %j forbids what it binds', async (place, words) => {
    const created = await lock('omar', { ...place, kind: 'freeze' });
    expect(created.status).toBe(201);
    const { blockers, locks } = await verdictIn('production');
    expect(blockers).toMatchObject([
      {
        type: 'freeze',
        why: `Frozen by omar: Stock-taking (${words})`,
        liftedBy: ['user:default/omar'],
        ref: created.body.id,
      },
    ]);
    expect(locks).toMatchObject([{ id: created.body.id, kind: 'freeze' }]);
    const refused = await ask('dana');
    expect(refused.status).toBe(409);
    expect(refused.body.error.blockers).toMatchObject([{ type: 'freeze' }]);
    // Not even who froze it may go on: a freeze binds its holder too, where it does not say otherwise.
    expect((await ask('omar')).status).toBe(409);
  });

  it.each<Partial<LockRequest>>([
    { scope: 'environment', environment: 'development' },
    { scope: 'cluster', cluster: 'green' },
  ])('a freeze of %j forbids nothing elsewhere', async place => {
    await lock('omar', { ...place, kind: 'freeze' });
    expect((await verdictIn('production')).blockers).toEqual([]);
    expect((await ask('dana')).status).toBe(201);
  });

  it('binds what deploys the same target as a component of the system', async () => {
    world.share('component:default/orders');
    await lock('omar', { scope: 'system', entityRef: SHOP, kind: 'freeze' });
    expect((await verdictIn('production', 'search')).blockers).toMatchObject([
      {
        type: 'freeze',
        why: 'Frozen by omar: Stock-taking (on system:default/shop, which also deploys Application argocd/shop)',
      },
    ]);
    world.share(undefined);
    expect((await verdictIn('production', 'search')).blockers).toEqual([]);
  });

  it('leaves alone what is no part of the system', async () => {
    await lock('omar', { scope: 'system', entityRef: SHOP, kind: 'freeze' });
    expect((await verdictIn('production', 'search')).blockers).toEqual([]);
    expect((await verdictIn('development')).blockers).toHaveLength(1);
  });

  it('shows a warning before the confirmation, and lets the run be asked for', async () => {
    await lock('omar', { scope: 'platform', kind: 'warning', reason: 'Sale' });
    const { warnings, blockers } = await verdictIn('production');
    expect(blockers).toEqual([]);
    expect(warnings).toContainEqual(
      expect.objectContaining({ why: 'Warning by omar: Sale (everything)' }),
    );
    expect((await ask('dana')).status).toBe(201);
  });

  it('binds from its start on', async () => {
    const startsAt = new Date(Date.now() + 1_500).toISOString();
    const { body } = await lock('omar', { scope: 'platform', startsAt });
    expect(body).toMatchObject({ binds: false, startsAt });
    const before = await verdictIn('production');
    expect([before.blockers, before.locks]).toMatchObject([
      [],
      [{ id: body.id, binds: false }],
    ]);
    await new Promise(resolve => setTimeout(resolve, 1_700));
    expect((await verdictIn('production')).blockers).toMatchObject([
      { type: 'lock', since: startsAt },
    ]);
  });

  it('ends as the policy says where its author says nothing', async () => {
    const { body } = await lock('omar', {
      entityRef: ENTITY_REF,
      environment: 'production',
    });
    expect(
      Math.abs(Date.parse(body.expiresAt) - Date.now() - DAY_MS),
    ).toBeLessThan(60_000);
    const elsewhere = await lock('omar', {
      entityRef: ENTITY_REF,
      environment: 'development',
    });
    expect(elsewhere.body.expiresAt).toBeUndefined();
    const never = await lock('omar', {
      entityRef: ENTITY_REF,
      expiresAt: null,
    });
    expect([never.status, never.body.error.message]).toEqual([
      400,
      expect.stringMatching(/^expiresAt: a lock may hold until/),
    ]);
  });

  it.each<[object, RegExp]>([
    [{ scope: 'system' }, /is required for scope system.*entityRef/s],
    [{ scope: 'environment' }, /is required for scope environment/],
    [{ scope: 'cluster' }, /is required for scope cluster/],
    [{ scope: 'platform', entityRef: SHOP }, /makes no sense/],
    [{ scope: 'moon' }, /must be one of platform/],
    [{ scope: 'platform', kind: 'ban' }, /must be one of lock/],
    [{ scope: 'cluster', cluster: 'bleu' }, /'bleu' is none of blue, green/],
    [{ scope: 'system', entityRef: ENTITY_REF }, /is a component/],
    [{ entityRef: SHOP }, /give scope system/],
    [{ scope: 'environment', environment: 'moon' }, /none of production/],
    [{ scope: 'platform', incident: 'ftp://x' }, /must be an address/],
    [{ scope: 'platform', reason: ' ' }, /must not be empty/],
    [
      {
        scope: 'platform',
        startsAt: '2099-01-02T00:00:00Z',
        expiresAt: '2099-01-01T00:00:00Z',
      },
      /after startsAt/,
    ],
  ])('refuses %j, and says what would be right', async (body, message) => {
    const answer = await lock('omar', body as Partial<LockRequest>);
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      expect.stringMatching(message),
    ]);
  });

  it('lets nobody freeze the platform who may only lock what is theirs', async () => {
    for (const place of [
      { scope: 'platform' },
      { scope: 'environment', environment: 'production' },
      { scope: 'cluster', cluster: 'blue' },
    ] as const)
      expect((await lock('dana', place)).status).toBe(403);
    expect((await lock('ravi', { entityRef: ENTITY_REF })).status).toBe(403);
    expect(
      (await lock('dana', { scope: 'system', entityRef: SHOP })).status,
    ).toBe(201);
    const { body } = await lock('omar', { scope: 'platform' });
    const refused = await as('dana').post(`/v1/locks/${body.id}/release`, {
      reason: 'r',
    });
    expect([refused.status, refused.body.error.message]).toEqual([
      403,
      'You may not set or release locks of all of production.',
    ]);
  });

  it('is found by what people look for, as far as they see what it is on', async () => {
    const wide = await lock('omar', { scope: 'platform', kind: 'freeze' });
    const narrow = await lock('dana', { scope: 'system', entityRef: SHOP });
    const list = async (by: string, query: string) =>
      (await as(by).get(`/v1/locks${query}`).expect(200)).body.items.map(
        (each: any) => each.id,
      );
    const [a, b] = [wide.body.id, narrow.body.id];
    expect(await list('dana', '')).toEqual([b, a]);
    expect(await list('hal', '')).toEqual([a]);
    expect(await list('dana', '?kind=freeze')).toEqual([a]);
    expect(await list('dana', '?scope=system')).toEqual([b]);
    expect(await list('dana', '?holder=user:default/dana')).toEqual([b]);
    expect(await list('dana', `?entityRef=${ENTITY_REF}`)).toEqual([a, b]);
    expect(await list('dana', `?entityRef=${ENTITY_REF}&kind=lock`)).toEqual([
      b,
    ]);
    // Who sees a component is told what binds it.
    expect(await list('hal', `?entityRef=${ENTITY_REF}`)).toEqual([a, b]);
    expect((await as('dana').get('/v1/locks?scope=moon')).status).toBe(400);
  });

  it('leaves a trail of locks on no entity too, for who may see it', async () => {
    const { body } = await lock('omar', { scope: 'cluster', cluster: 'blue' });
    await as('omar')
      .post(`/v1/locks/${body.id}/transfer`, { to: 'user:default/inge' })
      .expect(200);
    await as('inge').post(`/v1/locks/${body.id}/release`).expect(200);
    set = [];
    const { body: trail } = await as('dana').get('/v1/audit').expect(200);
    expect(trail.items.slice(0, 3)).toMatchObject([
      { event: 'lock-release', actor: 'user:default/inge', after: 'released' },
      {
        event: 'lock-change',
        actor: 'user:default/omar',
        after: 'held_by user:default/inge',
      },
      {
        event: 'lock-set',
        actor: 'user:default/omar',
        what: 'Lock of cluster blue',
      },
    ]);
  });

  it('says what a lock may be set on', async () => {
    const { body } = await as('dana').get('/v1/lock-places').expect(200);
    expect(body).toEqual({
      environments: ['production', 'development'],
      clusters: ['blue', 'green'],
      scopes: ['component', 'system'],
      channel: expect.stringMatching(/^runs:/),
    });
    const scopesOf = async (name: string) =>
      (await as(name).get('/v1/lock-places').expect(200)).body.scopes;
    expect(await scopesOf('omar')).toContain('platform');
    expect(await scopesOf('ravi')).toEqual([]);
  });

  it('takes a reason of who releases what somebody else holds', async () => {
    const { body } = await lock('omar', { entityRef: ENTITY_REF });
    const silent = await as('inge').post(`/v1/locks/${body.id}/release`);
    expect([silent.status, silent.body.error.message]).toEqual([
      400,
      'reason: say why you release what somebody else has locked',
    ]);
    await as('inge')
      .post(`/v1/locks/${body.id}/release`, { reason: 'Omar is away' })
      .expect(200);
    set = [];
    expect(world.audited.at(-1)).toMatchObject({
      eventId: 'lock-release',
      meta: {
        actionType: 'release',
        scope: 'component',
        entityRef: ENTITY_REF,
        holder: 'user:default/omar',
        releaseReason: 'Omar is away',
      },
    });
  });

  describe('with a schedule', () => {
    const always = {
      mode: 'deny' as const,
      rule: 'FREQ=DAILY',
      start: '2026-01-01T00:00',
      durationMinutes: 24 * 60,
      timeZone: 'Europe/Berlin',
    };
    const HOUR_MS = 3_600_000;
    /** Wall time of UTC so many hours from now, to the minute. */
    const wall = (hours: number) =>
      new Date(Date.now() + hours * HOUR_MS).toISOString().slice(0, 16);
    const freeze = (schedule: object) =>
      lock('omar', {
        scope: 'environment',
        environment: 'production',
        kind: 'freeze',
        schedule: { ...always, timeZone: 'UTC', ...schedule },
      });

    it('forbids within its windows, and says until when', async () => {
      const start = wall(-1);
      const { body } = await freeze({ start, durationMinutes: 120 });
      const until = new Date(
        Date.parse(`${start}Z`) + 2 * HOUR_MS,
      ).toISOString();
      expect(body).toMatchObject({
        binds: true,
        nextEnd: until,
        schedule: { rule: 'FREQ=DAILY' },
      });
      const { blockers } = await verdictIn('production');
      expect(blockers).toMatchObject([{ type: 'freeze', until, ref: body.id }]);
      expect((await ask('dana')).status).toBe(409);
      expect((await verdictIn('development')).blockers).toEqual([]);
      const { body: state } = await as('dana').get(
        '/v1/entities/component/default/orders/state',
      );
      expect(state.windows).toEqual([
        {
          environment: 'production',
          closed: true,
          reason: 'Stock-taking',
          nextOpen: until,
          nextClose: expect.any(String),
          nextCloseReason: 'Stock-taking',
        },
        { environment: 'development', closed: false },
      ]);
    });

    it('says what is coming, and forbids nothing before', async () => {
      const start = wall(2);
      await freeze({ start, durationMinutes: 60 });
      expect((await verdictIn('production')).blockers).toEqual([]);
      const { body } = await as('dana').get(
        '/v1/entities/component/default/orders/state',
      );
      expect(body.windows[0]).toMatchObject({
        closed: false,
        nextClose: `${start}:00.000Z`,
      });
      expect((await ask('dana')).status).toBe(201);
    });

    it('closes what is outside of its open times', async () => {
      const start = wall(2);
      await freeze({ mode: 'allow', start, durationMinutes: 60 });
      expect((await verdictIn('production')).blockers).toMatchObject([
        { type: 'freeze', until: `${start}:00.000Z` },
      ]);
      // Open times of another one count too.
      await freeze({ mode: 'allow', start: wall(-1), durationMinutes: 120 });
      expect((await verdictIn('production')).blockers).toEqual([]);
      // Closed comes first.
      await freeze({ start: wall(-1), durationMinutes: 120 });
      expect((await verdictIn('production')).blockers).toHaveLength(1);
    });

    it.each<[object, RegExp]>([
      [{ rule: 'FREQ=HOURLY' }, /daily, weekly.*schedule\.rule/s],
      [{ timeZone: 'Mars/Base' }, /must be a time zone/],
      [{ start: 'now' }, /must be a local time/],
      [{ durationMinutes: 0 }, /schedule\.durationMinutes/],
      [{ mode: 'maybe' }, /must be deny or allow/],
    ])('refuses %j', async (schedule, message) => {
      const answer = await freeze(schedule);
      expect([answer.status, answer.body.error.message]).toEqual([
        400,
        expect.stringMatching(message),
      ]);
    });

    it('is for freezes only', async () => {
      const answer = await lock('omar', {
        scope: 'platform',
        schedule: always,
      });
      expect([answer.status, answer.body.error.message]).toEqual([
        400,
        expect.stringMatching(/for kind freeze only/),
      ]);
    });
  });

  describe('what is done to a lock', () => {
    const later = (hours: number) =>
      new Date(Date.now() + hours * 3_600_000).toISOString();
    const last = () => world.audited.at(-1);

    it('its holder extends it, within the policy', async () => {
      const { body } = await lock('omar', {
        entityRef: ENTITY_REF,
        environment: 'production',
        expiresAt: later(1),
      });
      const expiresAt = later(48);
      const answer = await as('omar').post(`/v1/locks/${body.id}/extend`, {
        expiresAt,
      });
      expect([answer.status, answer.body]).toMatchObject([
        200,
        { id: body.id, expiresAt },
      ]);
      expect(last()).toMatchObject({
        eventId: 'lock-extend',
        meta: {
          actionType: 'extend',
          before: { expiresAt: body.expiresAt },
          after: { expiresAt },
        },
      });
      expect((await verdictIn('production')).locks).toMatchObject([
        { expiresAt },
      ]);
      for (const wrong of [later(24 * 8), null, later(-1), 'soon'])
        expect(
          (
            await as('omar').post(`/v1/locks/${body.id}/extend`, {
              expiresAt: wrong,
            })
          ).status,
        ).toBe(400);
    });

    it('somebody else may with the right and a reason, and is told what is missing', async () => {
      const { body } = await lock('omar', { entityRef: ENTITY_REF });
      const expiresAt = later(2);
      const extend = (by: string, more = {}) =>
        as(by).post(`/v1/locks/${body.id}/extend`, { expiresAt, ...more });
      expect((await extend('ravi', { reason: 'r' })).status).toBe(403);
      const silent = await extend('dana');
      expect([silent.status, silent.body.error.message]).toEqual([
        400,
        'reason: say why you extend what somebody else has locked',
      ]);
      expect((await extend('dana', { reason: 'Not done yet' })).status).toBe(
        200,
      );
      expect(last()?.meta).toMatchObject({ changeReason: 'Not done yet' });
    });

    it('is handed on to somebody whom the catalog knows, who may deploy then', async () => {
      const { body } = await lock('omar', { entityRef: ENTITY_REF });
      const transfer = (by: string, to: string, more = {}) =>
        as(by).post(`/v1/locks/${body.id}/transfer`, { to, ...more });
      for (const to of ['user:default/nemo', SHOP])
        expect((await transfer('omar', to)).body.error.message).toBe(
          `to: there is no user ${to} in the catalog`,
        );
      expect((await transfer('ravi', 'user:default/ravi')).status).toBe(403);
      expect((await ask('dana')).status).toBe(409);
      const answer = await transfer('omar', 'user:default/dana');
      expect([answer.status, answer.body]).toMatchObject([
        200,
        { holder: 'user:default/dana', createdBy: 'user:default/omar' },
      ]);
      expect(last()).toMatchObject({
        eventId: 'lock-transfer',
        meta: {
          before: { holder: 'user:default/omar' },
          after: { holder: 'user:default/dana' },
        },
      });
      set = [{ id: body.id, by: 'dana' }];
      expect((await ask('dana')).status).toBe(201);
      expect((await ask('omar')).status).toBe(409);
    });

    it('ends for good: nothing is done to what was released', async () => {
      const { body } = await lock('omar', { entityRef: ENTITY_REF });
      await as('omar').post(`/v1/locks/${body.id}/release`).expect(200);
      set = [];
      expect(
        (
          await as('omar').post(`/v1/locks/${body.id}/extend`, {
            expiresAt: later(1),
          })
        ).status,
      ).toBe(404);
      expect(
        (
          await as('omar').post(`/v1/locks/${body.id}/transfer`, {
            to: 'user:default/dana',
          })
        ).status,
      ).toBe(404);
    });
  });
});
