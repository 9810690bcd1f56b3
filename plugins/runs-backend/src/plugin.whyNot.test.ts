import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import { runReadPermission } from '@switchyard/backstage-plugin-runs-common';
import {
  createRunsTargetConditionalDecision,
  FactReading,
  runsFactsExtensionPoint,
  runsTargetConditions,
} from '@switchyard/backstage-plugin-runs-node';
import request from 'supertest';
import {
  ALLOW,
  anEntity,
  DENY,
  TestRunsBackend,
} from './tests/startRunsBackend';
import { createKind, createPlan, ENTITY_REF } from './tests/testKind';

jest.setTimeout(30_000);

const PATH = '/v1/entities/component/default/orders/why-not';
const STOREFRONT = 'group:default/storefront';
const entities = [
  anEntity(ENTITY_REF, { ownedBy: [STOREFRONT] }),
  anEntity(STOREFRONT, {
    hasMember: ['user:default/dana', 'user:default/omar'],
  }),
  ...['dana', 'omar', 'hal'].map(name =>
    anEntity(`user:default/${name}`, { memberOf: [STOREFRONT] }),
  ),
];

/** dana ships in development what storefront owns; omar does everything; hal may not see the component; nobody sees no runs. */
describe('why not, over HTTP', () => {
  let backend: TestRunsBackend;
  let facts: FactReading;

  beforeAll(async () => {
    backend = await TestRunsBackend.start({
      entities,
      kinds: [
        createKind({}),
        {
          ...createKind({ kind: 'calm' }),
          environments: () => ['production'],
          plan: async ({ environment }) =>
            createPlan({ kind: 'calm', environment }),
        },
      ],
      features: [
        createBackendModule({
          pluginId: 'runs',
          moduleId: 'checks',
          register(env) {
            env.registerInit({
              deps: { sources: runsFactsExtensionPoint },
              async init({ sources }) {
                sources.addSource({
                  id: 'checks',
                  actions: ['test'],
                  onlyFindings: true,
                  read: async () => facts,
                });
              },
            });
          },
        }),
      ],
      config: {
        runs: {
          worker: false,
          findings: [
            {
              match: { environments: ['production'] },
              severities: { error: 'block' },
            },
          ],
          approvals: [
            {
              name: 'one more',
              match: { environments: ['production'], actions: ['test'] },
              from: { groups: [STOREFRONT] },
            },
          ],
        },
      },
      decide: (name, permission) => {
        if (name === 'omar') return ALLOW;
        if (name === 'nobody') return DENY;
        if (permission.name === runReadPermission.name) return ALLOW;
        if (permission.name.startsWith('runs.lock.')) return DENY;
        return createRunsTargetConditionalDecision(permission as any, {
          allOf: [
            runsTargetConditions.isEntityOwner({ ownerRefs: [STOREFRONT] }),
            runsTargetConditions.isInEnvironment({
              environments: ['development'],
            }),
          ],
        });
      },
    });
    backend.hidden.set('hal', [ENTITY_REF]);
  });

  afterAll(async () => {
    await backend?.stop();
  });

  beforeEach(() => {
    facts = { state: 'read', asOf: '', facts: [] };
  });

  const as = (name: string) => backend.as(name);
  const whyNot = async (name: string, query = '') =>
    (await as(name).get(`${PATH}${query}`).expect(200)).body;
  const places = (items: any[]) =>
    items.map(
      ({ action, environment, allowed }) =>
        `${action} ${environment} ${allowed ? 'yes' : 'no'}`,
    );

  it('answers for all actions and environments as the state does, with what approval it takes', async () => {
    const { entityRef, items } = await whyNot('omar');
    expect(entityRef).toBe(ENTITY_REF);
    expect(places(items)).toEqual([
      'test production yes',
      'test development yes',
      'calm production yes',
      'lock production yes',
      'lock development yes',
    ]);
    expect(items[0].approvals).toMatchObject([
      { name: 'one more', missing: 1, from: [STOREFRONT] },
    ]);
    const state = await as('omar').get(PATH.replace('why-not', 'state'));
    expect(items).toEqual(state.body.actions);
  });

  it('answers for one action in one environment', async () => {
    const { items } = await whyNot(
      'dana',
      '?action=test&environment=production',
    );
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      action: 'test',
      environment: 'production',
      visible: true,
      allowed: false,
      blockers: [{ type: 'permission', ask: [STOREFRONT] }],
    });
    expect(
      places((await whyNot('dana', '?environment=development')).items),
    ).toEqual(['test development yes', 'lock development no']);
    expect(places((await whyNot('dana', '?action=lock')).items)).toEqual([
      'lock production no',
      'lock development no',
    ]);
  });

  it('tells of everything at once what, why, since, until and who can lift it', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body: lock } = await as('omar')
      .post('/v1/locks', {
        entityRef: ENTITY_REF,
        environment: 'production',
        reason: 'Stock-taking',
        expiresAt,
      })
      .expect(201);
    facts = {
      state: 'read',
      asOf: '',
      facts: [
        {
          type: 'finding',
          id: 'ZD04',
          severity: 'error',
          title: 'No readiness gate',
          what: 'Pods get traffic too early.',
          where: 'Deployment orders',
          since: '2026-01-01T10:00:00.000Z',
          url: '/preflight/ZD04',
        },
      ],
    };
    const query = '?action=test&environment=production';
    const [denied] = (await whyNot('dana', query)).items;
    expect(denied.blockers).toMatchObject([
      { type: 'permission', what: 'Not permitted' },
      {
        type: 'lock',
        what: 'Locked',
        why: 'Locked by omar: Stock-taking',
        since: lock.createdAt,
        until: expiresAt,
        liftedBy: ['user:default/omar'],
      },
      {
        type: 'finding',
        what: 'No readiness gate',
        since: '2026-01-01T10:00:00.000Z',
        ask: [STOREFRONT],
        url: '/preflight/ZD04',
      },
    ]);
    // The lock is omar's own; the finding is not.
    const [own] = (await whyNot('omar', query)).items;
    expect(own.blockers.map((each: any) => each.type)).toEqual(['finding']);
    expect(own.warnings).toMatchObject([{ what: 'Locked by you' }]);
    // What only warns in development, and a check that is down.
    const [there] = (
      await whyNot('omar', '?action=test&environment=development')
    ).items;
    expect(there).toMatchObject({
      allowed: true,
      warnings: [{ what: 'No readiness gate' }],
    });
    facts = { state: 'not-readable', why: 'It is down.' };
    expect((await whyNot('omar', query)).items[0].blockers).toMatchObject([
      { type: 'source-not-readable', why: 'It is down.' },
    ]);
    await as('omar').post(`/v1/locks/${lock.id}/release`).expect(200);
  });

  it('says before a component is known on which one may do what', async () => {
    const rights = async (name: string, query = '') =>
      (await as(name).get(`/v1/why-not${query}`).expect(200)).body.items.map(
        ({ action, environment, on, ownedBy }: any) =>
          [action, environment, on, ...ownedBy].join(' '),
      );
    expect(await rights('omar')).toEqual([
      'test production every',
      'test development every',
      'calm production every',
      'calm development every',
      'lock production every',
      'lock development every',
    ]);
    expect(await rights('dana')).toEqual([
      'test production none',
      `test development some ${STOREFRONT}`,
      'calm production none',
      `calm development some ${STOREFRONT}`,
      'lock production none',
      'lock development none',
    ]);
    const { body } = await as('dana').get(
      '/v1/why-not?action=test&environment=production',
    );
    expect(body.items).toMatchObject([
      {
        title: 'Try',
        approvals: [
          {
            name: 'one more',
            needed: 1,
            from: [STOREFRONT],
            owners: false,
            always: true,
          },
        ],
      },
    ]);
    await as('nobody').get('/v1/why-not').expect(403);
    for (const query of ['action=dance', 'environment=moon', 'x=1'])
      await as('omar').get(`/v1/why-not?${query}`).expect(400);
  });

  it('does not answer again what has not changed', async () => {
    const first = await as('omar').get(PATH).expect(200);
    const again = await as('omar')
      .get(PATH)
      .set('If-None-Match', first.headers.etag);
    expect(again.status).toBe(304);
  });

  it('begins with what one may see', async () => {
    expect((await as('hal').get(PATH)).status).toBe(404);
    await as('hal').get(`${PATH}?action=dance`).expect(404);
    await as('nobody').get(PATH).expect(403);
    await request(backend.server)
      .get(`/api/runs${PATH}`)
      .set('Authorization', mockCredentials.none.header())
      .expect(401);
  });

  it.each([
    ['?action=dance', "action: there is no action 'dance'"],
    [
      '?environment=moon',
      "environment: 'moon' is none of production, development",
    ],
    [
      '?action=calm&environment=development',
      "environment: 'development' is none of production",
    ],
    ['?action=', 'action'],
    ['?actoin=test', 'actoin'],
  ])('refuses %s and says what would be right', async (query, message) => {
    const answer = await as('omar').get(`${PATH}${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(message);
  });
});
