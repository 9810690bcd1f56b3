import {
  lockCreatePermission,
  runCreatePermission,
} from '@switchyard/backstage-plugin-runs-common';
import {
  childRunsStep,
  createRunsTargetConditionalDecision,
  runsTargetConditions,
} from '@switchyard/backstage-plugin-runs-node';
import { ALLOW, anEntity, TestRunsBackend } from './tests/startRunsBackend';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  until,
} from './tests/testKind';

jest.setTimeout(60_000);

const SYSTEM = 'system:default/storefront';
const ORDERS = 'component:default/orders';
const PAYMENTS = 'component:default/payments';
const STOREFRONT = 'group:default/storefront';
const PLATFORM = 'group:default/platform';
const [STEP] = createPlan().steps;
/** Its runs need one key, and do not end by themselves. */
const SLOW = 'v-slow';

describe('runs that ask for others, over HTTP', () => {
  let backend: TestRunsBackend;
  const slow = createGate();

  beforeAll(async () => {
    const childOf = (name: string, version: string) => ({
      id: name,
      input: { version },
      plan: createPlan({
        kind: 'test',
        entityRef: `component:default/${name}`,
        title: `Ship ${name}`,
        intent: { version },
        keys: [version === SLOW ? 'the one key' : `target:${name}`],
      }),
    });
    backend = await TestRunsBackend.start({
      entities: [
        anEntity(SYSTEM, { ownedBy: [STOREFRONT] }),
        anEntity(ORDERS, { ownedBy: [STOREFRONT], partOf: [SYSTEM] }),
        anEntity(PAYMENTS, { ownedBy: ['group:default/money'] }),
        anEntity('user:default/dana', { memberOf: [STOREFRONT] }),
        anEntity('user:default/omar', { memberOf: [STOREFRONT] }),
        anEntity('user:default/inge', { memberOf: [PLATFORM] }),
        anEntity(STOREFRONT),
        anEntity(PLATFORM, { hasMember: ['user:default/inge'] }),
      ],
      kinds: [
        createKind({
          handlers: {
            work: doing(({ run }) =>
              run.intent.version === SLOW ? slow.promise : undefined,
            ),
          },
        }),
        createKind({
          kind: 'many',
          handlers: { wave: childRunsStep },
          plan: version =>
            createPlan({
              kind: 'many',
              entityRef: SYSTEM,
              title: 'Release both',
              intent: { version },
              keys: [],
              children: ['orders', 'payments'].map(name =>
                childOf(name, version),
              ),
              steps: [
                {
                  ...STEP,
                  id: 'wave',
                  title: 'Both',
                  handler: 'wave',
                  input: { children: ['orders', 'payments'] },
                },
              ],
            }),
        }),
      ],
      config: {
        runs: {
          approvals: [
            {
              name: 'payments in production',
              match: {
                environments: ['production'],
                actions: ['test'],
                owners: ['group:default/money'],
              },
              from: { groups: [PLATFORM] },
            },
          ],
        },
      },
      decide: (name, permission) => {
        // omar may do what he likes with what is his.
        if (
          name !== 'omar' ||
          (permission.name !== runCreatePermission.name &&
            permission.name !== lockCreatePermission.name)
        )
          return ALLOW;
        return createRunsTargetConditionalDecision(
          permission as any,
          runsTargetConditions.isEntityOwner({ ownerRefs: [STOREFRONT] }),
        );
      },
    });
    backend.hidden.set('eve', [PAYMENTS]);
  });

  afterAll(async () => {
    await backend?.stop();
  });

  const wish = (version: string) => ({
    action: 'many',
    entityRef: SYSTEM,
    environment: 'production',
    input: { version },
  });
  const preview = async (name: string, version: string) =>
    (await backend.as(name).post('/v1/previews', wish(version)).expect(200))
      .body;
  const ask = (name: string, version: string, planHash: string) =>
    backend
      .as(name)
      .post('/v1/runs', { ...wish(version), reason: 'It is time', planHash })
      .set('Idempotency-Key', `many-${name}-${version}`);

  it('are asked for by nobody who may not ask for each of them', async () => {
    const { planHash, verdict, children } = await preview('omar', 'v1');
    expect(verdict).toMatchObject({
      allowed: false,
      blockers: [{ type: 'permission', what: 'payments: Not permitted' }],
    });
    expect(children).toMatchObject([
      { id: 'orders', verdict: { allowed: true } },
      { id: 'payments', verdict: { allowed: false } },
    ]);
    const { body } = await ask('omar', 'v1', planHash).expect(403);
    expect(body.error.message).toContain('payments: ');
  });

  it('say what stands in the way of each, and ask for nothing then', async () => {
    const { body: lock } = await backend
      .as('dana')
      .post('/v1/locks', {
        entityRef: PAYMENTS,
        environment: 'production',
        reason: 'Quarter end',
      })
      .expect(201);
    const { planHash, verdict } = await preview('omar', 'v2');
    expect(verdict.blockers).toContainEqual(
      expect.objectContaining({ type: 'lock', what: 'payments: Locked' }),
    );
    // Whoever set the lock may; others may not.
    expect((await preview('inge', 'v2')).verdict.allowed).toBe(false);
    await ask('inge', 'v2', planHash).expect(409);
    await backend
      .as('dana')
      .post(`/v1/locks/${lock.id}/release`, {})
      .expect(200);
  });

  it('wait for what one of them needs, are agreed to once, and are shown with their parent', async () => {
    const { planHash, verdict } = await preview('dana', 'v3');
    expect(verdict).toMatchObject({
      allowed: true,
      approvals: [{ name: 'payments in production', missing: 1 }],
    });
    const { body: asked } = await ask('dana', 'v3', planHash).expect(201);
    const before = await backend.reaches(asked.id, 'waiting');
    expect(before).toMatchObject({
      waiting: { reason: 'gate' },
      children: [
        { id: 'orders', entityRef: ORDERS, title: 'Ship orders' },
        { id: 'payments' },
      ],
    });
    expect(before.children[0].run).toBeUndefined();
    // The same request again makes no second run.
    await ask('dana', 'v3', planHash).expect(200);

    await backend
      .as('inge')
      .post(`/v1/gates/${before.gates[0].id}/approve`, { planHash })
      .expect(200);
    const run = await backend.reaches(asked.id, 'succeeded');
    expect(run.children).toMatchObject([
      { run: { status: 'succeeded', requestedBy: 'user:default/dana' } },
      { run: { status: 'succeeded', reason: 'It is time' } },
    ]);
    const payments = await backend.read(run.children[1].run.id);
    expect(payments).toMatchObject({
      parent: { id: run.id, number: run.number, title: 'Release both' },
      children: [],
      gates: [
        {
          status: 'open',
          approval: {
            given: [{ by: 'user:default/inge', reusedFrom: run.number }],
          },
        },
      ],
    });
    // Of what eve may not see not even the title is told.
    const forEve = await backend.read(asked.id, 'eve');
    expect(forEve.children[1]).toEqual({ id: 'payments' });
    expect(forEve.children[0].run).toMatchObject({ status: 'succeeded' });
  });

  it('end with their parent where they have not begun', async () => {
    const { planHash } = await preview('dana', SLOW);
    const { body: asked } = await ask('dana', SLOW, planHash).expect(201);
    const waiting = await backend.reaches(asked.id, 'waiting');
    await backend
      .as('inge')
      .post(`/v1/gates/${waiting.gates[0].id}/approve`, { planHash })
      .expect(200);
    const statuses = async () =>
      (await backend.read(asked.id)).children.map(
        ({ run }: any) => run?.status,
      );
    // Both need one key: the second stands behind the first.
    await until(async () => (await statuses()).join() === 'running,waiting');
    await until(
      async () => (await backend.read(asked.id)).waiting?.reason === 'children',
    );
    expect((await backend.read(asked.id)).waiting.message).toContain(
      'orders (#',
    );
    await backend
      .as('dana')
      .post(`/v1/runs/${asked.id}/cancel`, {})
      .expect(200);
    expect(await statuses()).toEqual(['running', 'cancelled']);
    slow.open();
    await until(async () => (await statuses())[0] === 'succeeded');
    expect((await backend.read(asked.id)).status).toBe('cancelled');
  });
});
